#include "gate/judgement.hpp"

namespace scaleplan::gate {

namespace {

void judge(const Subject& subject, Judgement& judgement) {
  judge_limits(subject, judgement, {"lifetime_cost_usd", "lifetime_energy_j", "lifetime_carbon_g"}, "tokens",
               "train a smaller model for longer, or serve it on cheaper or cleaner devices");
}

}  // namespace

const Rule& service_budget_rule() {
  static const Rule rule = {"SP503",
                            "service-budget",
                            Level::error,
                            "lifetime budget exceeded",
                            "Training and serving over the lifetime of the demand exceed a lifetime budget "
                            "of the scenario, at the policy's confidence where the model knows its error.",
                            "what SP402 and SP501 need, and the budget in the scenario",
                            "train a smaller model for longer, or serve it on cheaper or cleaner devices",
                            {},
                            judge};
  return rule;
}

}  // namespace scaleplan::gate
