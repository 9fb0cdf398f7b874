#include <algorithm>
#include <cmath>

#include "plan/interpolate.hpp"
#include "plan/loss_model.hpp"
#include "plan/techniques.hpp"

namespace scaleplan::plan {

Interpolated interpolate(const std::vector<double>& at, const std::vector<double>& values, double x) {
  const auto above = std::upper_bound(at.begin() + 1, at.end() - 1, x);
  const auto k = static_cast<std::size_t>(above - at.begin());
  const double slope = (values[k] - values[k - 1]) / (at[k] - at[k - 1]);
  return {values[k - 1] + slope * (x - at[k - 1]), slope};
}

std::size_t LossModel::move_of(int draw) const {
  return static_cast<std::size_t>(std::max(draw, 0)) * moved_.member.size() /
         static_cast<std::size_t>(std::max(draws_, 1));
}

// Each draw is one member's law at a point of its own: the points of a member are evaluated together.
std::vector<double> LossModel::moved_losses(double size, double tokens) const {
  const auto count = static_cast<std::size_t>(draws_);
  const double u = std::log(compute(size, tokens));
  std::vector<double> out(count);
  std::vector<std::vector<std::size_t>> of_member(members_.size());
  for (std::size_t k = 0; k < count; ++k) {
    of_member[moved_.member[move_of(static_cast<int>(k))]].push_back(k);
  }
  std::vector<double> sizes;
  std::vector<double> seen;
  std::vector<double> values;
  for (std::size_t m = 0; m < members_.size(); ++m) {
    const std::vector<std::size_t>& own = of_member[m];
    if (own.empty()) continue;
    const double effective = effective_tokens(members_[m], tokens, nullptr);
    sizes.resize(own.size());
    seen.resize(own.size());
    values.resize(own.size());
    for (std::size_t i = 0; i < own.size(); ++i) {
      const fit::Move& move = moved_.move[move_of(static_cast<int>(own[i]))];
      const double stretch = std::exp(interpolate(moved_.ln_compute, move.shift, u).value);
      sizes[i] = size / stretch;
      seen[i] = effective * stretch;
    }
    members_[m].allocator.losses(members_[m].values, sizes, seen, values);
    for (std::size_t i = 0; i < own.size(); ++i) {
      const fit::Move& move = moved_.move[move_of(static_cast<int>(own[i]))];
      out[own[i]] = std::exp(interpolate(moved_.ln_compute, move.level, u).value) * values[i];
    }
  }
  return out;
}

std::vector<double> LossModel::plain_losses(double size, double tokens) const {
  if (!moved_.ln_compute.empty()) return moved_losses(size, tokens);
  std::vector<double> out(static_cast<std::size_t>(draws_));
  if (members_.size() == 1) {
    const Member& only = members_.front();
    only.drawn->at(size, effective_tokens(only, tokens, nullptr), out);
    return out;
  }
  std::vector<double> one(out.size());
  for (const Member& member : members_) {
    member.drawn->at(size, effective_tokens(member, tokens, nullptr), one);
    for (std::size_t k = 0; k < out.size(); ++k) out[k] += member.weight * std::log(one[k]);
  }
  for (double& each : out) each = std::exp(each);
  return out;
}

std::vector<double> LossModel::losses(double size, double tokens) const {
  if (draws_ == 0) return {};
  if (techniques_ == nullptr && factor_ == 1) return plain_losses(size, tokens);
  // tried when the model was built: a size cannot make it fail
  const terms::LossEffects effects =
      techniques_ != nullptr && effects_vary_ ? *loss_effects(*techniques_, size, tokens) : effects_;
  const bool acts = techniques_ != nullptr;
  std::vector<double> out =
      plain_losses(size * (acts ? effects.params_factor : 1), tokens * (acts ? effects.tokens_factor : 1));
  for (double& each : out) each = factor_ * (each + (acts ? effects.penalty : 0));
  return out;
}

double LossModel::quantile(double q, double size, double tokens, std::span<double> gradient) const {
  const std::vector<double> values = losses(size, tokens);
  if (std::any_of(values.begin(), values.end(), [](double value) { return std::isnan(value); })) {
    std::fill(gradient.begin(), gradient.end(), std::nan(""));
    return std::nan("");
  }
  std::vector<double> order = values;
  const double at = q * static_cast<double>(order.size() - 1);
  const auto below = static_cast<std::ptrdiff_t>(at);
  const double weight = at - static_cast<double>(below);
  std::nth_element(order.begin(), order.begin() + below, order.end());
  const double low = order[static_cast<std::size_t>(below)];
  const auto rest = order.begin() + below + 1;
  const double high = rest == order.end() ? low : *std::min_element(rest, order.end());
  if (!gradient.empty()) {
    const auto draw_at = [&](double value) {
      return static_cast<int>(std::find(values.begin(), values.end(), value) - values.begin());
    };
    double of_low[2];
    double of_high[2];
    loss(draw_at(low), size, tokens, of_low);
    loss(draw_at(high), size, tokens, of_high);
    for (std::size_t i : {0U, 1U}) gradient[i] = (1 - weight) * of_low[i] + weight * of_high[i];
  }
  return (1 - weight) * low + weight * high;
}

}  // namespace scaleplan::plan
