#include "gate/judgement.hpp"

namespace scaleplan::gate {

namespace {

void judge(const Subject& subject, Judgement& judgement) {
  judge_limits(subject, judgement, {"train_flop", "train_flop_exact"}, "tokens",
               "train on fewer tokens or a smaller model");
}

}  // namespace

const Rule& flop_rule() {
  static const Rule rule = {
      "SP401",
      "flop",
      Level::error,
      "FLOP budget exceeded",
      "Training FLOP, in the law's convention or exact as the scenario counts them, exceed the budget.",
      "a shape and tokens, and the budget in the scenario",
      "train on fewer tokens or a smaller model",
      {},
      judge};
  return rule;
}

}  // namespace scaleplan::gate
