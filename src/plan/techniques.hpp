#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scaleplan/economy/techniques.hpp"
#include "scaleplan/plan/scenario.hpp"
#include "scaleplan/terms/scenario.hpp"

namespace scaleplan::plan {

/// What the scenario's techniques make of the loss law's inputs, with inputs at a run of this size.
Result<terms::LossEffects> loss_effects(const Scenario& scenario, double params, double tokens);

/// What they make of a run on machines, beside the loss. Factors on what the cost model says.
struct TrainingEffects {
  double step_time = 1;     ///< also device-hours and what stragglers cost
  double failure_loss = 1;  ///< on the share of time that failures take
  double unique_tokens = 1;
  training::MemoryEffects memory;
};
Result<TrainingEffects> training_effects(const Scenario& scenario);

/// What they make of serving.
struct ServingEffects {
  terms::Stack stack;  ///< of the terms that the serving model reads itself
  double cost = 1;     ///< factor on a query's cost at equal quality
  double tokens = 1;   ///< factor on tokens generated for a query
};
Result<ServingEffects> serving_effects(const Scenario& scenario);

/// Power, energy and price at a site.
Result<economy::TechniqueEffects> site_effects(const Scenario& scenario, const economy::Facility& facility);

/// Some part of a plan reads this term.
bool is_read(std::string_view term);

/// Errors for techniques that act on what no plan reads, or that need machines or a demand that are missing.
Diagnostics technique_defects(const Scenario& scenario);

}  // namespace scaleplan::plan
