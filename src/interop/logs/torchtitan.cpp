#include "interop/logs/line_format.hpp"

namespace scaleplan::interop {

// [titan] 2025-03-01 12:00:00,123 - root - INFO - step: 10  loss:  7.12345  grad_norm:  1.2345  memory:
// 40.00GiB(50.00%)  tps: 5,432  tflops: 300.10  mfu: 31.20%, in colours unless told otherwise
bool read_torchtitan_line(LabelledNumbers& line) {
  if (line.has("validate step:")) {
    return line.take("step:", "step") && line.take("loss:", "eval_loss");
  }
  return line.has("grad_norm:") && line.has("tps:") && line.take("step:", "step") &&
         line.take("loss:", "train_loss");
}

}  // namespace scaleplan::interop
