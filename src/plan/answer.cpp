#include "plan/answer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "scaleplan/num/statistics.hpp"

namespace scaleplan::plan {

namespace {

constexpr double rounding = 1e-9;  // relative, of whole tokens and of sums

// Quantities at the decision that the law's draws do not touch.
double used_by(const Problem& problem, const View& view, const Row& row, const Candidate& chosen) {
  return problem.value(view, row, chosen.at.size, chosen.at.cost, static_cast<double>(chosen.tokens));
}

// ∂objective/∂ln(tokens) over ∂ln(row)/∂ln(tokens) for the fixed shape: what one ln of the limit is worth. A
// quantile over draws has kinks: its slope is that across one percent to each side.
double price_of(const Problem& problem, const View& view, const Row& row, const Candidate& chosen) {
  const double tokens = chosen.at.tokens;
  auto loss_slope = [&](auto loss) {
    if (view.confidence) {
      const double step = 0.01;
      return (loss(tokens * std::exp(step), std::span<double>()) -
              loss(tokens * std::exp(-step), std::span<double>())) /
             (2 * step);
    }
    double gradient[2] = {0, 0};
    loss(tokens, std::span<double>(gradient));
    return gradient[1] * tokens;
  };
  auto log_slope = [&](const Row& of) {
    if (of.base != Base::loss) return problem.log_slope(of, chosen.at.size, chosen.at.cost, tokens);
    auto target = [&](double d, std::span<double> g) {
      return problem.target_loss(view, chosen.at.size, d, g);
    };
    return loss_slope(target) / target(tokens, {});
  };
  auto objective = [&](double d, std::span<double> g) {
    return problem.objective_loss(view, chosen.at.size, d, g);
  };
  const double slope =
      problem.minimises_loss() ? loss_slope(objective) : chosen.at.value * log_slope(problem.objective());
  return slope / log_slope(row);
}

// A constraint on the size that the relaxed problem may press against; shapes come in steps, so that a small
// move of the limit changes nothing for the chosen one.
Constraint size_limit(const char* name, double used, const Given& limit, const Relaxed& relaxed) {
  Constraint constraint;
  constraint.name = name;
  constraint.dimension = Dimension::params;
  constraint.used = used;
  constraint.limit = limit.value;
  auto price = relaxed.per_log_limit.find(name);
  constraint.binding = price != relaxed.per_log_limit.end() && price->second != 0;
  return constraint;
}

// What a run on machines adds to the table, beside its lines in time and energy.
std::optional<double> of_run(const Run& run, std::string_view key) {
  if (key == "step_time_s") return run.step_s;
  if (key == "mfu") return run.layout.time.mfu * run.layout.time.step_s / run.step_s;
  if (key == "memory_bytes") return run.layout.memory.safe;
  if (key == "mean_power_w") return run.watts;
  if (key == "checkpoint_bytes") return run.checkpoint_bytes;
  return std::nullopt;
}

// A quantity whose time, energy or loss varies with the draws.
Outcome outcome_of(const Problem& problem, const View& view, const Candidate& chosen,
                   const PlanQuantity& quantity, double level) {
  Outcome outcome{&quantity, std::nullopt, {}};
  const auto tokens = static_cast<double>(chosen.tokens);
  if (quantity.key == "loss") {
    outcome.value = problem.objective_loss(view, chosen.at.size, tokens);
    const std::vector<double> losses = problem.losses(chosen.at.size, tokens);
    if (!losses.empty()) outcome.interval = num::percentile_interval(losses, level);
    return outcome;
  }
  if (quantity.key == "score") {
    const auto& score = problem.scenario().score;
    if (!score) return outcome;
    outcome.value = score->formula->at(std::array{problem.objective_loss(view, chosen.at.size, tokens)});
    std::vector<double> scores = problem.losses(chosen.at.size, tokens);
    for (double& each : scores) each = score->formula->at(std::array{each});
    if (!scores.empty()) outcome.interval = num::percentile_interval(scores, level);
    return outcome;
  }
  if (chosen.run) outcome.value = of_run(*chosen.run, quantity.key);
  if (outcome.value) {
    if (quantity.key == "step_time_s" && !problem.time_factors().empty()) {
      outcome.interval = num::percentile_interval(problem.time_factors(), level);
      outcome.interval.low *= *outcome.value;
      outcome.interval.high *= *outcome.value;
    }
    return outcome;
  }
  const auto row = quantity.computed ? problem.row_of(quantity) : std::nullopt;
  if (!row) return outcome;
  outcome.value = problem.value({}, *row, chosen.at.size, chosen.at.cost, tokens);
  const std::vector<double> values = problem.values(*row, chosen.at.size, chosen.at.cost, tokens);
  if (!values.empty()) outcome.interval = num::percentile_interval(values, level);
  return outcome;
}

}  // namespace

void describe_relaxation(const Problem& problem, const View& view, const Relaxed& relaxed, Plan& plan) {
  const model::SmoothPoint point = problem.curve(relaxed.at.size);
  Relaxation& out = plan.relaxation;
  out.found = relaxed.outcome == Relaxed::Outcome::found;
  out.size_input = problem.model().size_name();
  out.size = relaxed.at.size;
  out.params = point.total;
  out.active_params = point.active;
  out.non_embedding_params = point.non_embedding;
  out.tokens = relaxed.at.tokens;
  out.value = relaxed.at.value;
  out.loss = problem.objective_loss(view, relaxed.at.size, relaxed.at.tokens);
  out.per_log_limit = relaxed.per_log_limit;
  out.kkt_residual = relaxed.kkt_residual;
  out.method = relaxed.method;
}

void describe_decision(const Problem& problem, const Realised& realised, const Relaxed& relaxed, Plan& plan) {
  const Scenario& scenario = problem.scenario();
  const Candidate& chosen = *realised.chosen;
  Decision decision;
  decision.shape = chosen.shape;
  decision.params = chosen.params;
  decision.tokens = chosen.tokens;
  decision.sequence_length = scenario.data.sequence_length;
  decision.run = chosen.run;
  if (chosen.run) {
    decision.devices = static_cast<double>(chosen.run->devices);
    decision.precision = chosen.run->precision;
  } else if (scenario.training) {
    decision.devices = scenario.training->devices;
    decision.precision = scenario.training->precision;
  }
  plan.decision = decision;
  plan.shapes_evaluated = realised.evaluated;
  plan.certificate =
      Certificate{realised.bound, chosen.value, (chosen.value - realised.bound) / std::abs(realised.bound)};
  plan.relaxation.gap = (chosen.value - relaxed.at.value) / std::abs(relaxed.at.value);
  const double allowed = rounding + scenario.search.gap + realised.tolerance / std::abs(realised.bound);
  plan.status = relaxed.converged && plan.certificate->gap <= allowed ? Status::optimal : Status::feasible;
  // one alternative for each hidden size: neighbours that differ in a layer say nothing
  std::vector<std::int64_t> seen{chosen.shape.hidden};
  const double most = chosen.value + scenario.search.near_optimal * std::abs(chosen.value);
  for (const Candidate& candidate : realised.candidates) {
    if (plan.alternatives.size() >= static_cast<std::size_t>(scenario.search.alternatives)) break;
    if (candidate.value > most || std::find(seen.begin(), seen.end(), candidate.shape.hidden) != seen.end())
      continue;
    seen.push_back(candidate.shape.hidden);
    const auto tokens = static_cast<double>(candidate.tokens);
    plan.alternatives.push_back(
        {candidate.shape, candidate.params, candidate.tokens,
         problem.objective_loss({LossModel::point, {}, candidate.batch_tokens}, candidate.at.size, tokens),
         candidate.value, (candidate.value - chosen.value) / std::abs(chosen.value), candidate.run});
  }
}

void describe_outcomes(const Problem& problem, const View& view, const Candidate& chosen, Plan& plan) {
  const Scenario& scenario = problem.scenario();
  for (const PlanQuantity& quantity : plan_quantities()) {
    Outcome outcome = outcome_of(problem, view, chosen, quantity, plan.level);
    if (quantity.key == "mfu" && scenario.training) outcome.value = scenario.training->mfu;
    plan.outcomes.push_back(outcome);
  }
}

void describe_constraints(const Problem& problem, const View& view, const Relaxed& relaxed,
                          const Candidate& chosen, Plan& plan) {
  const Scenario& scenario = problem.scenario();
  bool sure = true;
  const std::vector<double> losses = problem.losses(chosen.at.size, static_cast<double>(chosen.tokens));
  std::vector<bool> kept(losses.size(), true);
  for (std::size_t i = 0; i < problem.rows().size(); ++i) {
    const Row& row = problem.rows()[i];
    Constraint constraint{
        row.name, row.dimension, used_by(problem, view, row, chosen), row.limit, false, 0, 0, 1};
    constraint.binding = chosen.at.row == i;
    if (constraint.binding) {
      View at_batch = view;
      at_batch.batch_tokens = chosen.batch_tokens;
      constraint.per_log_limit = price_of(problem, at_batch, row, chosen);
      constraint.shadow_price = -constraint.per_log_limit / row.limit;
    }
    if (row.base == Base::loss && !losses.empty()) {
      double met = 0;
      for (std::size_t k = 0; k < losses.size(); ++k) {
        if (losses[k] <= row.limit) ++met;
        if (losses[k] > row.limit) kept[k] = false;
      }
      constraint.probability_kept = met / static_cast<double>(losses.size());
    } else if (const std::vector<double> values =
                   problem.values(row, chosen.at.size, chosen.at.cost, static_cast<double>(chosen.tokens));
               !values.empty() && values.size() == losses.size()) {
      double met = 0;
      for (std::size_t k = 0; k < losses.size(); ++k) {
        const bool holds = values[k] <= row.limit * (1 + 1e-9);
        met += holds ? 1 : 0;
        kept[k] = kept[k] && holds;
      }
      constraint.probability_kept = met / static_cast<double>(losses.size());
    } else {
      constraint.probability_kept = constraint.used <= row.limit + 1e-9 * std::abs(row.limit) ? 1 : 0;
      sure = sure && constraint.probability_kept == 1;
    }
    plan.constraints.push_back(constraint);
  }
  const auto total = static_cast<double>(chosen.params.total);
  if (scenario.model.params_min) {
    plan.constraints.push_back(size_limit("params.min", total, *scenario.model.params_min, relaxed));
  }
  if (scenario.model.params_max) {
    plan.constraints.push_back(size_limit("params.max", total, *scenario.model.params_max, relaxed));
  }
  double joint = 1;
  if (!losses.empty()) {
    joint =
        static_cast<double>(std::count(kept.begin(), kept.end(), true)) / static_cast<double>(kept.size());
  }
  plan.joint_probability_kept = sure ? joint : 0;
}

void describe_flat_regions(const Problem& problem, const View& view, const Relaxed& relaxed, Plan& plan) {
  std::vector<double> widths{0.001, 0.005, problem.scenario().search.near_optimal};
  std::sort(widths.begin(), widths.end());
  widths.erase(std::unique(widths.begin(), widths.end()), widths.end());
  for (double within : widths) {
    const auto [low, high] = flat_sizes(problem, view, relaxed.at, within);
    const double at_low = problem.on_curve(view, low).tokens;
    const double at_high = problem.on_curve(view, high).tokens;
    plan.near_optimal.push_back({within, problem.curve(low).total, problem.curve(high).total,
                                 std::min(at_low, at_high), std::max(at_low, at_high)});
  }
}

}  // namespace scaleplan::plan
