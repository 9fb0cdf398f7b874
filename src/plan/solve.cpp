#include <fmt/core.h>

#include <cmath>

#include "plan/solve.hpp"

#include "plan/answer.hpp"
#include "plan/intervals.hpp"
#include "plan/joint.hpp"
#include "plan/loss_model.hpp"
#include "plan/problem.hpp"
#include "plan/realise.hpp"
#include "plan/relaxation.hpp"
#include "plan/views.hpp"
#include "scaleplan/base/version.hpp"
#include "scaleplan/plan/plan.hpp"

namespace scaleplan::plan {

namespace {

constexpr double reference_params = 1e10;

// The sizes that hyperparameter laws want, along the family from one of its points.
Recipe recipe_of(const Scenario& scenario, const LossModel& model, const HyperparameterLaws& laws) {
  const model::SmoothPoint at = model::smooth_point(
      scenario.model.family, model::Count::total, reference_params,
      static_cast<double>(scenario.data.sequence_length), scenario.model.family.aspect_reference);
  const RunSize sizes{at.total, at.active, at.non_embedding, at.active_non_embedding, at.head_no_embedding,
                      0,        0};
  return {laws, model::counted(at, model.count()), sizes,
          scenario.pinned_learning_rate ? std::optional(scenario.pinned_learning_rate->value) : std::nullopt};
}

// What all ways of solving share.
struct Solving {
  const Scenario& scenario;
  const fit::Predictor& loss;
  const HyperparameterLaws& laws;
  const Recipe& recipe;
  View view;
  const Control& control;
  const Lifetime* lifetime = nullptr;
};

void warn_of_extrapolation(const Problem& problem, const fit::Predictor& loss, const Candidate& chosen,
                           Plan& plan) {
  const double compute = problem.model().compute(chosen.at.size, static_cast<double>(chosen.tokens));
  plan.decades_outside = fit::decades_outside(loss, compute);
  if (plan.decades_outside > 0) {
    const bool above = compute > loss.range.at("C").high;
    plan.warnings.push_back(
        fmt::format("extrapolation: the plan spends {:.2g} decades {} compute than any run behind the law",
                    plan.decades_outside, above ? "more" : "less"));
  }
}

// How sure the choice is, and what would change it.
void describe_choice(const Solving& solving, const Relaxed& relaxed, const std::vector<Contender>& contenders,
                     const std::vector<Contest>& contest, Plan& plan) {
  const Problem& problem = *contenders.front().problem;
  const Realised& realised = *contenders.front().realised;
  if (realised.chosen) {
    describe_switches(contenders, solving.view, plan);
    describe_launch(problem, solving.view, *realised.chosen, plan);
    describe_what_if(problem, solving.view, relaxed, plan);
    describe_derivation(problem, solving.view, *realised.chosen, plan);
  }
  describe_flat_regions(problem, solving.view, relaxed, plan);
  const std::vector<DrawnOptimum> draws = solve_draws(contest, solving.control);
  plan.decision_intervals = decision_intervals(draws, solving.scenario.level);
  plan.decision_intervals.options = contest.size();
  if (solving.scenario.views && realised.chosen) {
    plan.views = views_of(problem, solving.view, *realised.chosen, draws, solving.scenario.level);
    plan.views->runs = solving.loss.runs;
  }
}

// `contenders`: the plan's own problem first.
void describe(const Solving& solving, const Relaxed& relaxed, const std::vector<Contender>& contenders,
              const std::vector<Contest>& contest, Plan& plan) {
  const Problem& problem = *contenders.front().problem;
  const Realised& realised = *contenders.front().realised;
  plan.shapes_evaluated += realised.evaluated;
  if (!realised.chosen) {
    plan.status = Status::infeasible;
    plan.conflicts.emplace_back("model.family");
    plan.warnings.push_back("no shape of family " + problem.scenario().model.family.id +
                            " keeps the limits, although sizes between its shapes would");
  } else {
    const Candidate& chosen = *realised.chosen;
    describe_decision(problem, realised, relaxed, plan);
    describe_hyperparameters(problem, solving.laws, solving.recipe, chosen, plan);
    describe_outcomes(problem, solving.view, chosen, plan);
    describe_constraints(problem, solving.view, relaxed, chosen, plan);
    describe_serving(problem, chosen, plan);
    describe_techniques(solving.scenario, plan);
    warn_of_extrapolation(problem, solving.loss, chosen, plan);
  }
  if (!solving.scenario.search.decision_only) describe_choice(solving, relaxed, contenders, contest, plan);
  add_warnings(problem, relaxed, plan);
}

// On the throughput that the scenario assumes, or on none.
void solve_plain(const Solving& solving, const LossModel& model, Plan& plan) {
  const Problem problem(solving.scenario, model, resources_of(solving.scenario), &solving.recipe,
                        solving.lifetime);
  const Relaxed relaxed = solve_relaxation(problem, solving.view);
  if (relaxed.outcome == Relaxed::Outcome::infeasible) {
    describe_conflict(problem, solving.view, relaxed, plan);
    describe_reliefs(problem, solving.view, plan);
    return;
  }
  describe_relaxation(problem, solving.view, relaxed, plan);
  if (relaxed.outcome == Relaxed::Outcome::unbounded) {
    plan.status = Status::not_converged;
    plan.warnings.push_back(relaxed.reason);
    return;
  }
  Realised realised = realise(problem, solving.view, relaxed, solving.control);
  settle_service(problem, solving.view, realised, solving.control);
  describe(solving, relaxed, {{&problem, &realised}}, {{&problem, 0}}, plan);
}

// Every option's best with its own deployment; the order of options may change.
void settle_services(const Solving& solving, Joint& joint) {
  for (OnOption& found : joint.found) {
    settle_service(*found.problem, solving.view, found.realised, solving.control);
    if (found.realised.chosen) found.value = found.realised.chosen->value;
  }
  std::erase_if(joint.found, [](const OnOption& found) { return !found.realised.chosen; });
  std::stable_sort(joint.found.begin(), joint.found.end(),
                   [](const OnOption& a, const OnOption& b) { return a.value < b.value; });
}

Result<bool> solve_on_machines(const Solving& solving, const LossModel& model,
                               const json::Catalogue& catalogue, Plan& plan) {
  Result<Options> options = options_of(solving.scenario);
  if (!options) return options.errors();
  Result<training::Efficiency> efficiency = solving.scenario.efficiency
                                                ? Result<training::Efficiency>(*solving.scenario.efficiency)
                                                : training::default_efficiency(catalogue);
  if (!efficiency) return efficiency.errors();
  plan.provenance.calibration = efficiency->id;
  const JointSetting setting{solving.scenario, model,        solving.recipe,
                             *efficiency,      solving.view, solving.lifetime};
  Joint joint = solve_joint(setting, options->list, solving.control);
  if (solving.lifetime != nullptr) settle_services(solving, joint);
  describe_options(*options, joint, plan);
  if (joint.found.empty()) {
    describe_no_option(setting, *options, joint, plan);
    return true;
  }
  const OnOption& best = joint.found.front();
  describe_relaxation(*best.problem, solving.view, best.relaxed, plan);
  const double wanted = best.value + solving.scenario.search.near_optimal * std::abs(best.value);
  std::vector<Contender> contenders;
  std::vector<Contest> contest;
  for (const OnOption& found : joint.found) {
    contenders.push_back({found.problem.get(), &found.realised});
    if (found.value > wanted) continue;
    contest.push_back({found.problem.get(), static_cast<double>(found.option->devices)});
  }
  describe(solving, best.relaxed, contenders, contest, plan);
  describe_machines(solving.scenario, joint, plan);
  return true;
}

}  // namespace

Provenance provenance_of(const Scenario& scenario, const fit::Predictor& loss, const LossModel& model) {
  Provenance provenance;
  provenance.version = version();
  provenance.catalogue = catalogue_version();
  for (const fit::Member& member : loss.members) {
    provenance.law += (provenance.law.empty() ? "" : "+") + member.law.id;
    if (!member.set.empty()) provenance.set += (provenance.set.empty() ? "" : "+") + member.set;
  }
  provenance.group = loss.group;
  provenance.seed = scenario.search.seed;
  provenance.law_draws = static_cast<std::size_t>(model.draws());
  return provenance;
}

std::string_view status_name(Status status) {
  switch (status) {
    case Status::optimal:
      return "optimal";
    case Status::feasible:
      return "feasible";
    case Status::infeasible:
      return "infeasible";
    case Status::not_converged:
      return "not_converged";
  }
  return "not_converged";
}

Result<Plan> solve_variant(const Scenario& scenario, const fit::Predictor& loss,
                           const json::Catalogue& catalogue, const Control& control) {
  Result<LossModel> model = LossModel::build(scenario, loss);
  if (!model) return model.errors();
  Result<HyperparameterLaws> laws = HyperparameterLaws::build(scenario, catalogue);
  if (!laws) return laws.errors();
  const Recipe recipe = recipe_of(scenario, *model, *laws);
  const View view{LossModel::point, model->draws() > 0 ? scenario.confidence : std::nullopt};
  Plan plan;
  plan.name = scenario.name;
  plan.objective = scenario.objective;
  plan.level = scenario.level;
  plan.assumed = scenario.assumed;
  plan.assumed.insert(plan.assumed.end(), model->assumed().begin(), model->assumed().end());
  plan.provenance = provenance_of(scenario, loss, *model);
  plan.decades_outside = std::nan("");
  if (!loss.caveat.empty()) plan.warnings.push_back("the fit behind this plan is " + loss.caveat);
  std::unique_ptr<Lifetime> lifetime;
  if (scenario.demand) {
    Result<std::unique_ptr<Lifetime>> built = Lifetime::build(scenario, model->count(), catalogue);
    if (!built) return built.errors();
    lifetime = std::move(*built);
  }
  const Solving solving{scenario, loss, *laws, recipe, view, control, lifetime.get()};
  if (!scenario.fleet) {
    solve_plain(solving, *model, plan);
  } else if (Result<bool> solved = solve_on_machines(solving, *model, catalogue, plan); !solved) {
    return solved.errors();
  }
  return plan;
}

}  // namespace scaleplan::plan
