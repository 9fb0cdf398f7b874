#pragma once

#include <string>
#include <vector>

#include "scaleplan/runs/curve.hpp"

namespace scaleplan::runs {

/// A curve from the rows of a step log, given piece by piece in the order of the file, in memory that does
/// not grow with the log. Logs of up to 2^19 rows become what `make_curve` says whatever the pieces. Of
/// longer ones, stretches of 2^19 rows are mended by themselves: a stretch that begins at or before a step
/// that is there takes the place of what follows that step, as after a restart; neighbours are averaged as
/// more comes in.
class CurveBuilder {
 public:
  explicit CurveBuilder(std::string run) { curve_.run = std::move(run); }

  void add(Table rows);
  Curve finish();

 private:
  void settle(Table rows);
  void join(Table rows);

  Curve curve_;
  Table pending_;           ///< rows as they came
  std::size_t rows_ = 0;    ///< that were mended
  std::size_t stride_ = 1;  ///< rows behind each point that was settled
};

}  // namespace scaleplan::runs
