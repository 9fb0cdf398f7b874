#include "fit/shared_shape.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

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

/// What a shape might be: the shared one with its curvature and skewness off by so many deviations.
SharedShape varied(const SharedShape& shape, double curvature, double skew) {
  SharedShape out = shape;
  out.curvature *= std::exp(curvature_sd * curvature);
  out.skew += skew_sd * shape.curvature * skew;
  return out;
}

/// −2 ln of the likelihood of a minimum at `m`, the level eliminated.
double misfit(const SharedShape& shape, const std::vector<double>& x, const std::vector<double>& y,
              const std::vector<double>& weights, double m) {
  double sum = 0;
  double mean = 0;
  std::vector<double> left;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double dx = x[i] - m;
    left.push_back(y[i] - shape.curvature * dx * dx - shape.skew * std::pow(std::clamp(dx, -arm, arm), 3));
    sum += weights[i];
    mean += weights[i] * left[i];
  }
  mean /= sum;
  double out = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    out += weights[i] * (left[i] - mean) * (left[i] - mean) / (shape.noise * shape.noise);
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
  std::vector<double> likelihoods(points, 0.0);
  double least = std::numeric_limits<double>::infinity();
  for (const bool scale : {true, false}) {
    for (const double a : deviations) {
      for (const double b : deviations) {
        const SharedShape one = varied(shape, a, b);
        for (std::size_t k = 0; k < points; ++k) {
          const double at = *low - reach + step * static_cast<double>(k);
          const double misfits = misfit(one, ln_sizes, ln_loss, weights, at) + a * a + b * b;
          if (scale) {
            least = std::min(least, misfits);
          } else {
            likelihoods[k] += std::exp(-0.5 * (misfits - least));
          }
        }
      }
    }
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
