#pragma once

#include <string>
#include <vector>

#include "scaleplan/base/quantity.hpp"
#include "scaleplan/fit/loss_path.hpp"

namespace scaleplan::report {

/// A chart of characters.
struct Plot {
  struct Axis {
    std::string title;
    Dimension dimension = Dimension::number;
    bool logarithmic = false;  ///< values that are not positive are left out
  };
  /// Points that are not finite break a line.
  struct Series {
    std::string name;
    std::vector<double> x;
    std::vector<double> y;
    bool line = false;  ///< drawn through the points in their order; else a mark at each
  };
  Axis x;
  Axis y;
  std::vector<Series> series;  ///< later ones lie above earlier ones
};

struct PlotStyle {
  std::size_t columns = 72;  ///< of the area within the axes
  std::size_t rows = 18;
  bool ascii = false;  ///< no characters beyond ASCII
};

/// Runs, and the least loss that a law expects of a compute.
Plot loss_plot(const fit::SeenRuns& runs, const std::vector<fit::BestLoss>& path);

/// Lines of text: the y title, the area with its axes, the x labels and title, one line for each series.
/// Without anything finite to show: one line that says so.
std::vector<std::string> plot(const Plot& plot, const PlotStyle& style);

}  // namespace scaleplan::report
