#include "scaleplan/plan/evaluate.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "plan/answer.hpp"
#include "plan/proposed.hpp"
#include "plan/proposed_service.hpp"
#include "plan/regret.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::plan {

namespace {

constexpr double least_excess = 1e-6;  // ε of a learning rate that counts as the best

// What the parts of one evaluation share; members refer to each other, so that it stays where it is.
struct Evaluating {
  const model::Proposal& proposal;
  const fit::Predictor& loss;
  const json::Catalogue& catalogue;
  Proposed said;
  Evaluation out;
  std::optional<training::Efficiency> efficiency;
  Options options;
  std::optional<Offer> offer;
  double time_sd = 0;
  ProposedService service;
};

void refuse(Evaluating& at, std::string reason, const char* path) {
  at.out.illegal = std::move(reason);
  at.out.illegal_path = path;
  at.out.machines_unknown = "the layout is illegal: " + at.out.illegal;
}

// Whole sequences of a step; nothing when the batch is none or has a part of one.
std::optional<std::int64_t> sequences_of(Evaluating& at) {
  const std::int64_t length = at.said.scenario.data.sequence_length;
  const double sequences = *at.said.batch_tokens / static_cast<double>(length);
  if (sequences != std::floor(sequences)) {
    refuse(at,
           fmt::format("a step of {} tokens has {} sequences of {}", format_number(*at.said.batch_tokens, 15),
                       format_number(sequences), length),
           "batch_tokens");
    return std::nullopt;
  }
  return static_cast<std::int64_t>(sequences);
}

// Memory and step time of the layout on the machines, as far as both are said.
Result<bool> judge_layout(Evaluating& at) {
  const Scenario& scenario = at.said.scenario;
  Evaluation& out = at.out;
  if (!scenario.fleet) {
    out.machines_unknown = at.said.fleet_unknown;
    return true;
  }
  Result<Options> options = options_of(scenario);
  if (!options) return options.errors();
  at.options = std::move(*options);
  if (at.options.list.empty()) {
    refuse(at, at.options.pruned.front().reason, "devices");
    return true;
  }
  const Option& option = at.options.list.front();
  out.memory_offered = option.machine.memory.raw();
  if (!at.said.layout) {
    out.machines_unknown = "the proposal has no layout";
    return true;
  }
  if (!at.said.batch_tokens) {
    out.machines_unknown = "neither the proposal nor the scenario says how many tokens a step has";
    return true;
  }
  const std::optional<std::int64_t> sequences = sequences_of(at);
  if (!sequences) return true;
  Result<training::Efficiency> efficiency = scenario.efficiency
                                                ? Result<training::Efficiency>(*scenario.efficiency)
                                                : training::default_efficiency(at.catalogue);
  if (!efficiency) return efficiency.errors();
  at.efficiency = *efficiency;
  out.plan.provenance.calibration = efficiency->id;
  const Machines machines(scenario, option, *at.efficiency);
  Machines::Judged judged = machines.judge(*at.proposal.shape, *sequences, *at.said.layout);
  if (!judged.offer) {
    refuse(at, judged.reason, "layout");
    return true;
  }
  out.memory = judged.offer->run->layout.memory.safe;
  at.time_sd = machines.time_sd();
  at.offer = std::move(judged.offer);
  return true;
}

Resources resources_at(const Evaluating& at) {
  const Scenario& scenario = at.said.scenario;
  if (!scenario.fleet) return resources_of(scenario);
  if (at.options.list.empty()) return {};
  if (!at.offer) {
    // without a step time there are the machines' peaks and nothing that grows with time
    Resources out = resources_of(scenario, at.options.list.front(), 0, 0);
    std::erase_if(out.lines,
                  [](const auto& line) { return line.second.per_second > 0 || line.second.per_joule > 0; });
    return out;
  }
  Resources out = resources_of(scenario, at.options.list.front(),
                               at.offer->cost.seconds / at.offer->cost.flop, at.offer->run->watts);
  out.time_sd = at.time_sd;
  return out;
}

Candidate candidate_of(const Evaluating& at, const Problem& problem) {
  Candidate out;
  out.shape = *at.proposal.shape;
  out.params = model::count_parameters(out.shape);
  out.at.feasible = true;
  out.at.size = static_cast<double>(model::counted(out.params, problem.model().count()));
  const double flop =
      model::flop_per_token(out.shape, problem.scenario().data.sequence_length).training.raw();
  out.at.cost = at.offer ? at.offer->cost : problem.cost_of(flop);
  out.at.tokens = at.said.tokens.value_or(1);
  out.tokens = std::llround(out.at.tokens);
  out.batch_tokens = at.said.batch_tokens.value_or(0);
  if (at.offer) out.run = at.offer->run;
  out.at.cost.service = at.service.cost;
  out.served = at.service.served;
  return out;
}

// What is proposed, beside what the laws of batch and learning rate say of it.
void decide(Evaluating& at, const Problem& problem, const HyperparameterLaws& laws, const Recipe& recipe,
            const Candidate& chosen) {
  const Scenario& scenario = problem.scenario();
  Plan& plan = at.out.plan;
  Decision decision;
  decision.shape = chosen.shape;
  decision.params = chosen.params;
  decision.tokens = chosen.tokens;
  decision.done_tokens = std::llround(problem.done());
  decision.sequence_length = scenario.data.sequence_length;
  decision.run = chosen.run;
  if (at.said.devices) decision.devices = static_cast<double>(*at.said.devices);
  decision.precision = at.proposal.precision;
  if (scenario.training) {
    decision.devices = scenario.training->devices;
    decision.precision = scenario.training->precision;
  } else if (scenario.fleet) {
    decision.precision = training::precision_name(scenario.fleet->precisions.front());
  }
  plan.decision = decision;
  describe_hyperparameters(problem, laws, recipe, chosen, plan);
  const Hyperparameters& heard = *plan.hyperparameters;
  at.out.best_learning_rate =
      rate_at_batch(heard.learning_rate.value, static_cast<double>(plan.decision->batch_tokens),
                    heard.reference_batch.value);
  if (at.said.learning_rate) plan.decision->learning_rate = *at.said.learning_rate;
  if (at.said.batch_tokens) {
    // parts of sequences are illegal, not rounded away
    plan.decision->batch_tokens = std::llround(*at.said.batch_tokens);
  } else {
    at.said.assume("batch_tokens", plan.decision->batch_tokens, "the reference batch of the loss law");
  }
}

// Without a number of tokens only what holds for every step is known.
void forget_totals(Plan& plan) {
  static constexpr std::array<std::string_view, 7> of_a_step{
      "step_time_s",     "mfu", "memory_bytes", "mean_power_w", "site_peak_power_w", "rack_peak_power_w",
      "checkpoint_bytes"};
  const auto kept = [](std::string_view key) {
    return std::find(of_a_step.begin(), of_a_step.end(), key) != of_a_step.end();
  };
  for (Outcome& outcome : plan.outcomes) {
    if (!kept(outcome.quantity->key)) outcome = {outcome.quantity, std::nullopt, {}};
  }
  std::erase_if(plan.constraints, [&](const Constraint& c) { return !kept(c.name); });
  plan.joint_probability_kept.reset();
  plan.hyperparameters.reset();
  plan.decision.reset();
}

// Budgets and targets that can be told from what is known; the others stay for the caller to miss.
void adopt_limits(const Scenario& limits, const Problem& open, Scenario& scenario) {
  for (const Limit& budget : limits.budgets) {
    if (open.row_of(*find_quantity(budget.quantity))) scenario.budgets.push_back(budget);
  }
  scenario.targets = limits.targets;
}

// Limits of single layouts, which no line of time or energy holds.
void add_limits_of_run(const Scenario& limits, const Evaluating& at, Plan& plan) {
  if (!at.offer) return;
  for (const Limit& budget : limits.budgets) {
    if (budget.quantity != "checkpoint_bytes") continue;
    const double used = at.offer->run->checkpoint_bytes;
    plan.constraints.push_back({budget.quantity, Dimension::bytes, used, budget.limit, false, 0, 0,
                                used <= budget.limit ? 1.0 : 0.0});
  }
}

void describe_all(const Scenario& limits, Evaluating& at, const LossModel& model,
                  const HyperparameterLaws& laws) {
  Evaluation& out = at.out;
  const double size =
      static_cast<double>(model::counted(model::count_parameters(*at.proposal.shape), model.count()));
  const double tokens = at.said.tokens.value_or(1);
  const RunSize run = run_size(model::count_parameters(*at.proposal.shape), tokens,
                               model.loss(LossModel::point, size, tokens));
  const Recipe recipe(laws, size, run, at.said.learning_rate);
  const double batch = at.said.batch_tokens.value_or(0);
  const bool batch_counts = at.said.scenario.pinned_batch || recipe.batch_costs(batch, size, tokens);
  Scenario scenario = at.said.scenario;
  const double excess = recipe.loss_excess(batch, size, tokens);
  const bool rate_counts = excess > least_excess;
  if (rate_counts) scenario.pinned_learning_rate = Given{*at.said.learning_rate, {}};
  const Resources resources = resources_at(at);
  const Lifetime* lifetime = at.service.lifetime.get();
  adopt_limits(limits, Problem(scenario, model, resources, nullptr, lifetime), scenario);
  Problem problem(scenario, model, resources, &recipe, lifetime);
  if (batch_counts || rate_counts) problem.assume_batch(batch);
  const View view{LossModel::point, model.draws() > 0 ? scenario.confidence : std::nullopt};
  const Candidate chosen = candidate_of(at, problem);
  decide(at, problem, laws, recipe, chosen);
  describe_outcomes(problem, view, chosen, out.plan);
  describe_constraints(problem, view, {}, chosen, out.plan);
  add_limits_of_run(limits, at, out.plan);
  if (chosen.served) describe_serving(problem, chosen, out.plan);
  if (!at.said.tokens) {
    out.loss_unknown = "neither the proposal nor the scenario says how many tokens are trained on";
    return forget_totals(out.plan);
  }
  out.plan.decades_outside = fit::decades_outside(at.loss, model.compute(size, tokens));
  out.regret = regret_of(problem, size, tokens, batch_counts || rate_counts ? excess : 0);
  if (std::isnan(problem.objective_loss(view, size, tokens))) {
    out.loss_unknown = "the loss law has no value at this size and number of tokens";
  }
}

}  // namespace

