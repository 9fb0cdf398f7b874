#pragma once

#include <map>
#include <string>
#include <string_view>

#include "scaleplan/plan/scenario.hpp"

namespace scaleplan::plan {

/// What hardware makes of wall time T and energy E of a run: fixed + per_second·T + per_joule·E.
struct Resources {
  struct Line {
    double fixed = 0;
    double per_second = 0;
    double per_joule = 0;
  };
  double seconds_per_flop = 0;  ///< of wall time and exact FLOP, where no layout says better
  double watts = 0;             ///< of the site, mean over wall time; 0: not known
  double time_sd = 0;           ///< of ln(time): how far predictions of the step time err
  std::map<std::string, Line, std::less<>> lines;  ///< by plan quantity

  [[nodiscard]] const Line* line(std::string_view quantity) const;
};

/// The throughput that a scenario assumes instead of machines; empty when it says nothing of hardware.
Resources resources_of(const Scenario& scenario);

}  // namespace scaleplan::plan
