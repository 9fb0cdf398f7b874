#pragma once

#include <memory>
#include <span>
#include <vector>

#include "fit/objective.hpp"
#include "scaleplan/base/control.hpp"

namespace scaleplan::fit {

/// Box of the working coordinates; `logarithm` marks those that may run to minus infinity, where their term
/// has vanished (empty: none).
struct Box {
  std::vector<double> lower;
  std::vector<double> upper;
  std::vector<bool> logarithm;
};

/// A stationary point at threshold `delta` that other descents may run into; the envelope matrix there
/// measures distance. From a least-squares point (δ infinite) every annealed descent goes on to the same end.
struct Basin {
  double delta = 0;
  std::vector<double> theta;
  double value = 0;
  std::vector<double> envelope;
};

enum class Ending { converged, merged, failed };

struct Descent {
  Ending ending = Ending::failed;
  std::size_t basin = 0;  ///< merged: which one
  std::vector<double> theta;
  double value = 0;
  double gradient_norm = 0;  ///< max_j |g_j| / sqrt(E_jj · value), E the envelope matrix
  double decrement = 0;      ///< g'H⁻¹g / value, the relative gain that Newton's step still promises
  std::vector<double> envelope;
  std::vector<std::size_t>
      vanished;         ///< coordinates whose term fell to zero, as far as the objective can tell
  Basin least_squares;  ///< annealed: where the first threshold ended; no theta when it did not settle
  int evaluations = 0;
};

/// Scratch of one thread.
struct Descender {
  explicit Descender(const expr::Program& program)
      : workspace(program), here(program.signature().directions.size()), there(here) {}
  expr::Workspace workspace;
  Sums here;
  Sums there;
  std::vector<double> matrix;
  std::vector<double> step;
  std::vector<double> trial;
  std::vector<double> residuals;
};

/// One for each thread that `control` allows.
std::vector<std::unique_ptr<Descender>> descenders(const expr::Program& program, const Control& control);

/// Levenberg–Marquardt on the Huber objective with the exact curvature of its quadratic rows, damped by the
/// envelope matrix (iteratively reweighted least squares). `anneal`: begin at the least-squares problem and
/// lower δ to its own value, for starts far away. Converged when Newton's step promises less than 1e-13 of
/// the objective. Ends early in `basins` when Newton's step leads to a known stationary point.
Descent descend(const Objective& objective, const Box& box, std::span<const double> start, bool anneal,
                std::span<const Basin> basins, Descender& scratch);

/// True when `theta` is within a small distance of the basin's point in its own metric.
bool near(const Basin& basin, std::span<const double> theta, double relative);

}  // namespace scaleplan::fit
