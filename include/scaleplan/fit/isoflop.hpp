#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "scaleplan/base/control.hpp"

namespace scaleplan::fit {

/// Rows for allocation without a law: FLOP, size and ln L of each run.
struct AllocationRows {
  std::vector<double> compute;
  std::vector<double> size;
  std::vector<double> ln_loss;
};

/// The size of least loss at one budget, from a weighted parabola of ln L in ln N.
struct IsoflopMinimum {
  double compute = 0;  ///< FLOP of the budget, or geometric mean of the window
  double ln_size = 0;
  double se = 0;         ///< standard error of ln_size
  double curvature = 0;  ///< coefficient of (ln N)²
  std::size_t rows = 0;
};

struct RejectedBudget {
  double compute = 0;
  std::size_t rows = 0;
  std::string reason;
};

/// Minima in order of compute. `method`: "budgets" (rows share budgets to 3 %), or "windows" of half a decade
/// (the budgets scatter).
struct IsoflopMinima {
  std::string method;
  std::vector<IsoflopMinimum> minima;
  std::vector<RejectedBudget> rejected;
};

/// One parabola per budget: weights exp(-(ln L - least)/0.05), Huber reweighting. Refused: fewer than 4 rows,
/// a parabola that opens downward, a minimum outside or at the edge of the sizes.
IsoflopMinima isoflop_minima(const AllocationRows& rows);

/// ln N* at a budget with its standard deviation.
struct SizeEstimate {
  double ln_size = 0;
  double sd = 0;
};

/// Gaussian process through the minima whose slope d ln N*/d ln C is near one half and drifts: slope at the
/// last minimum N(0.5, 0.07²), drift of standard deviation 0.13 and correlation length 3 nats of compute.
/// Needs at least one minimum; with fewer than three the answer is driven by the prior.
class SlopeProcess {
 public:
  explicit SlopeProcess(std::vector<IsoflopMinimum> minima);
  [[nodiscard]] SizeEstimate at(double compute) const;
  /// Mean and covariance of ln N* at several budgets (row-major), for joint draws.
  void at(const std::vector<double>& computes, std::vector<double>& mean,
          std::vector<double>& covariance) const;

 private:
  [[nodiscard]] double prior_covariance(double u, double v) const;
  std::vector<IsoflopMinimum> minima_;
  std::vector<double> position_;  ///< ln C of the minima
  double centre_ = 0;
  double base_ = 0;
  std::vector<double> inverse_;  ///< of the minima's covariance, row-major
  std::vector<double> solved_;
};

/// ln N* = exponent·ln C + constant through the minima, weighted by 1/(se² + 0.03²): the classical second
/// method, with intervals at `level` (Student t would be wider for three or four minima; normal quantiles are
/// used).
struct PowerLaw {
  bool found = false;
  double exponent = 0;
  Interval exponent_interval;
  double constant = 0;
  double centre = 0;       ///< weighted mean of ln C
  double centre_sd = 0;    ///< of ln N* there
  double exponent_sd = 0;  ///< independent of it

  /// Standard deviation of ln N* on the line at ln C.
  [[nodiscard]] double sd_at(double ln_compute) const;
};
PowerLaw isoflop_power_law(const std::vector<IsoflopMinimum>& minima, double level);

}  // namespace scaleplan::fit
