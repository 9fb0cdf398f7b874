#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "scaleplan/plan/scenario.hpp"

namespace scaleplan::plan {

/// What hardware makes of wall time: every quantity that a second of the run adds to is fixed + per_second·T.
struct Resources {
  struct Line {
    double fixed = 0;
    double per_second = 0;
  };
  double seconds_per_flop = 0;  ///< of wall time and exact FLOP, where no layout says better
  std::map<std::string, Line, std::less<>> lines;  ///< by plan quantity

  [[nodiscard]] const Line* line(std::string_view quantity) const;
};

/// The throughput that a scenario assumes instead of a cluster; empty when it says nothing of hardware.
Resources resources_of(const Scenario& scenario);

}  // namespace scaleplan::plan
