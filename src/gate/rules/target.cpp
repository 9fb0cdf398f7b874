#include "gate/judgement.hpp"

namespace scaleplan::gate {

namespace {

void judge(const Subject& subject, Judgement& judgement) {
  judge_limits(subject, judgement, {"loss", "score"}, "tokens",
               "train longer or larger, or ask scaleplan plan for the cheapest run that reaches the target");
}

}  // namespace

const Rule& target_rule() {
  static const Rule rule = {"SP205",
                            "target",
                            Level::error,
                            "target missed",
                            "A target of the scenario is not met at the policy's confidence: the quantile of "
                            "the loss over the law's draws lies above it.",
                            "a shape and tokens, and targets in the scenario",
                            "train longer or larger, or lower the confidence that the policy asks for",
                            {},
                            judge};
  return rule;
}

}  // namespace scaleplan::gate
