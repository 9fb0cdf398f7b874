#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "scaleplan/fit/predictor.hpp"

namespace scaleplan::fit {

/// A run that could be done: size as the law counts it, tokens, FLOP.
struct RunPoint {
  std::string name;  ///< id, or empty
  double size = 0;
  double tokens = 0;
  double compute = 0;
};

/// What further runs are to make sure: the compute-optimal size at the target, or the least loss there.
enum class Criterion { size, loss };
std::string_view criterion_name(Criterion criterion);

/// Standard deviations of ln N* and of ln L* at the target.
struct Doubt {
  double ln_size = 0;
  double ln_loss = 0;
};

/// One run of a design, in the order of purchase.
struct Pick {
  std::size_t run = 0;  ///< index of the candidate
  double gain = 0;      ///< in the criterion, given the picks before; see ExperimentDesign
  Doubt after;          ///< expected once this run and those before are done
};

/// Size: runs chosen one by one, each with the largest gain per FLOP among those that the rest of the budget
/// pays. Loss: the runs that together leave least doubt for the budget, the most telling first.
struct ExperimentDesign {
  Criterion criterion = Criterion::size;
  std::vector<Pick> picks;
  double spent = 0;  ///< FLOP
};

struct ExperimentOptions {
  double target = 0;                                        ///< FLOP at which the plan divides its compute
  double budget = 0;                                        ///< FLOP of all runs together
  std::size_t most_runs = 0;                                ///< 0: as many as the budget pays
  double noise = std::numeric_limits<double>::quiet_NaN();  ///< relative, of one run; NaN: as the fit says
  std::uint64_t seed = 1;
};

/// What the runs behind a fit leave open, as normal distributions around its laws.
///
/// Size: D-optimal design for the first law's parameters (Fedorov 1972), one run at a time per FLOP: gain =
/// ln(1 + jᵀVj/s²), j the gradient of ln L, V the parameters' covariance (JᵀWJ/σ² and the law's priors for a
/// blend, the draws' own otherwise), s = σ·exp(min(excess, 1)/0.2) the noise of a run whose ln L lies
/// `excess` above the least at its FLOP. Loss: draws of every law of the fit; gain = cov(ln L_run, ln L*)² /
/// (var(ln L_run) + s²), the variance of ln L* at the target that the run removes in linear regression; the
/// set of runs with the largest sum of gains that a search from every first run finds.
/// `Doubt` is from the same draws. Valid near the data: nothing here knows of an error that all laws share.
class Experiment {
 public:
  /// Errors: laws that divide no budget, without rows and without draws; a single law whose noise nobody
  /// says.
  static Result<Experiment> build(const Predictor& predictor, const std::vector<RunPoint>& candidates,
                                  const ExperimentOptions& options);

  /// Gains per FLOP of each candidate before any purchase.
  [[nodiscard]] std::vector<double> gains(Criterion criterion) const;
  /// Size, with a limit on the number of runs: cheap runs are left out as long as that raises the sum of the
  /// gains.
  [[nodiscard]] ExperimentDesign choose(Criterion criterion) const;

  [[nodiscard]] Doubt before() const { return doubt_; }
  [[nodiscard]] double noise() const { return noise_; }
  /// N* at the target: geometric mean over the laws.
  [[nodiscard]] double target_size() const { return target_size_; }
  /// ln N of a candidate over ln N* at its FLOP, and its ln L over the least there, by the first law.
  [[nodiscard]] const std::vector<double>& offsets() const { return offset_; }
  [[nodiscard]] const std::vector<double>& excesses() const { return excess_; }

 private:
  ExperimentDesign greedy(Criterion criterion, double least_compute) const;
  ExperimentDesign done(Criterion criterion, const std::vector<std::size_t>& runs) const;

  std::vector<RunPoint> candidates_;
  ExperimentOptions options_;
  double noise_ = 0;
  double target_size_ = 0;
  Doubt doubt_;
  std::vector<double> offset_;
  std::vector<double> excess_;
  std::vector<double> sd_;                      ///< s of each candidate
  std::vector<std::vector<double>> gradients_;  ///< j of each candidate
  std::vector<double> covariance_;              ///< V, row-major
  std::vector<double> joint_;  ///< covariance over the draws of ln L of each candidate, ln N*, ln L*
};

/// N* at a budget by the laws of a predictor: geometric mean over those that have one, NaN if none has.
double mean_best_size(const Predictor& predictor, double compute);
/// Tokens that spend `compute` at `size`, and FLOP of both, in the first law's convention; NaN where it
/// divides no budget.
double tokens_for(const Predictor& predictor, double size, double compute);
double compute_of(const Predictor& predictor, double size, double tokens);

}  // namespace scaleplan::fit
