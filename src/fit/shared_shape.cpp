#include "fit/shared_shape.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "scaleplan/num/statistics.hpp"

namespace scaleplan::fit {
namespace {

constexpr std::size_t most_budgets = 4;
constexpr std::size_t least_budgets = 2;
constexpr double arm = 1.5;    // beyond which the cubic term grows no more
constexpr double reach = 1.5;  // of the profile, beyond the sizes
constexpr double step = 0.01;
constexpr double one_sided = 0.25;
constexpr double model_error = 0.03;
constexpr double curvature_sd = 0.5;  // of its logarithm
constexpr double skew_sd = 0.3;       // over the curvature
constexpr double deviations[] = {-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2};

/// Weighted sums of products about the means, for a minimum at one place: of ln L, of what a unit of
/// curvature and what a unit of skewness add to it. The squared misfit of any shape there is a form in these.
struct Products {
  double loss = 0;
  double square = 0;
  double cube = 0;
  double loss_square = 0;
  double loss_cube = 0;
  double square_cube = 0;

  [[nodiscard]] double misfit(double curvature, double skew) const {
    return loss + curvature * curvature * square + skew * skew * cube - 2 * curvature * loss_square -
           2 * skew * loss_cube + 2 * curvature * skew * square_cube;
  }
};

Products products_at(const std::vector<double>& x, const std::vector<double>& y,
                     const std::vector<double>& weights, double m) {
  auto square = [&](std::size_t i) { return (x[i] - m) * (x[i] - m); };
  auto cube = [&](std::size_t i) {
    const double dx = std::clamp(x[i] - m, -arm, arm);
    return dx * dx * dx;
  };
  double sum = 0;
  double of_loss = 0;
  double of_square = 0;
  double of_cube = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sum += weights[i];
    of_loss += weights[i] * y[i];
    of_square += weights[i] * square(i);
    of_cube += weights[i] * cube(i);
  }
  Products out;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double l = y[i] - of_loss / sum;
    const double q = square(i) - of_square / sum;
    const double c = cube(i) - of_cube / sum;
    out.loss += weights[i] * l * l;
    out.square += weights[i] * q * q;
    out.cube += weights[i] * c * c;
    out.loss_square += weights[i] * l * q;
    out.loss_cube += weights[i] * l * c;
    out.square_cube += weights[i] * q * c;
  }
  return out;
}

/// −2 ln of the likelihood of every place under a shape off by so many deviations, the level eliminated.
std::vector<double> misfits_of(const SharedShape& shape, const std::vector<Products>& places) {
  std::vector<double> out;
  out.reserve(places.size() * std::size(deviations) * std::size(deviations));
  for (const double a : deviations) {
    const double curvature = shape.curvature * std::exp(curvature_sd * a);
    for (const double b : deviations) {
      const double skew = shape.skew + skew_sd * shape.curvature * b;
      for (const Products& at : places) {
        out.push_back(at.misfit(curvature, skew) / (shape.noise * shape.noise) + a * a + b * b);
      }
    }
  }
  return out;
}

}  // namespace

SharedShape shared_shape(const std::vector<BudgetShape>& budgets) {
  std::vector<double> curvature;
  std::vector<double> skew;
  std::vector<double> noise;
  for (auto budget = budgets.rbegin(); budget != budgets.rend() && noise.size() < most_budgets; ++budget) {
    if (budget->known) {
      curvature.push_back(budget->curvature);
      skew.push_back(budget->skew);
      noise.push_back(budget->noise);
    }
  }
  if (noise.size() < least_budgets) {
    return {};
  }
  return {num::median(curvature), num::median(skew), num::median(noise), true};
}

IsoflopMinimum minimum_of_few(const SharedShape& shape, const std::vector<double>& ln_sizes,
                              const std::vector<double>& ln_loss, const std::vector<double>& weights) {
  const auto [low, high] = std::minmax_element(ln_sizes.begin(), ln_sizes.end());
  const auto points = static_cast<std::size_t>((*high - *low + 2 * reach) / step) + 1;
  std::vector<Products> places;
  places.reserve(points);
  for (std::size_t k = 0; k < points; ++k) {
    places.push_back(products_at(ln_sizes, ln_loss, weights, *low - reach + step * static_cast<double>(k)));
  }
  const std::vector<double> misfits = misfits_of(shape, places);
  const double least = *std::min_element(misfits.begin(), misfits.end());
  std::vector<double> likelihoods(points, 0.0);
  for (std::size_t i = 0; i < misfits.size(); ++i) {
    likelihoods[i % points] += std::exp(-0.5 * (misfits[i] - least));
  }
  double total = 0;
  double mean = 0;
  double square = 0;
  for (std::size_t k = 0; k < points; ++k) {
    const double at = *low - reach + step * static_cast<double>(k);
    total += likelihoods[k];
    mean += likelihoods[k] * at;
    square += likelihoods[k] * at * at;
  }
  mean /= total;
  const double own = std::max(0.0, square / total - mean * mean);
  const double lopsided = one_sided * (num::mean(ln_sizes) - mean);
  IsoflopMinimum out;
  out.ln_size = mean;
  out.rows = ln_sizes.size();
  out.curvature = shape.curvature;
  const auto most = std::max_element(likelihoods.begin(), likelihoods.end());
  const bool inside = most != likelihoods.begin() && most + 1 != likelihoods.end();
  out.se = inside ? std::sqrt(own + lopsided * lopsided + model_error * model_error) : std::nan("");
  return out;
}

}  // namespace scaleplan::fit
