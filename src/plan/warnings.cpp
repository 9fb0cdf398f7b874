#include <fmt/core.h>

#include <cmath>

#include "plan/answer.hpp"
#include "scaleplan/base/quantity.hpp"

namespace scaleplan::plan {

namespace {

constexpr double many_epochs = 4;

// What the limits allow at best where they cannot all be kept.
std::string explain(const Problem& problem, const View& view, const Relaxed& relaxed) {
  const Scenario& scenario = problem.scenario();
  const AtSize& at = relaxed.at;
  if (at.unservable) return "no deployment of any size keeps the latency limits of the demand";
  if (!at.row) return "the loss law has no value for any size that is allowed";
  const Row& row = problem.rows()[*at.row];
  if (row.base != Base::loss) {
    const std::string needed =
        scenario.pinned_tokens
            ? "the pinned " + format_quantity(scenario.pinned_tokens->value, Dimension::tokens)
            : "one token";
    return fmt::format("{} {} does not pay for {} at any size that is allowed", row.name,
                       format_quantity(row.limit, row.dimension), needed);
  }
  const double endless = problem.target_loss(view, Problem::largest_size, Problem::most_tokens);
  if (!scenario.data.unique_tokens && endless > row.limit) {
    return fmt::format("the loss target {} lies below the {} that the law approaches with endless compute",
                       format_number(row.limit), format_number(endless));
  }
  return fmt::format(
      "the loss target {} is out of reach: within the other limits the loss falls to {} at best",
      format_number(row.limit), format_number(problem.target_loss(view, at.size, at.tokens)));
}

}  // namespace

void describe_conflict(const Problem& problem, const View& view, const Relaxed& relaxed, Plan& plan) {
  const Scenario& scenario = problem.scenario();
  plan.status = Status::infeasible;
  plan.warnings.push_back(explain(problem, view, relaxed));
  const AtSize& at = relaxed.at;
  const bool target_missed = at.row && problem.rows()[*at.row].base == Base::loss;
  const TokenCost cost = problem.cost_of(problem.curve(at.size).flop_per_token);
  for (std::size_t i = 0; i < problem.rows().size(); ++i) {
    const Row& row = problem.rows()[i];
    Constraint constraint{row.name, row.dimension, 0, row.limit, false, 0, 0, 1};
    const double tokens = scenario.pinned_tokens ? scenario.pinned_tokens->value : std::max(1.0, at.tokens);
    constraint.used = problem.value(view, row, at.size, cost, tokens);
    constraint.binding = constraint.used >= row.limit * (1 - 1e-6);
    constraint.probability_kept = constraint.used <= row.limit * (1 + 1e-9) ? 1 : 0;
    if (at.row == i || (target_missed && constraint.binding)) plan.conflicts.push_back(row.name);
    plan.constraints.push_back(constraint);
  }
  if (at.unservable) plan.conflicts.emplace_back("demand.slo");
  if (scenario.pinned_tokens) plan.conflicts.emplace_back("pins.tokens");
  if (scenario.pinned_params) plan.conflicts.emplace_back("pins.params");
  const double near = 1e-3;
  if (scenario.model.params_min && at.size < problem.size_low() * (1 + near))
    plan.conflicts.emplace_back("params.min");
  if (scenario.model.params_max && at.size > problem.size_high() * (1 - near)) {
    plan.conflicts.emplace_back("params.max");
  }
}

void add_warnings(const Problem& problem, const Relaxed& relaxed, Plan& plan) {
  const Scenario& scenario = problem.scenario();
  auto warn = [&](std::string text) { plan.warnings.push_back(std::move(text)); };
  for (const std::string& text : problem.model().warnings()) warn(text);
  if (plan.decision && std::isnan(plan.decades_outside)) {
    warn("how far this extrapolates is unknown: the law does not say which runs it was fitted on");
  }
  if (problem.model().draws() == 0) {
    warn(scenario.search.draws == 0 ? "no intervals: search.draws is 0"
                                    : "no intervals: the loss law has no draws, only a point estimate");
    if (scenario.confidence) warn("confidence has no effect without draws: the point estimate is planned on");
  }
  const DecisionIntervals& intervals = plan.decision_intervals;
  if (intervals.solved < intervals.draws) {
    warn(fmt::format("{} of {} draws have no optimum within the limits; the intervals leave them out",
                     intervals.draws - intervals.solved, intervals.draws));
  }
  if (!relaxed.converged) {
    warn(fmt::format("the continuous optimum is not certain: its KKT residual is {:.1e}",
                     relaxed.kkt_residual));
  }
  if (plan.decision && plan.relaxation.gap > 1e-3 && !scenario.pinned_params) {
    warn(
        fmt::format("shapes of family {} stay {:.2g} % behind the continuous optimum; a smaller "
                    "model.hidden_multiple_of or another family may come nearer",
                    scenario.model.family.id, 100 * plan.relaxation.gap));
  }
  if (scenario.pinned_params && plan.decision) {
    const double miss = static_cast<double>(plan.decision->params.total) / scenario.pinned_params->value - 1;
    if (std::abs(miss) > 1e-12) {
      warn(fmt::format("the nearest shape of family {} has {:+.2f} % of the pinned parameters",
                       scenario.model.family.id, 100 * miss));
    }
  }
  if (plan.decision && scenario.data.unique_tokens) {
    const double epochs = static_cast<double>(plan.decision->tokens) / scenario.data.unique_tokens->value;
    if (epochs > many_epochs) {
      warn(
          fmt::format("the data is seen {:.3g} times; beyond about {} a repetition is worth much less than "
                      "new data (arXiv:2305.16264)",
                      epochs, many_epochs));
    }
  }
  const bool settled_only = scenario.demand && plan.decision && plan.decision->served;
  if (settled_only && scenario.objective.starts_with("lifetime_")) {
    warn(
        "the certificate takes the cost of serving from a table between shapes; the best few are priced "
        "exactly");
  }
  std::string precision = scenario.training ? scenario.training->precision : "";
  if (plan.decision && plan.decision->run) precision = plan.decision->run->precision;
  if (!precision.empty() && precision != "bf16" && precision != "fp16") {
    warn(fmt::format("{} changes the time but not the loss: the loss law does not know the precision",
                     precision));
  }
  if (plan.hyperparameters) {
    for (const auto& [what, said] : {std::pair("batch size", &plan.hyperparameters->reference_batch),
                                     std::pair("learning rate", &plan.hyperparameters->learning_rate)}) {
      if (std::string text = disagreement(what, *said); !text.empty()) warn(std::move(text));
    }
  }
  if (!scenario.demand) warn("the deployment is not decided: the scenario has no demand");
  if (!scenario.fleet) warn("the layout is not decided: the scenario has no training.clusters");
}

}  // namespace scaleplan::plan
