#pragma once

#include "report/saved.hpp"
#include "scaleplan/report/report.hpp"

namespace scaleplan::report {

/// Of a budget, target or other limit by its name.
Dimension dimension_of_limit(const std::string& name);

// Parts of a plan's report that come from a part of its document each.

/// `decision.deployment` and `serving`.
Section deployment_section(const Fields& plan);
/// `launch`: what whoever starts the run writes down.
Section launch_section(const Fields& plan);
/// `what_if`, against the relaxation.
Section what_if_section(const Fields& plan);
/// `reliefs` of an infeasible scenario.
Section relief_section(const Fields& plan);

}  // namespace scaleplan::report
