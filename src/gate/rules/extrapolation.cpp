#include <fmt/core.h>
#include <cmath>

#include "gate/judgement.hpp"

namespace scaleplan::gate {

namespace {

void judge(const Subject& subject, Judgement& judgement) {
  const plan::Evaluation& evaluation = subject.evaluation;
  if (!evaluation.loss_unknown.empty()) return judgement.unknown(evaluation.loss_unknown);
  const double value = evaluation.plan.decades_outside;
  if (std::isnan(value)) return judgement.unknown("the law does not say which runs it was fitted on");
  judgement.pass();
  const double limit = judgement.parameter("decades");
  if (value <= limit) return;
  Finding& finding = judgement.fire(
      "compute", "tokens",
      fmt::format("the run lies {} decades of compute outside of the runs behind the law, more than {}",
                  format_number(value, 3), format_number(limit, 3)),
      "fit the law on larger runs before this one is launched");
  finding.value = value;
  finding.limit = limit;
}

}  // namespace

const Rule& extrapolation_rule() {
  static const Rule rule = {"SP301",
                            "extrapolation",
                            Level::warning,
                            "extrapolation beyond the runs of the law",
                            "The run spends more than the given number of decades of compute beyond (or "
                            "below) the runs that the law was fitted on.",
                            "a shape and tokens, and a law that says which runs it was fitted on",
                            "fit the law on larger runs (scaleplan design proposes which)",
                            {{"decades", 2.0, 0, 100, "of compute (factors of ten)"}},
                            judge};
  return rule;
}

}  // namespace scaleplan::gate
