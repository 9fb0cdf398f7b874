#pragma once

#include "scaleplan/base/result.hpp"
#include "scaleplan/json/document.hpp"
#include "scaleplan/report/report.hpp"

namespace scaleplan::report {

/// A saved result (plan, fit, prediction, model-report, layout, serving, calibration, frontier, findings)
/// made presentable again; nothing is computed anew. Errors: no result, one of a kind or major version that
/// this program does not know, a member of the wrong type, with its place.
Result<Report> present_saved(const json::Document& document, bool explain);

}  // namespace scaleplan::report
