#include "fit/blend/state.hpp"

#include <algorithm>
#include <cmath>

#include "scaleplan/num/statistics.hpp"

namespace scaleplan::fit {
namespace {

constexpr double compute_length = 2.0;
constexpr double ratio_length = 1.5;
constexpr double excess_scale = 0.2;
constexpr double per_decade = 0.0075;
constexpr double base_level = 0.9;

/// Weights of what members disagree by: flatter than those of the point, for a member that foretold a little
/// better may have done so by chance.
std::vector<double> spread_weights(std::span<const double> weights) {
  std::vector<double> out;
  out.reserve(weights.size());
  double total = 0;
  for (const double weight : weights) {
    out.push_back(std::sqrt(weight));
    total += out.back();
  }
  for (double& weight : out) {
    weight /= total;
  }
  return out;
}

}  // namespace

Feature feature(double compute, double size, double tokens, double epochs, bool epochs_vary) {
  return {std::log(compute) / compute_length, std::log(tokens / size) / ratio_length,
          epochs_vary ? std::log(epochs) / ratio_length : 0.0};
}

BlendValue blend_value(const BlendState& state, std::span<const double> weights,
                       std::span<const double> ln_members, const Feature& at, double compute) {
  BlendValue value;
  std::vector<double> ln_loss;
  std::vector<double> sd;
  for (std::size_t m = 0; m < ln_members.size(); ++m) {
    const Surface::Value surface = state.surfaces[m].at(at);
    ln_loss.push_back(ln_members[m] + surface.correction);
    value.ln_loss += weights[m] * ln_loss.back();
    sd.push_back(surface.sd);
  }
  const std::vector<double> shares = spread_weights(weights);
  double spread = 0;
  double deviation = 0;
  for (std::size_t m = 0; m < ln_members.size(); ++m) {
    spread += shares[m] * (ln_loss[m] - value.ln_loss) * (ln_loss[m] - value.ln_loss);
    deviation += shares[m] * sd[m];
  }
  const double excess = std::clamp(value.ln_loss - state.least_ln_loss, 0.0, 1.0);
  const double beyond = per_decade * std::max(0.0, std::log10(compute / state.top_compute));
  value.scale = std::sqrt(spread + deviation * deviation +
                          state.noise * state.noise * std::exp(excess / excess_scale) + beyond * beyond);
  return value;
}

double blend_quantile(const BlendState& state, double level) {
  return state.quantile * num::normal_quantile(0.5 + 0.5 * level) /
         num::normal_quantile(0.5 + 0.5 * base_level);
}

}  // namespace scaleplan::fit
