#include <fmt/format.h>
#include <fmt/ranges.h>

#include "plan/answer.hpp"
#include "plan/techniques.hpp"

namespace scaleplan::plan {

namespace {

terms::Facts facts_of(const Plan& plan) {
  terms::Facts facts;
  const Decision& decision = *plan.decision;
  facts["params"] = static_cast<double>(decision.params.total);
  facts["tokens"] = static_cast<double>(decision.tokens);
  facts["sequence"] = static_cast<double>(decision.sequence_length);
  facts["model"] = std::string(decision.shape.experts.experts > 1 ? "moe" : "dense");
  if (decision.devices) facts["devices"] = *decision.devices;
  if (decision.precision) facts["precision"] = *decision.precision;
  if (!decision.run) return facts;
  const model::Layout& layout = decision.run->layout.layout;
  facts["device"] = decision.run->device;
  facts["optimizer"] = decision.run->optimizer;
  facts["tp"] = static_cast<double>(layout.tp);
  facts["pp"] = static_cast<double>(layout.pp);
  facts["zero"] = static_cast<double>(layout.zero);
  return facts;
}

}  // namespace

void describe_techniques(const Scenario& scenario, Plan& plan) {
  if (scenario.techniques.empty() || !plan.decision) return;
  const terms::Facts facts = facts_of(plan);
  for (const terms::Technique& technique : scenario.techniques.techniques()) {
    std::vector<std::string> acts;
    std::vector<std::string> uncounted;
    for (const terms::Effect& effect : technique.effects) {
      const std::string size = effect.value ? fmt::format("{:g}", *effect.value) : effect.formula_text;
      acts.push_back(fmt::format("{} {} {}", effect.term, terms::op_name(effect.op), size));
    }
    for (const terms::Effect& cost : technique.costs) {
      if (!is_read(cost.term)) uncounted.push_back(cost.term);
    }
    plan.derivation.push_back(
        fmt::format("technique {} ({}): {}", technique.id, technique.source, fmt::join(acts, ", ")));
    const terms::Applicability applies = terms::applicability(technique, facts);
    auto warn = [&](const char* what, const std::vector<std::string>& list) {
      if (list.empty()) return;
      plan.warnings.push_back(fmt::format("technique {}: {} {}", technique.id, what, fmt::join(list, ", ")));
    };
    warn("measured under other conditions:", applies.unmet);
    warn("not known whether it applies:", applies.unknown);
    warn("its price is not counted in", uncounted);
    if (!technique.verified) {
      plan.warnings.push_back(
          fmt::format("technique {}: its effect is recalled or quoted, not read in its "
                      "source",
                      technique.id));
    }
  }
}

}  // namespace scaleplan::plan
