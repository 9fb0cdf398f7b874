#pragma once

#include <string>

#include "scaleplan/calibration/calibrate.hpp"
#include "scaleplan/report/report.hpp"

namespace scaleplan::report {

struct CalibrationView {
  double level = 0.9;
  bool left_out = false;           ///< publishers were predicted by fits to the others
  bool explain = false;            ///< adds every case and what was assumed
  std::string cases_digest;        ///< of the file of cases
  std::string calibration_digest;  ///< of the calibration file in force, or empty: the shipped one
};
/// The document is a scaleplan/calibration/1; it can be used as one when constants were fitted.
Report present(const calibration::Outcome& outcome, const CalibrationView& view);

}  // namespace scaleplan::report
