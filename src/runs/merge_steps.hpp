#pragma once

#include "scaleplan/runs/table.hpp"

namespace scaleplan::runs {

/// Join the rows of each step and order them by step, as `make_curve` says. Every row has a step.
Table merge_steps(Table rows, std::vector<Dropped>& mended);

}  // namespace scaleplan::runs
