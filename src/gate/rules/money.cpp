#include "gate/judgement.hpp"

namespace scaleplan::gate {

namespace {

void judge(const Subject& subject, Judgement& judgement) {
  judge_limits(subject, judgement, {"cost_usd"}, "tokens",
               "train on fewer tokens, with a faster layout, or on cheaper devices");
}

}  // namespace

const Rule& money_rule() {
  static const Rule rule = {
      "SP403",
      "money",
      Level::error,
      "money budget exceeded",
      "The cost of training exceeds the budget, at the policy's confidence where the model knows its error.",
      "what SP402 needs, and a price",
      "train on fewer tokens, with a faster layout, or on cheaper devices",
      {},
      judge};
  return rule;
}

}  // namespace scaleplan::gate
