#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "scaleplan/fit/fit.hpp"
#include "scaleplan/fit/isoflop.hpp"

namespace scaleplan::fit {

/// One cut of the rolling-origin test inside the given rows: everything is refitted below it and judged
/// above.
struct RollingCut {
  double decades = 0;  ///< below the top compute
  std::size_t below = 0;
  std::size_t above = 0;
  double blend_error = 0;  ///< mean |ln residual| of the rows above
  double plain_error = 0;  ///< the same of the unweighted, unpenalised readable law
  double size_at_top =
      std::numeric_limits<double>::quiet_NaN();  ///< N* at the top compute from the rows below
};

/// What a member did in the test.
struct MemberRecord {
  std::string law;
  std::string window;    ///< "all" or "1 decade"
  std::size_t rows = 0;  ///< in its window
  double weight = 0;
  double weight_lost = 0;    ///< share of the rows' weight taken by fading starved arms
  double rolling_error = 0;  ///< geometric mean over the cuts; NaN without a valid cut
  double noise_ratio = 0;    ///< f of its surface
  double surface_scale = 0;  ///< s of its surface, in ln L
};

/// N* at one budget by three roads; sd is of ln N*.
struct SizeRecord {
  double compute = 0;
  std::vector<double> members;  ///< N* of each member's law, NaN where it has none
  double laws = 0;              ///< mean over the members, with their spread, the resampling of the plain law
  double laws_sd = 0;           ///<   and a drift of 0.10 per nat of compute beyond the data in its sd
  double minima = 0;            ///< isoFLOP minima with a drifting exponent; NaN with fewer than three minima
  double minima_sd = 0;
};

/// How the blend was chosen and how its intervals are scaled:
/// weight ∝ (rolling error + 0.001)^-8; half-width of ln L = Q·s,
/// s² = spread² + sd² + noise²·e^(min(excess,1)/0.2) + (0.0075·decades beyond)², where members count for
/// spread and sd by the root of their weight.
struct BlendRecord {
  std::vector<MemberRecord> members;
  std::vector<RollingCut> cuts;
  double noise = 0;
  double quantile = 2;       ///< Q at level 0.9
  std::size_t held_out = 0;  ///< rows behind Q; fewer than 5: Q is the default of 2
  IsoflopMinima minima;
  PowerLaw power_law;             ///< through the minima
  std::vector<SizeRecord> sizes;  ///< at the budgets asked for
};

/// Fit the laws of `laws` that have a blend section and whose inputs the rows give, over windows of compute,
/// and weigh them by rolling-origin error. The result's predictor is the blend; its readable part
/// (parameters, conditioning, verdict, starts) is the fit of `plain`, which must be one of them. Errors as
/// fit_law.
Result<LawFit> fit_blend(const laws::Law& plain, const std::vector<laws::Law>& laws, const runs::Table& table,
                         const Options& options, const Control& control);

}  // namespace scaleplan::fit
