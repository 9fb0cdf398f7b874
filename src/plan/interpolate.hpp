#pragma once

#include <vector>

namespace scaleplan::plan {

struct Interpolated {
  double value = 0;
  double slope = 0;
};

/// Piecewise linear through (at, values), going on straight beyond the ends. `at` ascends.
Interpolated interpolate(const std::vector<double>& at, const std::vector<double>& values, double x);

}  // namespace scaleplan::plan
