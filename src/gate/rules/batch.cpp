#include <fmt/core.h>

#include "gate/judgement.hpp"

namespace scaleplan::gate {

namespace {

void judge(const Subject& subject, Judgement& judgement) {
  const plan::Evaluation& evaluation = subject.evaluation;
  if (!evaluation.loss_unknown.empty()) return judgement.unknown(evaluation.loss_unknown);
  if (!evaluation.batch_tokens) return judgement.unknown("nobody says how many tokens a step has");
  judgement.pass();
  const double critical = evaluation.plan.hyperparameters->critical_batch.value;
  const double limit = judgement.parameter("max_over_critical");
  const double value = *evaluation.batch_tokens / critical;
  if (value <= limit) return;
  Finding& finding = judgement.fire(
      "batch_tokens", "batch_tokens",
      fmt::format(
          "a step of {} tokens is {} times the critical batch of {}; a token is worth {} of one at the "
          "reference batch",
          format_quantity(*evaluation.batch_tokens, Dimension::tokens), format_number(value, 3),
          format_quantity(critical, Dimension::tokens),
          percent(evaluation.plan.hyperparameters->token_worth)),
      fmt::format("at most {} tokens per step", format_quantity(limit * critical, Dimension::tokens)));
  finding.value = value;
  finding.limit = limit;
}

}  // namespace

const Rule& batch_rule() {
  static const Rule rule = {
      "SP202",
      "batch",
      Level::warning,
      "batch above the critical batch",
      "Tokens per step exceed max_over_critical times the critical batch, at which twice the least data are "
      "needed (arXiv:1812.06162): most of what a larger batch adds is wasted.",
      "a shape, tokens and a batch",
      "lower the batch, or ramp it up as training goes on",
      {{"max_over_critical", 1.0, 0, 1000000.0, "largest batch over the critical batch"}},
      judge};
  return rule;
}

}  // namespace scaleplan::gate
