#include <fmt/core.h>

#include "gate/judgement.hpp"

namespace scaleplan::gate {

namespace {

void judge(const Subject& subject, Judgement& judgement) {
  judgement.pass();
  for (const model::Notice& notice : subject.proposal.notices) {
    Finding& finding = judgement.fire("notice " + notice.text, "", notice.text,
                                      "state its effect in a proposal document, or remove it");
    finding.place = notice.place;
  }
  const auto& assumed = subject.evaluation.plan.assumed;
  const double limit = judgement.parameter("max_assumed");
  if (static_cast<double>(assumed.size()) <= limit) return;
  std::string keys;
  for (const plan::Assumed& each : assumed) keys += (keys.empty() ? "" : ", ") + each.key;
  Finding& finding = judgement.fire(
      "assumed", "", fmt::format("{} inputs are assumed: {}", assumed.size(), keys),
      "state them in the proposal or the scenario (--format json lists their values and sources)");
  finding.value = static_cast<double>(assumed.size());
  finding.limit = limit;
}

}  // namespace

const Rule& assumed_rule() {
  static const Rule rule = {
      "SP303",
      "assumed",
      Level::note,
      "assumed inputs",
      "Inputs that the proposal does not say were taken from the scenario or from defaults, or the file "
      "holds keys that may change the cost and were not understood.",
      "nothing",
      "state them in the proposal",
      {{"max_assumed", 0.0, 0, 1000000.0, "inputs that may be assumed without a finding"}},
      judge};
  return rule;
}

}  // namespace scaleplan::gate
