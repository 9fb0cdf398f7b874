#pragma once

#include "report/fields.hpp"
#include "scaleplan/report/present.hpp"

namespace scaleplan::report {

// Results of a kind, from their documents. They throw Misfit where a member is not what the kind has.

Report present_plan(const json::Value& document, const PlanView& view);
Report present_fit(const json::Value& document);
/// Any other result: every member as a line or a table, numbers with the units of their names.
Report present_any(const json::Value& document, const std::string& kind);

}  // namespace scaleplan::report
