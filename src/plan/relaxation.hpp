#pragma once

#include <map>
#include <string>

#include "plan/problem.hpp"

namespace scaleplan::plan {

/// The optimum of the continuous problem under one view.
struct Relaxed {
  enum class Outcome : std::uint8_t { found, infeasible, unbounded };
  Outcome outcome = Outcome::infeasible;
  AtSize at;           ///< the optimum, or the least violating point
  std::string reason;  ///< of `unbounded`
  std::map<std::string, double> per_log_limit;
  double kkt_residual = 0;
  bool converged = true;
  std::string method;
};

/// Size and tokens without prices: the law's own allocation where law FLOP are the only limit, else a scan
/// over ln(size), the tokens at each from the limits, and a bracketed minimum. `near`: a size that the
/// optimum is thought to lie within a factor of ten of (0: none); where it does not, every size is looked at.
Relaxed search_relaxation(const Problem& problem, const View& view, double near = 0);

/// The same, polished by NLopt over (ln size, ln tokens), with the multipliers of all limits.
Relaxed solve_relaxation(const Problem& problem, const View& view);

/// Sizes around the optimum whose objective stays within `within` (relative) of it.
std::pair<double, double> flat_sizes(const Problem& problem, const View& view, const AtSize& best,
                                     double within);

}  // namespace scaleplan::plan
