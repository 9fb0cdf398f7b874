#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "scaleplan/fit/methods.hpp"
#include "scaleplan/fit/predictor.hpp"
#include "scaleplan/runs/table.hpp"

namespace scaleplan::fit {

/// How draws are made: `pairs` and `clusters` take rows or clusters with replacement, `wild` keeps the design
/// and flips the residuals of each cluster (Liu 1988, doi:10.1214/aos/1176351062; six-point weights of Webb
/// 2014 below 12 clusters). `automatic`: clusters where `cluster_by` is given or run ids repeat, else pairs.
enum class Resampling { automatic, pairs, clusters, wild };

/// `profile`: ends of the profile likelihood, scaled by the residuals (quasi-likelihood ratio). Quick,
/// without draws; it takes noise to be equal and independent, and covers too little where it is not.
enum class Uncertainty { bootstrap, profile };

struct Options {
  int bootstrap = 1000;  ///< resamples; 0: point fit only
  double level = 0.9;
  std::uint64_t seed = 1;
  Uncertainty uncertainty = Uncertainty::bootstrap;
  Resampling resampling = Resampling::automatic;
  std::string cluster_by;        ///< label or column whose equal values are resampled together
  double cluster_tolerance = 0;  ///< relative: numbers this close to the least of their cluster are equal
  bool equal_clusters = false;   ///< a cluster weighs as one observation, however many rows it has
  std::string weight;            ///< run column that weighs the rows; empty: all alike
  bool include_outliers = false;
  std::vector<double> at_flop;             ///< empty: top of the data's range × 1, 10, 100
  std::map<std::string, std::string> map;  ///< law input → run column, where not the default
  bool starts_from_data = false;           ///< few starts by the law's blend section instead of its grid
};

enum class Verdict { converged, near_tie, not_identified, at_bound };

/// Start points: `converged` ended at a stationary point by themselves, `merged` entered the basin of a
/// known one or met another start when linear parameters were eliminated (`distinct` are left then), `failed`
/// did neither. `agree`: how many of all are within 1e-6 relative of the best objective.
struct Starts {
  std::size_t given = 0;
  std::size_t distinct = 0;
  std::size_t converged = 0;
  std::size_t merged = 0;
  std::size_t failed = 0;
  std::size_t agree = 0;
};

struct Points {
  std::size_t read = 0;
  std::size_t used = 0;
  std::vector<runs::Dropped> dropped;
};

struct Estimate {
  double value = 0;
  Interval interval;
};

/// What a user wants to know at one budget. `found` false: no interior optimum, `reason` says why.
struct Optimum {
  double compute = 0;
  bool found = false;
  std::string reason;
  Estimate size;
  Estimate tokens;
  Estimate tokens_per_parameter;
  Estimate loss;
  double found_share = 1;          ///< share of draws that have an interior optimum
  laws::Range within_0_1_percent;  ///< sizes whose loss on the budget line is within 0.1 % of the best
  laws::Range within_0_5_percent;
  double decades_outside = 0;
};

/// How well the data determine the law (identifiability, Gauss–Newton JᵀJ of the residuals at the optimum).
struct Conditioning {
  double full = 0;                       ///< condition number in the working coordinates
  double scaled = 0;                     ///< columns scaled to length one
  double projected = 0;                  ///< reduced to the nonlinear parameters, linear ones eliminated
  std::vector<std::string> nonlinear;    ///< parameters of the reduced problem
  std::map<std::string, double> sloppy;  ///< eigenvector of the smallest eigenvalue, by parameter
  std::vector<double> eigenvalues;       ///< ascending
};

/// One row and what it does to the answer.
struct Influence {
  Place place;
  std::string run;
  double residual = 0;  ///< ln(model / observed), or the raw difference
};

/// What the rows can show, before any law.
struct Design {
  std::size_t sizes = 0;        ///< distinct sizes, 2 % apart
  std::size_t budgets = 0;      ///< distinct FLOP, 26 % (a tenth of a decade) apart
  double sizes_per_budget = 0;  ///< mean over budgets
  double compute_against_loss =
      0;                        ///< correlation of ln C with how bad the output is; below 0 as it should be
  std::size_t identical = 0;    ///< rows that repeat another in every input and the output
  std::size_t checkpoints = 0;  ///< rows that share size and schedule with another and are resampled alone
  std::size_t bare = 0;         ///< rows whose total equals their non-embedding size while others differ
  std::vector<std::string> missing;  ///< what no row says and a reader would want to know
};

struct Diagnostics {
  Conditioning conditioning;
  double residual_rms = 0;
  double residual_scale = 0;       ///< 1.4826 × median |r|
  std::size_t inside_delta = 0;    ///< rows in the quadratic part of the Huber loss
  std::vector<Influence> largest;  ///< rows with the largest |r|, at most 10
  double gradient_norm = 0;        ///< max_j |g_j| / sqrt(E_jj · objective), E = Σ w·min(1, δ/|r|)·JJᵀ
  double draws_gradient_norm = 0;  ///< the largest over all resamples
  double compute_decades = 0;      ///< log10 range of compute in the data
  std::vector<std::string> warnings;
};

struct BlendRecord;

/// One law (or a blend) fitted to one group of rows.
struct LawFit {
  Predictor predictor;
  Points points;
  std::vector<std::string> free;  ///< parameters that were fitted
  std::map<std::string, Estimate> parameters;
  std::map<std::string, double> standard_error;
  double objective = 0;
  Verdict verdict = Verdict::converged;
  std::string verdict_reason;
  bool answerable = true;  ///< false: size or tokens never vary or the output gets worse with compute: no law
                           ///< can divide a budget
  Starts starts;
  std::vector<Optimum> optimum;
  std::vector<MethodRecord> methods;  ///< the law first; empty when there is no budget to divide
  Diagnostics diagnostics;
  std::string rows_sha256;  ///< of the rows used, in canonical order
  std::string uncertainty;  ///< "pairs bootstrap", "wild bootstrap", "profile likelihood" or "none"
  std::string resampling;   ///< "rows", "clusters of …", or "none"
  std::size_t clusters = 0;
  Design design;
  std::size_t draws_failed = 0;
  std::shared_ptr<const BlendRecord> blend;  ///< null for a single law
};

struct Fit {
  std::vector<LawFit> fits;
  Options options;
};

/// Fit `law` to the rows. Errors (not outcomes): a column that an input needs is missing, fewer usable rows
/// than free parameters, no variation in an input that the law needs. Whatever the thread count and the row
/// order, the bytes of the result are the same.
Result<LawFit> fit_law(const laws::Law& law, const runs::Table& table, const Options& options,
                       const Control& control);

std::string_view verdict_name(Verdict verdict);

}  // namespace scaleplan::fit
