#pragma once

#include "scaleplan/plan/plan.hpp"

namespace scaleplan::plan {

/// One vocabulary and one number of experts: what `solve` does for each member of the scenario's lists.
Result<Plan> solve_variant(const Scenario& scenario, const fit::Predictor& loss,
                           const json::Catalogue& catalogue, const Control& control);

}  // namespace scaleplan::plan
