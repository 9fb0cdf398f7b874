#include <fmt/core.h>

#include <cmath>

#include "plan/answer.hpp"
#include "scaleplan/base/quantity.hpp"

namespace scaleplan::plan {

namespace {

std::string exact(double value) {
  return format_number(value, 7);
}

std::string amount(double value, Dimension dimension) {
  return format_quantity(value, dimension);
}

// What each row of the table is made of, at the decision.
std::string line_of(const Problem& problem, const Row& row, const Candidate& chosen) {
  const auto tokens = static_cast<double>(chosen.tokens);
  const double value = problem.value({}, row, chosen.at.size, chosen.at.cost, tokens);
  std::string text = row.name + " = ";
  switch (row.base) {
    case Base::loss:
      return fmt::format("{}law({}, {} tokens) = {}", text, exact(chosen.at.size), exact(tokens),
                         exact(value));
    case Base::law_flop:
      text += fmt::format("the law's FLOP of {} and {} tokens", exact(chosen.at.size), exact(tokens));
      if (problem.done() > 0) text += fmt::format(", less those of {} done", exact(problem.done()));
      if (row.served_tokens > 0) {
        text += fmt::format(" + a third of those of {} served tokens", exact(row.served_tokens));
      }
      break;
    case Base::exact_flop:
      text += fmt::format("{} FLOP per token × {} tokens", exact(chosen.at.cost.flop), exact(tokens));
      break;
    case Base::wall_seconds: {
      const char* plus = "";
      if (row.fixed != 0) {
        text += exact(row.fixed);
        plus = " + ";
      }
      if (row.scale != 0) {
        text += fmt::format("{}{} × {} s per token × {} tokens", plus, exact(row.scale),
                            exact(chosen.at.cost.seconds), exact(tokens - problem.done()));
        plus = " + ";
      }
      if (row.per_joule != 0) {
        text += fmt::format("{}{} × {} J per token × {} tokens", plus, exact(row.per_joule),
                            exact(chosen.at.cost.joules), exact(tokens - problem.done()));
      }
      break;
    }
    case Base::epochs:
      text += fmt::format("{} tokens × {}", exact(tokens), exact(row.scale));
      break;
  }
  if (row.service != nullptr && chosen.at.cost.service) {
    text += fmt::format(" + {} of serving", exact(*chosen.at.cost.service.*row.service));
  }
  return fmt::format("{} = {} ({})", text, exact(value), amount(value, row.dimension));
}

void tell_run(const Run& run, const Candidate& chosen, std::vector<std::string>& out) {
  const training::StepTime& time = run.layout.time;
  out.push_back(fmt::format(
      "clean step = {} s: {} micro-batches of {} s, bubble {} s, stage messages {} s, gradients {} s, "
      "optimiser {} s, times the calibration's {}{}",
      exact(run.step_s), exact(time.micro_batches), exact(time.stage_s), exact(time.bubble_s),
      exact(time.p2p_s), exact(time.dp_s), exact(time.optimizer_s), exact(time.scale),
      run.power_cap_w ? fmt::format(", slowed by the cap of {} W", exact(*run.power_cap_w)) : ""));
  out.push_back(fmt::format(
      "goodput = {}: a checkpoint every {} s, a failure every {} s (Young and Daly's interval)",
      exact(run.goodput.fraction), exact(run.goodput.checkpoint_interval_s), exact(run.goodput.job_mtbf_s)));
  out.push_back(fmt::format("seconds per token = clean step / ({} tokens per step × goodput) = {}",
                            exact(chosen.batch_tokens), exact(chosen.at.cost.seconds)));
  out.push_back(fmt::format("joules per token = {} W of the site × seconds per token = {}", exact(run.watts),
                            exact(chosen.at.cost.joules)));
}

}  // namespace

void describe_derivation(const Problem& problem, const View& view, const Candidate& chosen, Plan& plan) {
  std::vector<std::string>& out = plan.derivation;
  const auto tokens = static_cast<double>(chosen.tokens);
  out.push_back(fmt::format("{} = {} of the shape, as the law counts it; FLOP per token, exact = {}",
                            problem.model().size_name(), exact(chosen.at.size), exact(chosen.at.cost.flop)));
  if (plan.hyperparameters) {
    const Hyperparameters& said = *plan.hyperparameters;
    out.push_back(
        fmt::format("a token is worth min(1, (1 + {0}/{1}) / (1 + {2}/{1})) = {3} at {2} tokens per step "
                    "(reference batch "
                    "{0}, critical batch {1})",
                    exact(said.reference_batch.value), exact(said.critical_batch.value),
                    exact(static_cast<double>(plan.decision->batch_tokens)), exact(said.token_worth)));
    if (said.loss_excess > 0) {
      out.push_back(fmt::format("the pinned learning rate costs a factor of 1 + {} of the loss",
                                exact(said.loss_excess)));
    }
  }
  View at_batch = view;
  at_batch.batch_tokens = chosen.batch_tokens;
  out.push_back(fmt::format("loss = law({}, {}) = {}{}", exact(chosen.at.size), exact(tokens),
                            exact(problem.objective_loss(at_batch, chosen.at.size, tokens)),
                            view.confidence ? " (median over the law's draws)" : ""));
  if (chosen.run) tell_run(*chosen.run, chosen, out);
  for (const PlanQuantity& quantity : plan_quantities()) {
    if (quantity.key == "loss" || quantity.key == "score") continue;
    if (const auto row = problem.row_of(quantity)) out.push_back(line_of(problem, *row, chosen));
  }
  for (const Constraint& constraint : plan.constraints) {
    out.push_back(fmt::format("{}: {} of {}{}", constraint.name, exact(constraint.used),
                              exact(constraint.limit),
                              constraint.binding ? ", binds: it sets the tokens" : ""));
  }
}

}  // namespace scaleplan::plan
