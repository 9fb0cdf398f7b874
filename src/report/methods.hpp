#pragma once

#include "report/fit_tables.hpp"
#include "scaleplan/report/report.hpp"

namespace scaleplan::report {

/// The three classical methods side by side for every fit that has them, and where they disagree.
Section methods_section(const fit::Fit& fit, const FitLabels& labels);

}  // namespace scaleplan::report
