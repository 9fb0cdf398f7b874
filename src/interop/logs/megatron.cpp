#include "interop/logs/line_format.hpp"

namespace scaleplan::interop {

// iteration 200/ 9000 | consumed tokens: 52428800 | learning rate: 1E-04 | global batch size: 128 | lm loss:
// 7E+00 | valid loss at iteration 200 | lm loss value: 7.1E+00 | lm loss PPL: 1.2E+03 |
bool read_megatron_line(LabelledNumbers& line) {
  if (!line.take("iteration", "step")) {
    return false;
  }
  if (line.has("loss at iteration")) {
    return !line.has("test set") && line.take("lm loss value:", "eval_loss");
  }
  line.take_after_slash("planned_steps");
  line.take("consumed tokens:", "tokens");
  line.take("learning rate:", "learning_rate");
  line.take("global batch size:", "batch_sequences");
  return line.take("lm loss:", "train_loss");
}

}  // namespace scaleplan::interop
