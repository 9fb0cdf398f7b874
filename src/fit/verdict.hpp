#pragma once

#include "fit/multistart.hpp"
#include "fit/optimum.hpp"

namespace scaleplan::fit {

/// Sets the verdict and its reason; where the rows cannot determine the law at all its optima are
/// withheld.
/// `top`: the largest FLOP of the rows.
void judge(const Model& model, const Search& found, OptimumReport& optimum, double top, LawFit& fit);

/// Adds what a reader should be warned of.
void warn(const Model& model, const Options& options, LawFit& fit);

}  // namespace scaleplan::fit
