#include "plan/problem.hpp"

#include <algorithm>
#include <cmath>

#include "scaleplan/num/minimise.hpp"
#include "scaleplan/num/random.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::plan {

namespace {

constexpr double rounding = 1e-9;  ///< a limit that is missed by less is kept
constexpr std::uint64_t time_stream = 0x74696d65;
constexpr double settled = 1e-13;  ///< of ln tokens
constexpr int secant_steps = 40;
constexpr double difference_step = 1e-4;  ///< of ln size and ln tokens, where laws of batch and rate move

}  // namespace

Problem::Problem(const Scenario& scenario, const LossModel& model, Resources resources, const Recipe* recipe,
                 const Lifetime* lifetime)
    : scenario_(scenario),
      model_(model),
      resources_(std::move(resources)),
      recipe_(recipe),
      lifetime_(lifetime) {
  if (scenario.pinned_batch) batch_tokens_ = scenario.pinned_batch->value;
  const int draws = resources_.time_sd > 0 ? model.draws() : 0;
  for (int k = 0; k < draws; ++k) {
    // a stream of its own beside those of the law's draws
    num::Random random(scenario.search.seed + time_stream, static_cast<std::uint64_t>(k));
    time_factors_.push_back(std::exp(resources_.time_sd * random.normal()));
  }
  if (!time_factors_.empty() && scenario.confidence) {
    likely_time_ = num::quantile(time_factors_, *scenario.confidence);
    median_time_ = num::quantile(time_factors_, 0.5);
  }
  objective_ = *row_of(*find_quantity(scenario.objective));
  add_limits();
  set_sizes();
}

double Problem::time_factor(const View& view, bool as_limit) const {
  if (time_factors_.empty()) return 1;
  if (view.draw != LossModel::point) return time_factors_[static_cast<std::size_t>(view.draw)];
  if (!view.confidence) return 1;
  return as_limit ? likely_time_ : median_time_;
}

std::optional<Row> Problem::row_of(const PlanQuantity& quantity) const {
  struct OfLife {
    std::string_view key;
    std::string_view training;
    double ServiceCost::*service;
  };
  static constexpr OfLife of_life[] = {{"lifetime_cost_usd", "cost_usd", &ServiceCost::usd},
                                       {"lifetime_energy_j", "energy_j", &ServiceCost::joules},
                                       {"lifetime_carbon_g", "carbon_g", &ServiceCost::grams}};
  for (const OfLife& life : of_life) {
    if (quantity.key != life.key) continue;
    if (lifetime_ == nullptr || !lifetime_->has_sites()) return std::nullopt;
    std::optional<Row> row = row_of(*find_quantity(life.training));
    if (!row) return std::nullopt;
    row->name = quantity.key;
    row->service = life.service;
    return row;
  }
  Row row{std::string(quantity.key), quantity.dimension, Base::exact_flop};
  if (quantity.key == "lifetime_flop") {
    if (lifetime_ == nullptr) return std::nullopt;
    row.base = Base::law_flop;
    row.served_tokens = lifetime_->inference_tokens();
  } else if (quantity.key == "loss") {
    row.base = Base::loss;
  } else if (quantity.key == "train_flop") {
    row.base = Base::law_flop;
  } else if (quantity.key == "epochs" && scenario_.data.unique_tokens) {
    row.base = Base::epochs;
    row.scale = 1 / scenario_.data.unique_tokens->value;
  } else if (const Resources::Line* line = resources_.line(quantity.key)) {
    row.base = Base::wall_seconds;
    row.scale = line->per_second;
    row.fixed = line->fixed;
    row.per_joule = line->per_joule;
  } else if (quantity.key != "train_flop_exact") {
    return std::nullopt;
  }
  return row;
}

void Problem::add_limits() {
  for (const Limit& budget : scenario_.budgets) {
    std::optional<Row> row = row_of(*find_quantity(budget.quantity));
    if (!row) continue;  // a limit of the shape and its machines, kept where layouts are priced
    row->limit = budget.limit;
    rows_.push_back(*row);
  }
  if (scenario_.data.max_epochs) {
    Row row = *row_of(*find_quantity("epochs"));
    row.name = "max_epochs";
    row.limit = scenario_.data.max_epochs->value;
    rows_.push_back(row);
  }
  for (const Limit& target : scenario_.targets) {
    Row row = *row_of(*find_quantity(target.quantity));
    row.limit = target.limit;
    target_ = rows_.size();
    rows_.push_back(row);
  }
}

