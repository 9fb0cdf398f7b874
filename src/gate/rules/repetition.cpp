#include <fmt/core.h>
#include <cmath>

#include "gate/judgement.hpp"

namespace scaleplan::gate {

namespace {

void judge(const Subject& subject, Judgement& judgement) {
  const plan::Evaluation& evaluation = subject.evaluation;
  const plan::DataChoice& data = subject.setting.scenario.data;
  if (!data.unique_tokens)
    return judgement.unknown("the scenario does not say how many unique tokens there are");
  if (!evaluation.loss_unknown.empty()) return judgement.unknown(evaluation.loss_unknown);
  judgement.pass();
  const double value = *subject.outcome("epochs");
  const double limit = data.max_epochs ? data.max_epochs->value : judgement.parameter("max_epochs");
  if (value <= limit) return;
  const double last = std::exp(-(value - 1) / data.repetition_constant);
  Finding& finding = judgement.fire(
      "epochs", "tokens",
      fmt::format(
          "the run goes over the {} unique tokens {} times; its last token is worth {} of a fresh one",
          format_quantity(data.unique_tokens->value, Dimension::tokens), format_number(value, 3),
          percent(last)),
      fmt::format("at most {} tokens",
                  format_quantity(limit * data.unique_tokens->value, Dimension::tokens)));
  finding.value = value;
  finding.limit = limit;
}

}  // namespace

const Rule& repetition_rule() {
  static const Rule rule = {
      "SP204",
      "repetition",
      Level::warning,
      "data repeated beyond use",
      "The tokens go over the unique tokens of the scenario more than max_epochs times (the scenario's own "
      "data.max_epochs when it has one). Up to four epochs are nearly as good as fresh data; beyond sixteen "
      "repetition is worth next to nothing (arXiv:2305.16264).",
      "tokens, and data.unique_tokens in the scenario",
      "train on fewer tokens, find more data, or spend the compute on a larger model",
      {{"max_epochs", 4.0, 0, 1000000.0, "passes over the unique tokens"}},
      judge};
  return rule;
}

}  // namespace scaleplan::gate
