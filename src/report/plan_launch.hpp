#pragma once

#include <string>

#include "report/fields.hpp"
#include "scaleplan/report/report.hpp"

namespace scaleplan::report {

/// Of a budget, target or other limit by its name.
Dimension dimension_of_limit(const std::string& name);

/// What whoever starts the run writes down. Precondition: the plan has a launch sheet.
Section launch_section(const Fields& plan);

/// What one change would do to the objective. Precondition: there is one.
Section what_if_section(const Fields& plan);

/// What conflicts in a plan without a decision, and which limit would do alone.
Section conflict_section(const Fields& plan);

}  // namespace scaleplan::report
