#pragma once

#include "scaleplan/plan/design.hpp"
#include "scaleplan/report/report.hpp"

namespace scaleplan::report {

/// The runs in the order of purchase, and what both criteria buy. `explain` adds the ranking of all
/// candidates and how they were ranked.
Report present(const plan::Design& design, bool explain);

}  // namespace scaleplan::report
