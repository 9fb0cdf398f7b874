#include "plan/batch.hpp"

#include <algorithm>
#include <cmath>

namespace scaleplan::plan {

namespace {

constexpr double rounding_of_batch = 0.002;  // worth of tokens lost by taking whole sequences

}  // namespace

double rate_at_batch(double tuned, double batch, double reference) {
  return tuned * std::pow(batch / reference, HyperparameterLaws::learning_rate_per_batch);
}

RunSize Recipe::run(double size, double tokens) const {
  const double factor = size / size_;
  RunSize run = at_size_;
  for (double RunSize::*count : {&RunSize::params, &RunSize::active_params, &RunSize::non_embedding_params,
                                 &RunSize::active_non_embedding_params, &RunSize::head_no_embedding_params}) {
    run.*count *= factor;
  }
  run.tokens = tokens;
  return run;
}

double Recipe::reference_batch(double size, double tokens) const {
  return laws_.batch_tokens(run(size, tokens));
}

double Recipe::critical_batch(double size, double tokens) const {
  return laws_.critical_tokens(run(size, tokens));
}

double Recipe::token_worth(double batch, double size, double tokens) const {
  if (batch == 0) return 1;
  const double critical = critical_batch(size, tokens);
  return std::min(1.0, (1 + reference_batch(size, tokens) / critical) / (1 + batch / critical));
}

bool Recipe::batch_costs(double batch, double size, double tokens) const {
  return token_worth(batch, size, tokens) < 1 - rounding_of_batch;
}

double Recipe::loss_excess(double batch, double size, double tokens) const {
  if (!pinned_rate_) return 0;
  const RunSize at = run(size, tokens);
  double best = laws_.learning_rate(at).value;
  if (batch > 0) best = rate_at_batch(best, batch, laws_.batch_tokens(at));
  const double miss = std::log(*pinned_rate_ / best);
  return 0.5 * HyperparameterLaws::learning_rate_curvature * miss * miss;
}

}  // namespace scaleplan::plan
