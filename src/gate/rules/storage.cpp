#include "gate/judgement.hpp"

namespace scaleplan::gate {

namespace {

void judge(const Subject& subject, Judgement& judgement) {
  judge_limits(subject, judgement, {"checkpoint_bytes"}, "model",
               "keep fewer checkpoints, or use an optimiser with smaller states");
}

}  // namespace

const Rule& storage_rule() {
  static const Rule rule = {"SP407",
                            "storage",
                            Level::error,
                            "storage limit exceeded",
                            "Checkpoints need more storage at once than the budget.",
                            "what SP101 needs, and the budget in the scenario",
                            "keep fewer checkpoints, or use an optimiser with smaller states",
                            {},
                            judge};
  return rule;
}

}  // namespace scaleplan::gate
