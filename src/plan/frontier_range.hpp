#pragma once

#include <string_view>

#include "scaleplan/plan/frontier.hpp"

namespace scaleplan::plan {

/// The limit of a quantity, FLOP in either convention; null: there is none.
Limit* limit_of(Scenario& scenario, std::string_view key);

/// What the axes leave open of the range, around `centre`. Errors: an empty range.
Result<bool> set_range(FrontierTask& task, double centre);

}  // namespace scaleplan::plan
