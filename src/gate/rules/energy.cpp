#include "gate/judgement.hpp"

namespace scaleplan::gate {

namespace {

void judge(const Subject& subject, Judgement& judgement) {
  judge_limits(subject, judgement, {"energy_j"}, "tokens",
               "train on fewer tokens, with a faster layout or under a power cap");
}

}  // namespace

const Rule& energy_rule() {
  static const Rule rule = {"SP404",
                            "energy",
                            Level::error,
                            "energy budget exceeded",
                            "The energy of the site over the run exceeds the budget, at the policy's "
                            "confidence where the model knows its error.",
                            "what SP402 needs",
                            "train on fewer tokens, with a faster layout or under a power cap",
                            {},
                            judge};
  return rule;
}

}  // namespace scaleplan::gate