double Problem::size_of_params(double params) const {
  const model::Family& family = scenario_.model.family;
  const auto point =
      model::smooth_point(family, model::Count::total, params,
                          static_cast<double>(scenario_.data.sequence_length), family.aspect_reference);
  return model::counted(point, model_.count());
}

void Problem::set_sizes() {
  if (scenario_.model.params_min) size_low_ = size_of_params(scenario_.model.params_min->value);
  if (scenario_.model.params_max) size_high_ = size_of_params(scenario_.model.params_max->value);
  if (scenario_.pinned_params) size_low_ = size_high_ = size_of_params(scenario_.pinned_params->value);
}

bool Problem::only_law_flop(const View& view) const {
  const bool law_as_fitted = batch_tokens_ == 0 && view.batch_tokens == 0 && !scenario_.pinned_learning_rate;
  const bool served = lifetime_ != nullptr && lifetime_->has_sites();
  return law_as_fitted && !served && done() == 0 && minimises_loss() && rows_.size() == 1 &&
         rows_.front().base == Base::law_flop && rows_.front().served_tokens == 0 && !view.confidence &&
         !scenario_.pinned_params && !scenario_.pinned_tokens && !scenario_.model.params_min &&
         !scenario_.model.params_max && model_.has_allocator();
}

bool Problem::is_proportional(const Row& row) const {
  return row.service == nullptr && row.served_tokens == 0 && done() == 0 && scenario_.data.stages.empty();
}

bool Problem::uses_token_cost() const {
  auto uses = [](const Row& row) { return row.base == Base::exact_flop || row.base == Base::wall_seconds; };
  return uses(objective_) || std::any_of(rows_.begin(), rows_.end(), uses);
}

double Problem::seen_loss(const View& view, std::optional<double> quantile, double size, double tokens,
                          std::span<double> gradient) const {
  auto law = [&](double seen, std::span<double> g) {
    return quantile ? model_.quantile(*quantile, size, seen, g) : model_.loss(view.draw, size, seen, g);
  };
  const double batch = view.batch_tokens > 0 ? view.batch_tokens : batch_tokens_;
  const bool plain = recipe_ == nullptr || (batch == 0 && !scenario_.pinned_learning_rate);
  if (plain) return law(tokens, gradient);
  auto seen_at = [&](double n, double d) {
    return model_.worth_tokens(d, recipe_->token_worth(batch, n, d));
  };
  auto factor_at = [&](double n, double d) { return 1 + recipe_->loss_excess(batch, n, d); };
  const double seen = seen_at(size, tokens);
  const double factor = factor_at(size, tokens);
  double part[2] = {0, 0};
  const double value = law(seen, gradient.empty() ? gradient : std::span<double>(part));
  if (!gradient.empty()) {
    const double up = 1 + difference_step;
    const double down = 1 - difference_step;
    auto slope = [&](auto f, bool of_size) {
      const double high = of_size ? f(size * up, tokens) : f(size, tokens * up);
      const double low = of_size ? f(size * down, tokens) : f(size, tokens * down);
      return (high - low) / (2 * difference_step * (of_size ? size : tokens));
    };
    gradient[0] = factor * (part[0] + part[1] * slope(seen_at, true)) + value * slope(factor_at, true);
    gradient[1] = factor * part[1] * slope(seen_at, false) + value * slope(factor_at, false);
  }
  return value * factor;
}

double Problem::objective_loss(const View& view, double size, double tokens,
                               std::span<double> gradient) const {
  return seen_loss(view, view.confidence ? std::optional(0.5) : std::nullopt, size, tokens, gradient);
}

double Problem::target_loss(const View& view, double size, double tokens, std::span<double> gradient) const {
  return seen_loss(view, view.confidence, size, tokens, gradient);
}

std::vector<double> Problem::losses(double size, double tokens) const {
  const bool plain = recipe_ == nullptr || (batch_tokens_ == 0 && !scenario_.pinned_learning_rate);
  if (plain) return model_.losses(size, tokens);
  std::vector<double> out =
      model_.losses(size, model_.worth_tokens(tokens, recipe_->token_worth(batch_tokens_, size, tokens)));
  for (double& each : out) each *= 1 + recipe_->loss_excess(batch_tokens_, size, tokens);
  return out;
}

double Problem::objective_value(const View& view, double size, const TokenCost& cost, double tokens) const {
  return minimises_loss() ? objective_loss(view, size, tokens) : value(view, objective_, size, cost, tokens);
}

