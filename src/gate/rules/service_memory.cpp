#include <fmt/core.h>

#include "gate/judgement.hpp"

namespace scaleplan::gate {

namespace {

void judge(const Subject& subject, Judgement& judgement) {
  const plan::Evaluation& evaluation = subject.evaluation;
  if (!subject.setting.scenario.demand) return judgement.not_applicable("the scenario has no demand");
  if (!evaluation.service_unknown.empty()) return judgement.unknown(evaluation.service_unknown);
  judgement.pass();
  const auto& miss = evaluation.service_miss;
  if (!miss || miss->limit != "memory") return;
  const auto& proposed = subject.proposal.deployment;
  const double devices = proposed ? static_cast<double>(proposed->tp * proposed->pp) : miss->best;
  Finding& finding =
      judgement.fire("memory", "deployment",
                     fmt::format("a replica of {} device{} cannot hold the weights and one request",
                                 format_number(devices), devices == 1 ? "" : "s"),
                     miss->remedy);
  finding.value = miss->required;
  finding.limit = devices;
}

}  // namespace

const Rule& service_memory_rule() {
  static const Rule rule = {
      "SP502",
      "service-memory",
      Level::error,
      "deployment out of memory",
      "A replica of the deployment cannot hold the weights and one request of the demand.",
      "a shape, and a demand with a place to serve it in the scenario",
      "raise tp, narrow the weights or the cache, or serve on devices with more memory",
      {},
      judge};
  return rule;
}

}  // namespace scaleplan::gate
