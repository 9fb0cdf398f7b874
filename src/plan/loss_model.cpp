#include "plan/loss_model.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "plan/interpolate.hpp"
#include "plan/law_inputs.hpp"
#include "plan/techniques.hpp"

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
  Diagnostics errors = model.set_techniques(scenario);
  if (scenario.sites) model.factor_ = scenario.sites->loss_factor;
  const Result<TrainingEffects> supply = training_effects(scenario);
  if (!supply) errors.insert(errors.end(), supply.errors().begin(), supply.errors().end());
  if (!errors.empty()) return errors;
  std::vector<const laws::Law*> laws;
  bool repeats = true;  // every law takes unique tokens itself
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
    for (const laws::Input& input : member.law.inputs) {
      if (input.column == "unique_tokens" && inputs.fixed.contains(input.name)) {
        inputs.fixed[input.name] *= supply->unique_tokens * model.effects_.tokens_factor;
      }
    }
    const model::Count count = count_of(member.law.size()->counts);
    if (model.members_.empty()) {
      model.count_ = count;
      model.size_name_ = member.law.size()->name;
      model.assumed_ = inputs.assumed;
      model.set_cost(member.law, inputs.fixed);
    } else if (count != model.count_) {
      errors.push_back(error("the laws of the blend count sizes differently", "blend laws with equal inputs",
                             scenario.loss.place));
    }
    repeats = repeats && inputs.takes_unique_tokens;
    routes = routes || inputs.takes_experts;
    model.members_.push_back(
        {laws::Allocator(member.law, inputs.fixed), member.values,
         strided(member.draws, std::min(available, member.draws.size()), member.draws.empty() ? 0 : wanted),
         member.weight / total, inputs.takes_unique_tokens});
    if (LossModel::Member& made = model.members_.back(); !made.draws.empty()) {
      made.drawn.emplace(member.law, inputs.fixed, made.draws);
    }
  }
  for (Diagnostic& unused : unused_inputs(laws, scenario)) errors.push_back(std::move(unused));
  if (!errors.empty()) return errors;
  model.draws_ = static_cast<int>(wanted);
  model.moved_ = predictor.allocation;
  if (scenario.data.unique_tokens && !repeats) {
    model.repetition_ = Repetition{supply->unique_tokens * scenario.data.unique_tokens->value,
                                   scenario.data.repetition_constant};
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

double LossModel::effective_tokens(const Member& member, double tokens, double* slope) const {
  if (!repetition_ || member.takes_unique_tokens) return tokens;
  return repeated_tokens(tokens, repetition_->unique_tokens * effects_.tokens_factor, repetition_->constant,
                         slope);
}

/// One law at (N/stretch, D·stretch), D as repetition leaves it where the law does not see repetition itself.
LossModel::Local LossModel::member_loss(const Member& member, const std::vector<double>& values, double size,
                                        double tokens, double stretch, bool slopes) const {
  double slope = 1;
  const double effective = effective_tokens(member, tokens, &slope);
  double part[2] = {0, 0};
  Local local;
  local.value = member.allocator.loss(values, size / stretch, effective * stretch,
                                      slopes ? std::span<double>(part) : std::span<double>{});
  const double by_effective = part[1] * effective * stretch;
  local.by_size = part[0] * size / stretch;
  local.by_tokens = by_effective * slope * tokens / effective;
  local.by_stretch = by_effective - local.by_size;
  return local;
}

/// The laws themselves: one member under a draw of its own, or the weighted mean in ln L. A blend's draws are
/// one member each.
LossModel::Local LossModel::law_loss(int draw, double size, double tokens, double stretch,
                                     bool slopes) const {
  if (draw != point && !moved_.ln_compute.empty()) {
    const Member& member = members_[moved_.member[static_cast<std::size_t>(draw)]];
    return member_loss(member, member.values, size, tokens, stretch, slopes);
  }
  const auto one = [&](const Member& member) {
    const std::vector<double>& values =
        draw == point ? member.values : member.draws[static_cast<std::size_t>(draw)];
    return member_loss(member, values, size, tokens, stretch, slopes);
  };
  if (members_.size() == 1) return one(members_.front());
  Local sum;
  for (const Member& member : members_) {
    const Local local = one(member);
    sum.value += member.weight * std::log(local.value);
    sum.by_size += member.weight * local.by_size / local.value;
    sum.by_tokens += member.weight * local.by_tokens / local.value;
    sum.by_stretch += member.weight * local.by_stretch / local.value;
  }
  const double value = std::exp(sum.value);
  return {value, value * sum.by_size, value * sum.by_tokens, value * sum.by_stretch};
}

double LossModel::moved_loss(int draw, double size, double tokens, std::span<double> gradient) const {
  const fit::Move& move = draw == point ? moved_.point : moved_.move[static_cast<std::size_t>(draw)];
  double by_compute[2] = {0, 0};
  const double flop = compute(size, tokens, gradient.empty() ? std::span<double>{} : by_compute);
  const double u = std::log(flop);
  const Interpolated shift = interpolate(moved_.ln_compute, move.shift, u);
  const Interpolated level = interpolate(moved_.ln_compute, move.level, u);
  const double scale = std::exp(level.value);
  const Local local = law_loss(draw, size, tokens, std::exp(shift.value), !gradient.empty());
  if (!gradient.empty()) {
    // d ln C / d ln N and d ln C / d ln D move the shift and the level as well.
    const double along = scale * (local.by_stretch * shift.slope + local.value * level.slope);
    gradient[0] = scale * local.by_size / size + along * by_compute[0] / flop;
    gradient[1] = scale * local.by_tokens / tokens + along * by_compute[1] / flop;
  }
  return scale * local.value;
}

// "train_flop" and the rest act on what the law sees, not on what is paid for.
Diagnostics LossModel::set_techniques(const Scenario& scenario) {
  const Result<terms::LossEffects> effects = loss_effects(scenario, 1e9, 2e10);
  const Result<terms::LossEffects> others = loss_effects(scenario, 1e11, 1e13);
  if (!effects) return effects.errors();
  if (!others) return others.errors();
  effects_ = *effects;
  effects_vary_ = effects_.params_factor != others->params_factor ||
                  effects_.tokens_factor != others->tokens_factor || effects_.penalty != others->penalty;
  if (effects_vary_) effects_.tokens_factor = 1;
  if (!effects_.steps.empty()) techniques_ = &scenario;
  return {};
}

double LossModel::loss(int draw, double size, double tokens, std::span<double> gradient) const {
  if (techniques_ == nullptr) {
    const double value = plain_loss(draw, size, tokens, gradient);
    if (factor_ == 1) return value;
    for (double& slope : gradient) slope *= factor_;
    return factor_ * value;
  }
  auto seen = [&](double n, double d, std::span<double> g) {
    // tried when the model was built: a size cannot make it fail
    const terms::LossEffects effects = effects_vary_ ? *loss_effects(*techniques_, n, d) : effects_;
    const double value =
        plain_loss(draw, n * effects.params_factor, d * effects.tokens_factor, g) + effects.penalty;
    if (!g.empty()) {
      g[0] *= factor_ * effects.params_factor;
      g[1] *= factor_ * effects.tokens_factor;
    }
    return factor_ * value;
  };
  if (gradient.empty() || !effects_vary_) return seen(size, tokens, gradient);
  const double step = 1e-5;
  for (std::size_t i : {0U, 1U}) {
    const double n = i == 0 ? step : 0;
    const double d = i == 1 ? step : 0;
    gradient[i] = (seen(size * (1 + n), tokens * (1 + d), {}) - seen(size * (1 - n), tokens * (1 - d), {})) /
                  (2 * step * (i == 0 ? size : tokens));
  }
  return seen(size, tokens, {});
}

double LossModel::plain_loss(int draw, double size, double tokens, std::span<double> gradient) const {
  if (!moved_.ln_compute.empty()) {
    return moved_loss(draw == point ? point : static_cast<int>(move_of(draw)), size, tokens, gradient);
  }
  const Local local = law_loss(draw, size, tokens, 1, !gradient.empty());
  if (!gradient.empty()) {
    gradient[0] = local.by_size / size;
    gradient[1] = local.by_tokens / tokens;
  }
  return local.value;
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
