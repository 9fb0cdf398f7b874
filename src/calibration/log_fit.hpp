#pragma once

#include <functional>
#include <span>
#include <vector>

#include "scaleplan/base/control.hpp"

namespace scaleplan::calibration {

/// Positive parameters by robust least squares: residuals are logarithms of predicted over measured, large
/// ones count linearly (Huber), and ln(parameter) is drawn to ln(start) as a normal prior with `prior_sd`
/// would.
struct LogFit {
  std::function<std::vector<double>(std::span<const double> parameters)> residuals;
  std::vector<double> weights;  ///< of the residuals; their scale does not matter
  std::vector<double> start;
  std::vector<double> lower;
  std::vector<double> upper;
  double prior_sd = 0.2;
  std::vector<double> prior_sds;  ///< by parameter; empty: `prior_sd` for all
  double huber = 0.15;            ///< residuals beyond it count linearly
  double noise = 0.15;            ///< sd of one residual, sets the weight of the prior
};

struct LogEstimate {
  std::vector<double> values;
  std::vector<double> log_se;
  int iterations = 0;
};

/// Damped Gauss–Newton with numeric derivatives; residuals are evaluated on `control`'s threads.
LogEstimate fit_logs(const LogFit& problem, const Control& control);

}  // namespace scaleplan::calibration
