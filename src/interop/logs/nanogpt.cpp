#include "interop/logs/line_format.hpp"

namespace scaleplan::interop {

// iter 100: loss 6.2341, time 135.20ms, mfu 40.1% | step 250: train loss 4.2210, val loss 4.2307
bool read_nanogpt_line(LabelledNumbers& line) {
  if (line.take("iter", "step")) {
    return line.take("loss", "train_loss");
  }
  // the training loss of such a line is an evaluation on training data, not that of a step
  return line.take("step", "step") && line.take("val loss", "eval_loss");
}

}  // namespace scaleplan::interop
