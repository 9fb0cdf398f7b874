#pragma once

#include <vector>

#include "report/fields.hpp"
#include "scaleplan/report/report.hpp"

namespace scaleplan::report {

/// Charts of a fit, a serving result or a frontier, by the schema of the document; none for other kinds.
std::vector<Chart> result_charts(const json::Value& document);

/// The chart of a served model's curve. Empty without a curve.
std::vector<Chart> latency_charts(const Fields& served);

/// The same charts in the report's first section, which a result with charts has.
void add_result_charts(Report& report);

}  // namespace scaleplan::report
