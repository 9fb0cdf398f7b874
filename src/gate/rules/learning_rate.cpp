#include <fmt/core.h>

#include "gate/judgement.hpp"

namespace scaleplan::gate {

namespace {

void judge(const Subject& subject, Judgement& judgement) {
  const plan::Evaluation& evaluation = subject.evaluation;
  if (!evaluation.loss_unknown.empty()) return judgement.unknown(evaluation.loss_unknown);
  if (!evaluation.learning_rate) return judgement.unknown("nobody says the learning rate");
  judgement.pass();
  const double value = evaluation.plan.hyperparameters->loss_excess;
  const double limit = judgement.parameter("max_loss_excess");
  if (value <= limit) return;
  Finding& finding = judgement.fire(
      "learning_rate", "learning_rate",
      fmt::format("a peak learning rate of {} costs {} of the loss: the laws of the learning rate say {}",
                  format_number(*evaluation.learning_rate, 3), percent(value),
                  format_number(*evaluation.best_learning_rate, 3)),
      fmt::format("set it near {}", format_number(*evaluation.best_learning_rate, 2)));
  finding.value = value;
  finding.limit = limit;
  finding.dimension = Dimension::fraction;
}

}  // namespace

const Rule& learning_rate_rule() {
  static const Rule rule = {
      "SP203",
      "learning-rate",
      Level::warning,
      "learning rate off its plateau",
      "The expected excess of the loss, ½·h·ln²(η/η*) with h = 0.0129 (a factor of two costs 0.31 %), "
      "exceeds max_loss_excess. η* is that of the laws in force for the proposal's size, tokens and batch.",
      "a shape, tokens and a learning rate",
      "move the peak learning rate towards the one in the message",
      {{"max_loss_excess", 0.003, 0, 1, "of the loss, relative"}},
      judge};
  return rule;
}

}  // namespace scaleplan::gate
