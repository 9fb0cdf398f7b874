#include "scaleplan/fit/loss_path.hpp"

#include <cmath>

#include "fit/frontier.hpp"

namespace scaleplan::fit {

std::vector<BestLoss> loss_path(const Predictor& predictor, laws::Range range, std::size_t points) {
  std::vector<double> ln_compute;
  for (std::size_t k = 0; k < points; ++k) {
    const double share = static_cast<double>(k) / static_cast<double>(points - 1);
    ln_compute.push_back(std::log(range.low) + share * std::log(range.high / range.low));
  }
  const Result<Frontier> frontier = Frontier::of(predictor, ln_compute);
  std::vector<BestLoss> path;
  if (!frontier) {
    return path;
  }
  const std::vector<double> losses = frontier->ln_losses(Frontier::point);
  for (std::size_t k = 0; k < points; ++k) {
    if (std::isfinite(losses[k])) {
      path.push_back({std::exp(ln_compute[k]), std::exp(losses[k])});
    }
  }
  return path;
}

}  // namespace scaleplan::fit
