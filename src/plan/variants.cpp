#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "plan/solve.hpp"

namespace scaleplan::plan {

namespace {

// The scenario once for each vocabulary and number of experts that it lists.
std::vector<Scenario> variants_of(const Scenario& scenario) {
  std::vector<Scenario> out{scenario};
  const ModelChoice& choice = scenario.model;
  if (choice.vocabularies.size() > 1) {
    out.clear();
    for (std::int64_t vocabulary : choice.vocabularies) {
      out.push_back(scenario);
      out.back().model.family.base.vocabulary = vocabulary;
    }
  }
  if (choice.expert_counts.size() > 1) {
    const std::vector<Scenario> before = std::move(out);
    out.clear();
    for (const Scenario& each : before) {
      for (std::int64_t experts : choice.expert_counts) {
        out.push_back(each);
        out.back().model.family.base.experts.experts = experts;
        out.back().model.experts = Given{static_cast<double>(experts), choice.experts->place};
      }
    }
  }
  return out;
}

bool has_answer(const Plan& plan) {
  return plan.decision.has_value() && plan.certificate.has_value();
}

Alternative as_alternative(const Plan& plan, double best) {
  const Decision& decision = *plan.decision;
  const double value = plan.certificate->value;
  const auto loss = std::find_if(plan.outcomes.begin(), plan.outcomes.end(),
                                 [](const Outcome& o) { return o.quantity->key == "loss"; });
  return {decision.shape,  decision.params,
          decision.tokens, loss == plan.outcomes.end() ? 0 : loss->value.value_or(0),
          value,           (value - best) / std::abs(best),
          decision.run};
}

}  // namespace

Result<Plan> solve(const Scenario& scenario, const fit::Predictor& loss, const json::Catalogue& catalogue,
                   const Control& control) {
  const std::vector<Scenario> variants = variants_of(scenario);
  std::vector<Plan> plans;
  for (const Scenario& variant : variants) {
    Result<Plan> plan = solve_variant(variant, loss, catalogue, control);
    if (!plan) return plan.errors();
    plans.push_back(std::move(*plan));
  }
  if (plans.size() == 1) return std::move(plans.front());
  std::size_t best = 0;
  for (std::size_t i = 1; i < plans.size(); ++i) {
    if (!has_answer(plans[i])) continue;
    if (!has_answer(plans[best]) || plans[i].certificate->value < plans[best].certificate->value) best = i;
  }
  Plan out = plans[best];
  if (!has_answer(out)) return out;
  std::vector<Alternative> others;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (i == best) continue;
    out.shapes_evaluated += plans[i].shapes_evaluated;
    if (!has_answer(plans[i])) continue;
    others.push_back(as_alternative(plans[i], out.certificate->value));
    out.certificate->bound = std::min(out.certificate->bound, plans[i].certificate->bound);
    if (plans[i].status != Status::optimal && out.status == Status::optimal) out.status = Status::feasible;
  }
  std::stable_sort(others.begin(), others.end(),
                   [](const Alternative& a, const Alternative& b) { return a.value < b.value; });
  // what differs in kind comes first
  out.alternatives.insert(out.alternatives.begin(), others.begin(), others.end());
  out.certificate->gap = (out.certificate->value - out.certificate->bound) / std::abs(out.certificate->bound);
  out.warnings.push_back(fmt::format(
      "{} variants of vocabulary and experts were planned; the loss differs only where the law takes them",
      plans.size()));
  return out;
}

}  // namespace scaleplan::plan
