#pragma once

#include <cstddef>
#include <vector>

#include "scaleplan/fit/predictor.hpp"

namespace scaleplan::fit {

/// The least loss that a predictor expects of a compute.
struct BestLoss {
  double compute = 0;  ///< FLOP
  double loss = 0;
};

/// At `points` ≥ 2 computes from `range.low` to `range.high` in equal ratios, without those that have no best
/// size; empty when the law divides no budget.
std::vector<BestLoss> loss_path(const Predictor& predictor, laws::Range range, std::size_t points);

}  // namespace scaleplan::fit
