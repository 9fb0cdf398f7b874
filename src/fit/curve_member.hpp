#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "fit/working.hpp"
#include "scaleplan/laws/law.hpp"

namespace scaleplan::fit {

/// A curve in bins, and the learning rate in entries of `stride` steps from the start to the end asked.
struct BinnedCurve {
  std::vector<double> step;
  std::vector<double> loss;
  std::vector<double> rate;
  std::vector<double> rate_sum;  ///< running sums over steps
  double stride = 1;

  /// Entries of the schedule that a loss at `at` has seen, at least one.
  [[nodiscard]] std::size_t entries(double at) const;
};

/// Whether published sets of the law say where its parameters may lie: two at least that were verified.
bool has_prior(const laws::Law& law);

/// A schedule law ready to be fitted to windows of one curve.
class CurveLaw {
 public:
  CurveLaw(const laws::Law& law, const BinnedCurve& curve);

  struct Fitted {
    std::vector<double> theta;  ///< working coordinates of the free parameters; empty: it failed
    std::vector<double> residuals;
  };
  /// Fit bins [first, last) with Huber threshold `delta`, from the law's starts, or from `start` alone.
  [[nodiscard]] Fitted fit(std::size_t first, std::size_t last, double delta,
                           const std::vector<double>* start) const;
  /// Loss at a step, with the whole schedule to there.
  [[nodiscard]] double value(const std::vector<double>& theta, double at) const;
  [[nodiscard]] std::vector<double> natural(const std::vector<double>& theta) const;
  [[nodiscard]] std::size_t free() const { return working_.free.size(); }

 private:
  struct Bindings {
    std::map<std::string, expr::VectorColumn> lists;  ///< `rows` points at these
    expr::Bound rows;
  };
  [[nodiscard]] Bindings bind(std::span<const double> steps, std::span<const double> losses) const;
  [[nodiscard]] Beliefs beliefs(double delta) const;
  [[nodiscard]] std::vector<std::vector<double>> starts(double last_loss) const;

  const laws::Law& law_;
  const BinnedCurve& curve_;
  WorkingLaw working_;
};

}  // namespace scaleplan::fit
