#pragma once

#include <limits>
#include <string>

#include "scaleplan/fit/predictor.hpp"

namespace scaleplan::fit {

/// Where the compute-optimal losses of two predictors are equal.
struct Crossover {
  bool found = false;
  std::string reason;  ///< why there is none
  double compute = 0;  ///< FLOP
  Interval interval;   ///< of `compute`; unknown without draws or where an end lies outside the range
  double loss = 0;     ///< of both there
  bool first_is_better = false;  ///< above the crossing; without one: over the whole range
  double share = std::numeric_limits<double>::quiet_NaN();  ///< of the pairs of draws that cross in the range
  double decades_outside = 0;                               ///< beyond the data of either
};

/// The crossing in [from, to] FLOP with the largest compute, and its interval over all pairs of draws at
/// `level`. The losses are comparable only if both predict the same text and tokeniser: the caller must
/// know. Errors: a predictor that divides no budget.
Result<Crossover> crossover(const Predictor& first, const Predictor& second, laws::Range range, double level,
                            const Control& control);

}  // namespace scaleplan::fit