// Tokens that at this batch are worth `worth` tokens at the reference batch; they are worth more the more
// they are.
double Problem::tokens_worth(double batch, double size, double worth, double most) const {
  if (batch == 0 || recipe_ == nullptr) return worth;
  auto miss = [&](double x) {
    const double tokens = std::exp(x);
    return std::log(model_.worth_tokens(tokens, recipe_->token_worth(batch, size, tokens)) / worth);
  };
  double last = std::log(worth);
  double last_miss = miss(last);
  if (last_miss == 0) return worth;
  double x = last - last_miss;
  for (int i = 0; i < secant_steps && std::exp(x) <= most; ++i) {
    const double now = miss(x);
    const double step = now * (x - last) / (now - last_miss);
    if (now == 0 || std::abs(step) < settled) return std::exp(x - (now == 0 ? 0 : step));
    last = x;
    last_miss = now;
    x -= step;
    if (!std::isfinite(x)) break;
  }
  const double top = std::log(most);
  const double low = std::log(worth);
  return miss(top) < 0 ? std::nan("") : std::exp(num::find_root(miss, low, top));
}

// The fewest tokens that reach the target: the loss falls with tokens.
void Problem::fit_target(const View& view, const Row& target, AtSize& at, double most) const {
  const double batch = view.batch_tokens > 0 ? view.batch_tokens : batch_tokens_;
  const double first = std::max(1.0, done());
  at.row = target_;
  at.tokens = most;
  if (recipe_ == nullptr || !scenario_.pinned_learning_rate) {
    const double seen = model_.tokens_for_loss(view.draw, view.confidence, at.size, target.limit);
    const double tokens = std::isnan(seen) ? seen : tokens_worth(batch, at.size, seen, most_tokens);
    if (tokens <= most * (1 + rounding)) {
      at.tokens = std::clamp(tokens, first, std::max(first, most));
      return;
    }
  }
  auto excess = [&](double log_tokens) {
    return target_loss(view, at.size, std::exp(log_tokens)) - target.limit;
  };
  const double top = std::log(most);
  const double miss = excess(top);
  if (!(miss <= 0)) {
    at.feasible = false;
    at.violation = std::isnan(miss) ? 1e300 : miss / std::abs(target.limit);
    return;
  }
  at.tokens = excess(std::log(first)) <= 0 ? first : std::exp(num::find_root(excess, std::log(first), top));
}

AtSize Problem::at(const View& view, double size, const TokenCost& cost) const {
  AtSize at{true, size, cost, most_tokens, 0, 0, std::nullopt};
  if (lifetime_ != nullptr && lifetime_->has_sites()) {
    at.cost.service = service(size, cost);
    if (!at.cost.service->possible) {
      // no deployment of so large a model keeps the latency limits: smaller ones come nearer
      at.feasible = false;
      at.violation = 1e3 + std::log(size);
      at.unservable = true;
      return at;
    }
  }
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const double most = tokens_at_limit(view, rows_[i], size, at.cost);
    if (most < at.tokens) {
      at.tokens = most;
      at.row = i;
    }
  }
  const double least = scenario_.pinned_tokens ? scenario_.pinned_tokens->value : std::max(1.0, done());
  if (!(at.tokens >= least * (1 - rounding))) {
    at.feasible = false;
    at.violation = at.tokens > 0 ? std::log(least / at.tokens) : 1e300;
    return at;
  }
  if (scenario_.pinned_tokens) {
    at.tokens = least;
    at.row.reset();
  } else if (!minimises_loss()) {
    fit_target(view, rows_[*target_], at, at.tokens);
  }
  if (target_ && (minimises_loss() || scenario_.pinned_tokens)) {
    const double target = rows_[*target_].limit;
    const double miss = (target_loss(view, size, at.tokens) - target) / std::abs(target);
    if (!(miss <= rounding)) {
      at.feasible = false;
      at.violation = std::isnan(miss) ? 1e300 : miss;
      at.row = target_;
    }
  }
  at.value = objective_value(view, size, at.cost, at.tokens);
  if (!std::isfinite(at.value)) {
    at.feasible = false;
    at.violation = 1e300;
  }
  return at;
}

model::SmoothPoint Problem::curve(double size) const {
  const model::Family& family = scenario_.model.family;
  return model::smooth_point(family, model_.count(), size,
                             static_cast<double>(scenario_.data.sequence_length), family.aspect_reference);
}

AtSize Problem::on_curve(const View& view, double size) const {
  if (!uses_token_cost()) return at(view, size, {});
  const double flop = optimistic_ ? model::least_flop_per_token(scenario_.model.family, model_.count(), size)
                                  : curve(size).flop_per_token;
  return at(view, size, cost_of(flop));
}

}  // namespace scaleplan::plan
