#pragma once

#include <span>
#include <vector>

#include "scaleplan/expr/program.hpp"
#include "scaleplan/num/kernels.hpp"

namespace scaleplan::fit {

/// Objective, gradient and the two curvature matrices at one point (see num::HuberSums; lower triangles
/// packed by rows), and the residuals behind them.
struct Sums {
  explicit Sums(std::size_t parameters)
      : gradient(parameters),
        curvature(parameters * (parameters + 1) / 2),
        envelope(curvature.size()),
        running((1 + gradient.size() + 2 * curvature.size()) * num::sum_lanes) {}
  double value = 0;
  std::vector<double> gradient;
  std::vector<double> curvature;
  std::vector<double> envelope;
  std::vector<double> running;  ///< lanes of the sums while blocks come in
};

/// Normal beliefs about the parameters, added to the objective: ½ Σ precision·(θ − mean)²; empty: none.
struct Beliefs {
  std::vector<double> mean;
  std::vector<double> precision;  ///< 0: no belief about that one
};

/// Σ w·ρ_δ(r) over rows, r the value of `program` (its directions are the parameters to fit).
class Objective {
 public:
  /// `weights`: one per row; `delta`: the Huber threshold, infinity for least squares; `over`: how many times
  /// more a row weighs where the law lies above it.
  Objective(expr::Bound rows, std::span<const double> weights, double delta, Beliefs beliefs = {},
            double over = 1);

  [[nodiscard]] double delta() const { return delta_; }
  [[nodiscard]] std::size_t rows() const { return rows_.rows(); }
  /// Everything at `theta` with threshold `delta`; the value is not finite where the law is not.
  void evaluate(expr::Workspace& workspace, std::span<const double> theta, double delta, Sums& sums) const;
  /// Residuals of all rows at `theta`.
  void residuals(expr::Workspace& workspace, std::span<const double> theta, std::vector<double>& out) const;
  /// The beliefs' part of the objective.
  [[nodiscard]] double belief_part(std::span<const double> theta) const;
  [[nodiscard]] std::span<const double> weights() const { return {weights_.data(), rows_.rows()}; }

 private:
  expr::Bound rows_;
  std::vector<double> weights_;  ///< padded with zeros to whole blocks
  double delta_;
  Beliefs beliefs_;
  double over_;
};

}  // namespace scaleplan::fit
