#pragma once

#include <vector>

#include "scaleplan/fit/predictor.hpp"
#include "scaleplan/laws/allocation.hpp"

namespace scaleplan::fit {

/// N* and the least ln L of laws that stand for one, weighted in ln L; NaN when none has an optimum.
struct Best {
  double ln_size;
  double ln_loss;
};
Best weighted_best(const std::vector<laws::Allocator>& allocators,
                   const std::vector<std::vector<double>>& values, const std::vector<double>& weights,
                   double compute);

/// Piecewise linear through (at, values), going on straight beyond the ends.
double interpolate(const std::vector<double>& at, const std::vector<double>& values, double x);

/// The compute-optimal loss of a predictor on a grid of compute, for its point and for each draw.
class Frontier {
 public:
  static constexpr int point = -1;
  static Result<Frontier> of(const Predictor& predictor, std::vector<double> ln_compute);
  /// ln L* on the grid; NaN where the law has no optimum.
  [[nodiscard]] std::vector<double> ln_losses(int draw) const;

 private:
  const Predictor* predictor_ = nullptr;
  std::vector<double> grid_;
  std::vector<laws::Allocator> allocators_;
  std::vector<std::vector<double>> bests_;  ///< of a blend: of each member on the grid
  std::vector<double> together_;            ///< of a blend: of its laws by weight
};

}  // namespace scaleplan::fit
