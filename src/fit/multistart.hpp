#pragma once

#include "fit/starts.hpp"

namespace scaleplan::fit {

/// The outcome of a search from every start.
struct Search {
  Starts starts;
  Descent best;               ///< polished; theta empty when the objective is finite at no start
  std::vector<Basin> optima;  ///< distinct stationary points seen, best first
};

/// Descend from every start. A first wave runs to its end and shows the basins there are; the rest end early
/// when they enter one; points of the grid that share a start have merged. Independent of the thread count.
Search search(const Model& model, const std::vector<Start>& starts, const Control& control);

}  // namespace scaleplan::fit
