#pragma once

#include "plan/intervals.hpp"
#include "plan/realise.hpp"
#include "scaleplan/json/value.hpp"
#include "scaleplan/plan/views.hpp"

namespace scaleplan::plan {

/// Everything around the decision that charts show.
Views views_of(const Problem& problem, const View& view, const Candidate& chosen,
               const std::vector<DrawnOptimum>& draws, double level);

/// As columns of the document.
json::Value views_value(const Views& views);

}  // namespace scaleplan::plan
