#include "gate/judgement.hpp"

namespace scaleplan::gate {

namespace {

void judge(const Subject& subject, Judgement& judgement) {
  judge_limits(subject, judgement, {"train_time_s", "device_hours"}, "tokens",
               "train on fewer tokens, on more devices or with a faster layout");
}

}  // namespace

const Rule& time_rule() {
  static const Rule rule = {"SP402",
                            "time",
                            Level::error,
                            "time budget exceeded",
                            "Wall time or device-hours exceed the budget, at the policy's confidence where "
                            "the model knows its error.",
                            "what SP101 needs and tokens (or a throughput that the scenario assumes), and "
                            "the budget in the scenario",
                            "train on fewer tokens, on more devices or with a faster layout",
                            {},
                            judge};
  return rule;
}

}  // namespace scaleplan::gate
