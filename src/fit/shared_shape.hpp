#pragma once

#include <vector>

#include "scaleplan/fit/isoflop.hpp"

namespace scaleplan::fit {

/// How ln L rises about the minimum of a budget, as the budgets of one set share it: curvature·x² + skew·x³
/// with x = ln N − ln N*, and the scatter of a run about it.
struct SharedShape {
  double curvature = 0;
  double skew = 0;
  double noise = 0;
  bool known = false;
};

/// One budget's own shape; `known` false where the rows do not give it.
using BudgetShape = SharedShape;
/// Medians over the last four; unknown with fewer than two.
SharedShape shared_shape(const std::vector<BudgetShape>& budgets);

/// The minimum of a budget of few runs under a shape that is known: mean and deviation of its profile
/// likelihood, over curvatures off by a factor of e^±0.5 and skewnesses off by ±0.3 of the curvature, as
/// budgets of real sets differ. Runs on one side of it make it less sure by a quarter of its distance from
/// their middle. `se` NaN: the runs do not say where it is. Precondition: two runs or more.
IsoflopMinimum minimum_of_few(const SharedShape& shape, const std::vector<double>& ln_sizes,
                              const std::vector<double>& ln_loss, const std::vector<double>& weights);

}  // namespace scaleplan::fit
