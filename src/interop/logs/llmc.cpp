#include "interop/logs/line_format.hpp"

namespace scaleplan::interop {

// s:250 trl:5.9841 lr:0.000214 norm:1.02 | s:250 tel:5.9903
bool read_llmc_line(LabelledNumbers& line) {
  if (!line.take("s:", "step")) {
    return false;
  }
  const bool trained = line.take("trl:", "train_loss");
  const bool evaluated = line.take("tel:", "eval_loss");
  line.take("lr:", "learning_rate");
  return trained || evaluated;
}

}  // namespace scaleplan::interop
