#pragma once

#include <string>
#include <vector>

#include "report/fields.hpp"
#include "scaleplan/report/report.hpp"

namespace scaleplan::report {

/// The few figures of a plan that whoever approves it looks for.
std::vector<Headline> plan_headlines(const Fields& plan);

/// One bar of the chart of limits, with what its table row says.
void add_limit_bar(const Fields& constraint, const std::vector<Cell>& cells, const std::string& objective,
                   json::Value& bars);
Chart limit_chart(const json::Value& bars);

/// Loss over size and tokens, and at equal compute. Precondition: the plan has views.
Section choice_section(const Fields& plan);

/// Where the step's time and the device's memory go. Precondition: the plan has views and a run.
Section part_section(const Fields& plan);

}  // namespace scaleplan::report
