#pragma once

#include <optional>

#include "plan/problem.hpp"
#include "scaleplan/plan/evaluate.hpp"

namespace scaleplan::plan {

/// Of a run of `size` (as the law counts it) and `tokens` under `problem`, whose batch and learning rate
/// count as it says; `excess`: the ε of the rate among them. Nothing when the law has no best split at this
/// compute.
std::optional<Regret> regret_of(const Problem& problem, double size, double tokens, double excess);

}  // namespace scaleplan::plan
