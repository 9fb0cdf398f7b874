#include "plan/regret.hpp"

#include <algorithm>
#include <cmath>

#include "plan/relaxation.hpp"
#include "scaleplan/num/minimise.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::plan {

namespace {

constexpr double most_wasted = 13.8;  // ln of a million: compute that a loss may be worth less than was spent

// The best split of `flop` under the point law on the scenario's data.
Relaxed best_split(const Scenario& unlimited, const LossModel& model, double flop) {
  Scenario reference = unlimited;
  reference.budgets = {{"train_flop", flop, {}}};
  reference.confidence.reset();
  reference.pinned_batch.reset();
  reference.pinned_learning_rate.reset();
  const Problem problem(reference, model);
  return search_relaxation(problem, View{});
}

}  // namespace

double Regret::quantile(double q) const {
  return draws.empty() ? nats : num::quantile(draws, q);
}

std::optional<double> Regret::probability() const {
  if (draws.empty()) return std::nullopt;
  const auto lost = std::count_if(draws.begin(), draws.end(), [](double nats_lost) { return nats_lost > 0; });
  return static_cast<double>(lost) / static_cast<double>(draws.size());
}

std::optional<Regret> regret_of(const Problem& problem, double size, double tokens, double excess) {
  const LossModel& model = problem.model();
  Scenario unlimited = problem.scenario();
  unlimited.targets.clear();
  unlimited.fleet.reset();
  unlimited.training.reset();
  const double flop = model.compute(size, tokens);
  const Relaxed best = best_split(unlimited, model, flop);
  if (best.outcome != Relaxed::Outcome::found) return std::nullopt;
  Regret out;
  out.best_size = best.at.size;
  out.best_tokens = best.at.tokens;
  const double least = model.loss(LossModel::point, out.best_size, out.best_tokens);
  const double split = model.loss(LossModel::point, size, tokens);
  const View view{};
  const double all = problem.objective_loss(view, size, tokens);
  const double with_batch = all / (1 + excess);
  out.nats = all - least;
  out.of_split = split - least;
  out.of_batch = with_batch - split;
  out.of_learning_rate = all - with_batch;
  const std::vector<double> proposed = problem.losses(size, tokens);
  out.draws.reserve(proposed.size());
  for (std::size_t k = 0; k < proposed.size(); ++k) {
    out.draws.push_back(proposed[k] - model.loss(static_cast<int>(k), out.best_size, out.best_tokens));
  }
  if (out.nats > 0) {
    const auto above = [&](double log_less) {
      const Relaxed cheaper = best_split(unlimited, model, flop * std::exp(-log_less));
      return model.loss(LossModel::point, cheaper.at.size, cheaper.at.tokens) - all;
    };
    const double found = num::find_root(above, 0, most_wasted);
    out.extra_compute = std::isnan(found) ? HUGE_VAL : std::expm1(found);
  }
  return out;
}

}  // namespace scaleplan::plan
