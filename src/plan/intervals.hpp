#pragma once

#include <vector>

#include "plan/problem.hpp"
#include "scaleplan/plan/plan.hpp"

namespace scaleplan::plan {

/// The optimum of the continuous problem under one draw, all NaN where there is none.
struct DrawnOptimum {
  double size = 0;  ///< as the law counts it
  double params = 0;
  double active_params = 0;
  double tokens = 0;
  double loss = 0;
};

/// The continuous problem solved again under every draw.
std::vector<DrawnOptimum> solve_draws(const Problem& problem, const Control& control);

DecisionIntervals decision_intervals(const std::vector<DrawnOptimum>& draws, double level);

}  // namespace scaleplan::plan
