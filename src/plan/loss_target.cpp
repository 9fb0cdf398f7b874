#include <array>
#include <cmath>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "plan/loss_model.hpp"
#include "scaleplan/num/minimise.hpp"

namespace scaleplan::plan {

namespace {

constexpr double usual_ln_ratio = 3;  // of tokens and size, where Newton's method begins without neighbours
constexpr double spacing = 0.25;      // of the sizes, in ln, between which it begins on a straight line
constexpr double longest_step = 3;    // of ln tokens
constexpr double settled = 1e-8;      // of ln tokens, before a step that squares it
constexpr int newton_steps = 40;

}  // namespace

struct LossModel::Kept {
  std::shared_mutex mutex;
  std::map<std::array<double, 3>, double> tokens;  // by quantile (−1: point), size and target
};

LossModel::LossModel() : kept_(std::make_shared<Kept>()) {}

double LossModel::tokens_for_loss(int draw, std::optional<double> quantile, double size,
                                  double target) const {
  if (draw != point) {
    return search_tokens(draw, quantile, size, target, usual_tokens(std::nullopt, size, target));
  }
  return kept_tokens(quantile, size, target, 0);
}

// `start` 0: between neighbours.
double LossModel::kept_tokens(std::optional<double> quantile, double size, double target,
                              double start) const {
  const std::array<double, 3> key{quantile.value_or(-1), size, target};
  {
    const std::shared_lock lock(kept_->mutex);
    const auto found = kept_->tokens.find(key);
    if (found != kept_->tokens.end()) return found->second;
  }
  if (start == 0) start = usual_tokens(quantile, size, target);
  const double tokens = search_tokens(point, quantile, size, target, start);
  const std::scoped_lock lock(kept_->mutex);
  return kept_->tokens.emplace(key, tokens).first->second;
}

// By the sizes of a fixed grid on either side, so that it does not depend on what was asked before.
double LossModel::usual_tokens(std::optional<double> quantile, double size, double target) const {
  const double origin = std::log(smallest_size);
  const double cells = (std::log(size) - origin) / spacing;
  const double below = std::floor(cells);
  auto ln_tokens = [&](double k) {
    const double at = std::exp(origin + spacing * k);
    return std::log(kept_tokens(quantile, at, target, at * std::exp(usual_ln_ratio)));
  };
  const double low = ln_tokens(below);
  const double high = ln_tokens(below + 1);
  const double straight = low + (cells - below) * (high - low);
  return std::isnan(straight) ? size * std::exp(usual_ln_ratio) : std::exp(straight);
}

// Newton's method in ln tokens, where the loss falls and is convex but for repetition; else a bracket.
double LossModel::search_tokens(int draw, std::optional<double> quantile, double size, double target,
                                double start) const {
  auto miss = [&](double x, std::span<double> slope) {
    const double tokens = std::exp(x);
    const double loss =
        quantile ? this->quantile(*quantile, size, tokens, slope) : this->loss(draw, size, tokens, slope);
    if (!slope.empty()) slope[1] *= tokens;
    return loss - target;
  };
  const double top = std::log(most_tokens);
  double x = std::clamp(std::log(start), 0.0, top);
  for (int i = 0; i < newton_steps; ++i) {
    double slope[2] = {0, 0};
    const double step = miss(x, slope) / slope[1];
    if (std::isnan(step) || !(slope[1] < 0)) break;
    x -= std::clamp(step, -longest_step, longest_step);
    if (!(x > 0 && x < top)) break;
    if (std::abs(step) < settled) return std::exp(x);
  }
  if (!(miss(top, {}) <= 0)) return std::nan("");
  return miss(0, {}) <= 0 ? 1 : std::exp(num::find_root([&](double t) { return miss(t, {}); }, 0, top));
}

}  // namespace scaleplan::plan
