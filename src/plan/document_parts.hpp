#pragma once

#include "scaleplan/json/value.hpp"
#include "scaleplan/plan/plan.hpp"

namespace scaleplan::plan {

/// `decision.deployment` of a plan: how the model is cut and how many copies there are.
json::Value deployment_value(const ServedModel& served);
/// `serving` of a plan: what the deployment does and costs.
json::Value served_value(const ServedModel& served);

}  // namespace scaleplan::plan
