#include <fmt/core.h>
#include <cmath>

#include "gate/judgement.hpp"

namespace scaleplan::gate {

namespace {

void judge(const Subject& subject, Judgement& judgement) {
  const plan::Evaluation& evaluation = subject.evaluation;
  if (!evaluation.loss_unknown.empty()) return judgement.unknown(evaluation.loss_unknown);
  if (!evaluation.regret) return judgement.unknown("the loss law has no best split of this compute");
  const plan::Regret& regret = *evaluation.regret;
  judgement.pass();
  const double value = regret.quantile(judgement.parameter("quantile"));
  const double limit = judgement.parameter("max_regret");
  const std::optional<double> probability = regret.probability();
  if (value <= limit || probability.value_or(1) < judgement.parameter("min_probability")) return;
  const std::string sure = probability ? fmt::format("worse in {} of the law's draws", percent(*probability))
                                       : "the law has no draws to say how sure";
  const std::string wasted =
      std::isfinite(regret.extra_compute)
          ? fmt::format("{} more compute than such a loss needs", percent(regret.extra_compute))
          : "a million times the compute that such a loss needs";
  Finding& finding = judgement.fire(
      "loss", "tokens",
      fmt::format("the loss is {} nats above the best split of its compute ({}; {}): size against tokens {}, "
                  "batch {}, learning rate {}",
                  format_number(value, 3), wasted, sure, format_number(regret.of_split, 2),
                  format_number(regret.of_batch, 2), format_number(regret.of_learning_rate, 2)),
      fmt::format("the same compute trains {} parameters (as the law counts them) on {} tokens best",
                  format_quantity(regret.best_size, Dimension::params),
                  format_quantity(regret.best_tokens, Dimension::tokens)));
  finding.value = value;
  finding.limit = limit;
  finding.dimension = Dimension::nats;
}

}  // namespace

const Rule& regret_rule() {
  static const Rule rule = {
      "SP201",
      "regret",
      Level::error,
      "the compute could buy a better model",
      "The loss exceeds that of the best split of the same law FLOP on the same data (batch and learning "
      "rate at their best) by more than max_regret at the policy's quantile over the law's draws, and is "
      "worse in at least min_probability of them. Sizes 2.5 times apart can lie within 0.1 % of the loss: "
      "the threshold is on the loss, never on the size.",
      "a shape and tokens",
      "move size and tokens towards the split that the message names, or spend less compute",
      {{"max_regret", 0.005, 0, 100, "nats per token"},
       {"quantile", 0.5, 0, 1, "of the regret over the law's draws"},
       {"min_probability", 0.8, 0, 1, "share of draws in which the proposal is worse"}},
      judge};
  return rule;
}

}  // namespace scaleplan::gate
