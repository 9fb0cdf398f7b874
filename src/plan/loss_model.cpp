#include "plan/loss_model.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "plan/law_inputs.hpp"

namespace scaleplan::plan {

namespace {

model::Count count_of(laws::Counts counts) {
  switch (counts) {
    case laws::Counts::active:
      return model::Count::active;
    case laws::Counts::non_embedding:
      return model::Count::non_embedding;
    case laws::Counts::active_non_embedding:
      return model::Count::active_non_embedding;
    case laws::Counts::head_no_embedding:
      return model::Count::head_no_embedding;
    case laws::Counts::total:
    case laws::Counts::none:
      break;
  }
  return model::Count::total;
}

struct Interpolated {
  double value;
  double slope;
};

/// Piecewise linear through (at, values), going on straight beyond the ends.
Interpolated interpolate(const std::vector<double>& at, const std::vector<double>& values, double x) {
  const auto above = std::upper_bound(at.begin() + 1, at.end() - 1, x);
  const auto k = static_cast<std::size_t>(above - at.begin());
  const double slope = (values[k] - values[k - 1]) / (at[k] - at[k - 1]);
  return {values[k - 1] + slope * (x - at[k - 1]), slope};
}

// `wanted` of `available` rows, evenly strided.
std::vector<std::vector<double>> strided(const std::vector<std::vector<double>>& rows, std::size_t available,
                                         std::size_t wanted) {
  std::vector<std::vector<double>> chosen;
  for (std::size_t k = 0; k < wanted; ++k) chosen.push_back(rows[k * available / wanted]);
  return chosen;
}

}  // namespace

double repeated_tokens(double tokens, double unique, double constant, double* slope) {
  if (tokens <= unique) {
    if (slope != nullptr) *slope = 1;
    return tokens;
  }
  const double decay = std::exp(-(tokens / unique - 1) / constant);
  if (slope != nullptr) *slope = decay;
  return unique * (1 + constant * (1 - decay));
}

Result<LossModel> LossModel::build(const Scenario& scenario, const fit::Predictor& predictor) {
  if (predictor.members.empty()) return error("the predictor holds no law", "fit one", scenario.loss.place);
  LossModel model;
  Diagnostics errors;
  std::vector<const laws::Law*> laws;
  bool repeats = false;
  bool routes = false;
  const std::size_t available = predictor.draw_count();
  const std::size_t wanted =
      std::min<std::size_t>(available, static_cast<std::size_t>(scenario.search.draws));
  const double total = std::accumulate(predictor.members.begin(), predictor.members.end(), 0.0,
                                       [](double sum, const fit::Member& m) { return sum + m.weight; });
  for (const fit::Member& member : predictor.members) {
    LawInputs inputs = law_inputs(member.law, scenario);
    laws.push_back(&member.law);
    errors.insert(errors.end(), inputs.errors.begin(), inputs.errors.end());
    if (!inputs.errors.empty()) continue;
    const model::Count count = count_of(member.law.size()->counts);
    if (model.members_.empty()) {
      model.count_ = count;
      model.size_name_ = member.law.size()->name;
      model.assumed_ = inputs.assumed;
      model.set_cost(member.law, inputs.fixed);
    } else if (count != model.count_ || inputs.takes_unique_tokens != repeats) {
      errors.push_back(error("the laws of the blend count sizes or repeated data differently",
                             "blend laws with equal inputs", scenario.loss.place));
    }
    repeats = inputs.takes_unique_tokens;
    routes = routes || inputs.takes_experts;
    model.members_.push_back(
        {laws::Allocator(member.law, inputs.fixed), member.values,
         strided(member.draws, std::min(available, member.draws.size()), member.draws.empty() ? 0 : wanted),
         member.weight / total});
  }
  for (Diagnostic& unused : unused_inputs(laws, scenario)) errors.push_back(std::move(unused));
  if (!errors.empty()) return errors;
  model.draws_ = static_cast<int>(wanted);
  model.moved_ = predictor.allocation;
  if (scenario.data.unique_tokens && !repeats) {
    model.repetition_ = Repetition{scenario.data.unique_tokens->value, scenario.data.repetition_constant};
    if (!scenario.data.repetition_given) {
      model.assumed_.push_back({"data.repetition_constant", repetition_constant_c4,
                                "Muennighoff et al. 2023 (arXiv:2305.16264), C4"});
    }
  }
  if (scenario.model.experts && scenario.model.experts->value > 1 && !routes) {
    model.warnings_.push_back(
        "the loss law knows nothing of experts: the loss is that of its own size count");
  }
  return model;
}

double LossModel::worth_tokens(double tokens, double worth) const {
  if (!repetition_ || tokens <= repetition_->unique_tokens) return worth * tokens;
  const double unique = repetition_->unique_tokens;
  const double constant = repetition_->constant;
  const double wanted = worth * repeated_tokens(tokens, unique, constant, nullptr);
  if (wanted <= unique) return wanted;
  return unique * (1 - constant * std::log1p(-(wanted / unique - 1) / constant));
}

double LossModel::effective_tokens(double tokens, double* slope) const {
  if (repetition_) return repeated_tokens(tokens, repetition_->unique_tokens, repetition_->constant, slope);
  if (slope != nullptr) *slope = 1;
  return tokens;
}

double LossModel::moved_loss(std::size_t draw, double size, double tokens, std::span<double> gradient) const {
  double by_compute[2] = {0, 0};
  const double flop = compute(size, tokens, gradient.empty() ? std::span<double>{} : by_compute);
  const double u = std::log(flop);
  const Interpolated shift = interpolate(moved_.ln_compute, moved_.shift[draw], u);
  const Interpolated level = interpolate(moved_.ln_compute, moved_.level[draw], u);
  const double stretch = std::exp(shift.value);
  double slope = 1;
  double part[2] = {0, 0};
  const double effective = effective_tokens(tokens, &slope);
  const Member& member = members_[moved_.member[draw]];
  const double scale = std::exp(level.value);
  const double value =
      scale * member.allocator.loss(member.values, size / stretch, effective * stretch, part);
  if (!gradient.empty()) {
    // d ln C / d ln N and d ln C / d ln D move the shift and the level as well.
    const double ln_size = scale * part[0] * size / stretch;
    const double ln_tokens = scale * part[1] * effective * stretch;
    const double along = (ln_tokens - ln_size) * shift.slope + value * level.slope;
    gradient[0] = ln_size / size + along * by_compute[0] / flop;
    gradient[1] = ln_tokens * slope / effective + along * by_compute[1] / flop;
  }
  return value;
}

double LossModel::loss(int draw, double size, double tokens, std::span<double> gradient) const {
  if (draw != point && !moved_.member.empty()) {
    const std::size_t chosen =
        static_cast<std::size_t>(draw) * moved_.member.size() / static_cast<std::size_t>(draws_);
    return moved_loss(chosen, size, tokens, gradient);
  }
  double slope = 1;
  const double effective = effective_tokens(tokens, gradient.empty() ? nullptr : &slope);
  double part[2] = {0, 0};
  const std::span<double> partial = gradient.empty() ? gradient : std::span<double>(part);
  auto member_loss = [&](const Member& member) {
    const auto& parameters = draw == point ? member.values : member.draws[static_cast<std::size_t>(draw)];
    return member.allocator.loss(parameters, size, effective, partial);
  };
  if (members_.size() == 1) {
    const double value = member_loss(members_.front());
    if (!gradient.empty()) {
      gradient[0] = part[0];
      gradient[1] = part[1] * slope;
    }
    return value;
  }
  double log_loss = 0;
  double sum[2] = {0, 0};
  for (const Member& member : members_) {
    const double value = member_loss(member);
    log_loss += member.weight * std::log(value);
    for (int i : {0, 1}) sum[i] += member.weight * part[i] / value;
  }
  const double value = std::exp(log_loss);
  if (!gradient.empty()) {
    gradient[0] = value * sum[0];
    gradient[1] = value * sum[1] * slope;
  }
  return value;
}

std::vector<double> LossModel::losses(double size, double tokens) const {
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(draws_));
  for (int k = 0; k < draws_; ++k) values.push_back(loss(k, size, tokens));
  return values;
}

