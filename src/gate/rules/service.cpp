#include <fmt/core.h>

#include "gate/judgement.hpp"

namespace scaleplan::gate {

namespace {

void judge(const Subject& subject, Judgement& judgement) {
  const plan::Evaluation& evaluation = subject.evaluation;
  if (!subject.setting.scenario.demand) return judgement.not_applicable("the scenario has no demand");
  if (!evaluation.service_unknown.empty()) return judgement.unknown(evaluation.service_unknown);
  judgement.pass();
  if (const auto& miss = evaluation.service_miss) {
    if (miss->limit == "memory") return;  // SP502
    const std::string by = miss->required > 0
                               ? fmt::format("{} {} at best, {} needed", miss->limit,
                                             format_number(miss->best, 4), format_number(miss->required, 4))
                               : miss->limit;
    Finding& finding = judgement.fire(miss->limit, "deployment",
                                      "the deployment does not meet the demand: " + by, miss->remedy);
    if (miss->required == 0) return;
    finding.value = miss->best;
    finding.limit = miss->required;
    return;
  }
  const auto& proposed = subject.proposal.deployment;
  const plan::ServedModel& served = *evaluation.served;
  if (!proposed || proposed->replicas >= served.deployed.cut.replicas) return;
  Finding& finding = judgement.fire(
      "replicas", "deployment.replicas",
      fmt::format("the peak of the demand takes {} replicas with spares, the deployment has {}",
                  served.deployed.cut.replicas, proposed->replicas),
      fmt::format("deploy at least {}", served.deployed.cut.replicas));
  finding.value = static_cast<double>(proposed->replicas);
  finding.limit = static_cast<double>(served.deployed.cut.replicas);
}

}  // namespace

const Rule& service_rule() {
  static const Rule rule = {"SP501",
                            "service",
                            Level::error,
                            "service level missed",
                            "The deployment does not keep the latency limits of the demand at its peak, or "
                            "has fewer replicas than the peak takes (spares in).",
                            "a shape, and a demand with a place to serve it in the scenario; without a "
                            "deployment the cheapest that the scenario allows is judged",
                            "add replicas, raise tp, narrow the weights, or serve on faster devices",
                            {},
                            judge};
  return rule;
}

}  // namespace scaleplan::gate
