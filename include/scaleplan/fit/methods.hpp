#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "scaleplan/base/control.hpp"
#include "scaleplan/fit/isoflop.hpp"

namespace scaleplan::fit {

/// How a compute-optimal quantity grows: d ln x*/d ln C, and x* itself at the top of the data.
struct Growth {
  double exponent = std::numeric_limits<double>::quiet_NaN();
  Interval exponent_interval;
  double at_top = std::numeric_limits<double>::quiet_NaN();
  Interval at_top_interval;
};

/// One of the three classical ways to N*(C) and D*(C) (Hoffmann et al. 2022, arXiv:2203.15556, section 3).
/// They share rows but not assumptions, so a disagreement says that one of these fails.
struct MethodRecord {
  std::string method;  ///< "law", "isoflop" or "envelope"
  std::string reason;  ///< why it says nothing; empty when it does
  Growth size;
  Growth tokens;
  std::size_t points = 0;                ///< rows, minima, or budgets on the envelope
  std::size_t tried = 0;                 ///< rows, budgets or windows, budgets of the grid
  std::vector<RejectedBudget> rejected;  ///< of the parabolas
};

/// Whether the intervals of two methods for the exponent of N* do not even touch.
bool disagree(const MethodRecord& a, const MethodRecord& b);

}  // namespace scaleplan::fit
