#include <fmt/core.h>

#include <cmath>

#include "plan/answer.hpp"
#include "plan/intervals.hpp"
#include "plan/loss_model.hpp"
#include "plan/problem.hpp"
#include "plan/realise.hpp"
#include "plan/relaxation.hpp"
#include "scaleplan/base/version.hpp"
#include "scaleplan/plan/plan.hpp"

namespace scaleplan::plan {

namespace {

constexpr double reference_params = 1e10;

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

void decide(const Problem& problem, const View& view, const Relaxed& relaxed, const fit::Predictor& loss,
            const HyperparameterLaws& laws, const Recipe& recipe, const Control& control, Plan& plan) {
  const Realised realised = realise(problem, view, relaxed, control);
  plan.shapes_evaluated = realised.evaluated;
  if (!realised.chosen) {
    plan.status = Status::infeasible;
    plan.conflicts.emplace_back("model.family");
    plan.warnings.push_back("no shape of family " + problem.scenario().model.family.id +
                            " keeps the limits, although sizes between its shapes would");
    return;
  }
  const Candidate& chosen = *realised.chosen;
  describe_decision(problem, realised, relaxed, plan);
  describe_hyperparameters(problem, laws, recipe, chosen, plan);
  describe_outcomes(problem, view, chosen, plan);
  describe_constraints(problem, view, relaxed, chosen, plan);
  const double compute = problem.model().compute(chosen.at.size, static_cast<double>(chosen.tokens));
  plan.decades_outside = fit::decades_outside(loss, compute);
  if (plan.decades_outside > 0) {
    const bool above = compute > loss.range.at("C").high;
    plan.warnings.push_back(
        fmt::format("extrapolation: the plan spends {:.2g} decades {} compute than any run behind the law",
                    plan.decades_outside, above ? "more" : "less"));
  }
}

}  // namespace

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

Result<Plan> solve(const Scenario& scenario, const fit::Predictor& loss, const json::Catalogue& catalogue,
                   const Control& control) {
  Result<LossModel> model = LossModel::build(scenario, loss);
  if (!model) return model.errors();
  Result<HyperparameterLaws> laws = HyperparameterLaws::build(scenario, catalogue);
  if (!laws) return laws.errors();
  const Recipe recipe = recipe_of(scenario, *model, *laws);
  const Problem problem(scenario, *model, resources_of(scenario), &recipe);
  const View view{LossModel::point, model->draws() > 0 ? scenario.confidence : std::nullopt};
  Plan plan;
  plan.name = scenario.name;
  plan.objective = scenario.objective;
  plan.level = scenario.level;
  plan.assumed = scenario.assumed;
  plan.assumed.insert(plan.assumed.end(), model->assumed().begin(), model->assumed().end());
  plan.provenance = provenance_of(scenario, loss, *model);
  plan.decades_outside = std::nan("");
  const Relaxed relaxed = solve_relaxation(problem, view);
  if (relaxed.outcome == Relaxed::Outcome::infeasible) {
    describe_conflict(problem, view, relaxed, plan);
    return plan;
  }
  describe_relaxation(problem, view, relaxed, plan);
  if (relaxed.outcome == Relaxed::Outcome::unbounded) {
    plan.status = Status::not_converged;
    plan.warnings.push_back(relaxed.reason);
    return plan;
  }
  decide(problem, view, relaxed, loss, *laws, recipe, control, plan);
  describe_flat_regions(problem, view, relaxed, plan);
  plan.decision_intervals = decision_intervals(problem, scenario.level, control);
  add_warnings(problem, relaxed, plan);
  return plan;
}

}  // namespace scaleplan::plan
