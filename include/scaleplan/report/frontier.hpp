#pragma once

#include "scaleplan/plan/frontier.hpp"
#include "scaleplan/report/plot.hpp"
#include "scaleplan/report/report.hpp"

namespace scaleplan::report {

/// One row for each point, in order of x. `explain` adds where points were put and what holds of them.
Report present(const plan::Frontier& frontier, bool explain);

/// The least y against x, marks where a plan was made.
Plot frontier_plot(const plan::Frontier& frontier);

}  // namespace scaleplan::report