Result<Evaluation> evaluate(const Scenario& scenario, const model::Proposal& proposal,
                            const fit::Predictor& loss, const json::Catalogue& catalogue, const Control&) {
  Result<Proposed> said = proposed(scenario, proposal, catalogue);
  if (!said) return said.errors();
  Evaluating at{proposal, loss, catalogue, std::move(*said), {}, {}, {}, {}, 0, {}};
  Plan& plan = at.out.plan;
  plan.name = proposal.name;
  plan.status = Status::feasible;
  plan.objective = scenario.objective;
  plan.level = scenario.level;
  plan.decades_outside = std::nan("");
  at.out.caveat = loss.caveat;
  Result<LossModel> model = LossModel::build(at.said.scenario, loss);
  if (!model) return model.errors();
  plan.provenance = provenance_of(scenario, loss, *model);
  if (!proposal.shape) {
    at.out.loss_unknown = "the proposal says no shape of a model";
    at.out.machines_unknown = at.out.loss_unknown;
    at.out.service_unknown = at.out.loss_unknown;
  } else {
    Result<HyperparameterLaws> laws = HyperparameterLaws::build(scenario, catalogue);
    if (!laws) return laws.errors();
    Result<bool> judged = judge_layout(at);
    if (!judged) return judged.errors();
    Result<ProposedService> service = serve_proposed(at.said, proposal, model->count(), catalogue);
    if (!service) return service.errors();
    at.service = std::move(*service);
    at.out.service_unknown = at.service.unknown;
    at.out.service_miss = at.service.miss;
    at.out.served = at.service.served;
    describe_all(scenario, at, *model, *laws);
  }
  at.out.batch_tokens = at.said.batch_tokens;
  at.out.learning_rate = at.said.learning_rate;
  plan.assumed = at.said.assumed;
  for (const auto& [path, reason] : proposal.assumed) plan.assumed.push_back({path, nullptr, reason});
  const std::vector<Assumed>& defaults = at.said.scenario.assumed;
  plan.assumed.insert(plan.assumed.end(), defaults.begin(), defaults.end());
  plan.assumed.insert(plan.assumed.end(), model->assumed().begin(), model->assumed().end());
  plan.warnings = model->warnings();
  return std::move(at.out);
}

Scenario open_scenario(const json::Catalogue& catalogue) {
  const Result<json::Document> document =
      json::parse(std::string(json::Catalogue::default_scenario()), "default scenario");
  Scenario out = read_scenario(*document, catalogue).value();
  out.name.clear();
  out.budgets.clear();
  return out;
}

}  // namespace scaleplan::plan
