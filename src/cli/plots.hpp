#pragma once

#include "cli/command.hpp"
#include "scaleplan/report/plot.hpp"

namespace scaleplan::cli {

/// --plot, of commands whose answer is a curve.
Option plot_option();

/// As the locale allows: ASCII where it is not UTF-8.
report::PlotStyle plot_style();

}  // namespace scaleplan::cli
