#pragma once

#include "fit/model.hpp"

namespace scaleplan::fit {

/// A point to descend from, and how many points of the law's grid it stands for.
struct Start {
  std::vector<double> theta;
  std::size_t times = 1;
};

/// Every combination of the parameters' start values. Parameters that enter the form linearly are first set
/// to their least-squares values given the others (variable projection, Golub & Pereyra 1973,
/// doi:10.1137/0710036; non-negative where they are fitted in the logarithm), so that combinations which
/// differ in these alone are one start.
std::vector<Start> start_grid(const Model& model, const Control& control);

/// Free parameters (positions in model.free) that enter the form linearly together.
std::vector<std::size_t> linear_parameters(const Model& model);

}  // namespace scaleplan::fit
