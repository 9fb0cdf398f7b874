#include "interop/logs/line_format.hpp"

namespace scaleplan::interop {

// step:125/1390 val_loss:4.3686 train_time:15634ms step_avg:135.95ms
bool read_modded_nanogpt_line(LabelledNumbers& line) {
  if (!line.take("step:", "step")) {
    return false;
  }
  line.take_after_slash("planned_steps");
  const bool trained = line.take("train_loss:", "train_loss");
  const bool evaluated = line.take("val_loss:", "eval_loss");
  return trained || evaluated;
}

}  // namespace scaleplan::interop