double LossModel::quantile(double q, double size, double tokens, std::span<double> gradient) const {
  const std::vector<double> values = losses(size, tokens);
  std::vector<int> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  auto value_of = [&](int k) { return values[static_cast<std::size_t>(k)]; };
  std::sort(order.begin(), order.end(),
            [&](int a, int b) { return value_of(a) < value_of(b) || (value_of(a) == value_of(b) && a < b); });
  const double at = q * static_cast<double>(order.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, order.size() - 1);
  const double weight = at - static_cast<double>(below);
  if (!gradient.empty()) {
    double low[2];
    double high[2];
    loss(order[below], size, tokens, low);
    loss(order[above], size, tokens, high);
    for (std::size_t i : {0U, 1U}) gradient[i] = (1 - weight) * low[i] + weight * high[i];
  }
  return (1 - weight) * value_of(order[below]) + weight * value_of(order[above]);
}

double LossModel::compute(double size, double tokens, std::span<double> gradient) const {
  if (gradient.empty()) return members_.front().allocator.compute(size, tokens);
  std::vector<double> inputs = cost_inputs_;
  inputs[size_at_] = size;
  inputs[tokens_at_] = tokens;
  return cost_.at(inputs, {}, gradient);
}

void LossModel::set_cost(const laws::Law& law, const std::map<std::string, double>& fixed) {
  for (const laws::Input& input : law.inputs) {
    if (&input == law.size()) size_at_ = cost_inputs_.size();
    if (&input == law.tokens()) tokens_at_ = cost_inputs_.size();
    auto found = fixed.find(input.name);
    cost_inputs_.push_back(found == fixed.end() ? 1 : found->second);
  }
  cost_ = expr::Program::compile(law.compute,
                                 {law.input_names(), {}, {law.size()->name, law.tokens()->name}, {}});
}

double LossModel::tokens_for(double size, double compute) const {
  return members_.front().allocator.tokens_for(size, compute);
}

laws::Allocation LossModel::allocate(int draw, double compute) const {
  const Member& member = members_.front();
  return member.allocator.solve(draw == point ? member.values : member.draws[static_cast<std::size_t>(draw)],
                                compute);
}

}  // namespace scaleplan::plan
