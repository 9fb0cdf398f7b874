#include <algorithm>
#include <cmath>

#include "plan/answer.hpp"

namespace scaleplan::plan {

namespace {

// More steps than at the full batch: the batch grows in a straight line in tokens, so that the ramp has
// ∫ dD / B(D) of them.
std::int64_t steps_of_ramp(const RampChoice& ramp, double batch, double tokens) {
  const double start = std::min(ramp.start_tokens, batch);
  if (start == batch) return 0;
  const double over = std::min(ramp.over_tokens, tokens);
  const double end = start + (batch - start) * over / ramp.over_tokens;
  const double steps = ramp.over_tokens * std::log(end / start) / (batch - start);
  return std::llround(steps - over / batch);
}

}  // namespace

void describe_hyperparameters(const Problem& problem, const HyperparameterLaws& laws, const Recipe& recipe,
                              const Candidate& chosen, Plan& plan) {
  const Scenario& scenario = problem.scenario();
  Decision& decision = *plan.decision;
  const auto tokens = static_cast<double>(decision.tokens);
  const RunSize run =
      run_size(decision.params, tokens, problem.model().loss(LossModel::point, chosen.at.size, tokens));
  Hyperparameters said{laws.batch(run), laws.critical_batch(run), laws.learning_rate(run), 1, 0};
  const auto sequence = static_cast<double>(decision.sequence_length);
  double batch = chosen.batch_tokens > 0 ? chosen.batch_tokens
                 : scenario.pinned_batch ? scenario.pinned_batch->value
                                         : said.reference_batch.value;
  if (!scenario.pinned_batch) batch = sequence * std::max(1.0, std::round(batch / sequence));
  decision.batch_tokens = std::llround(batch);
  decision.done_tokens = std::llround(problem.done());
  const std::int64_t left = decision.tokens - decision.done_tokens;
  decision.steps = (left + decision.batch_tokens - 1) / decision.batch_tokens;
  if (scenario.ramp) decision.steps += steps_of_ramp(*scenario.ramp, batch, static_cast<double>(left));
  decision.learning_rate = scenario.pinned_learning_rate
                               ? scenario.pinned_learning_rate->value
                               : rate_at_batch(said.learning_rate.value, batch, said.reference_batch.value);
  const bool decided = chosen.batch_tokens > 0 || scenario.pinned_batch;
  if (decided) said.token_worth = recipe.token_worth(batch, chosen.at.size, tokens);
  said.loss_excess = recipe.loss_excess(decided ? batch : 0, chosen.at.size, tokens);
  plan.hyperparameters = std::move(said);
}

}  // namespace scaleplan::plan
