#include "gate/judgement.hpp"

namespace scaleplan::gate {

namespace {

void judge(const Subject& subject, Judgement& judgement) {
  judge_limits(subject, judgement, {"carbon_g"}, "tokens",
               "train on fewer tokens or where electricity is cleaner");
}

}  // namespace

const Rule& carbon_rule() {
  static const Rule rule = {"SP405",
                            "carbon",
                            Level::error,
                            "carbon budget exceeded",
                            "Energy times the intensity of the grid exceeds the budget, at the policy's "
                            "confidence where the model knows its error.",
                            "what SP402 needs, and a region",
                            "train on fewer tokens or where electricity is cleaner",
                            {},
                            judge};
  return rule;
}

}  // namespace scaleplan::gate
