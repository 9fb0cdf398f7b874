#pragma once

#include "scaleplan/fit/fit.hpp"
#include "scaleplan/fit/methods.hpp"

namespace scaleplan::fit {

/// N*, D*, D/N and loss at each budget, with intervals over the draws; and how N* and D* grow at `top`.
struct OptimumReport {
  std::vector<Optimum> at;
  MethodRecord growth;
  bool interior_at_top = false;  ///< the point fit has an interior optimum at the top of the data
  double found_share = 1;        ///< share of draws that have one there
  Interval size_at_top;
};

/// Why a law divides no budget, or empty; fills `fixed` with the values of its inputs but size and tokens.
std::string allocation_obstacle(const laws::Law& law, std::map<std::string, double>& fixed);

/// `predictor` has one member; `top` is the largest FLOP of the data. A law without size or tokens, or with
/// an input that nobody gave, yields entries that say so.
OptimumReport optimum_report(const Predictor& predictor, const std::vector<double>& budgets, double top,
                             double level, const Control& control);

}  // namespace scaleplan::fit
