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
  double devices = 0;  ///< 0 without machines
};

/// A problem that takes part in the draws, with the devices that it runs on (0: none).
struct Contest {
  const Problem* problem = nullptr;
  double devices = 0;
};

/// The continuous problem solved again under every draw: the best of those that take part, which share a law.
std::vector<DrawnOptimum> solve_draws(const std::vector<Contest>& contest, const Control& control);

DecisionIntervals decision_intervals(const std::vector<DrawnOptimum>& draws, double level);

}  // namespace scaleplan::plan
