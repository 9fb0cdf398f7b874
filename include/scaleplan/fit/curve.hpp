#pragma once

#include <limits>
#include <string>
#include <vector>

#include "scaleplan/base/control.hpp"
#include "scaleplan/base/result.hpp"
#include "scaleplan/laws/law.hpp"
#include "scaleplan/runs/curve.hpp"

namespace scaleplan::fit {

/// A training run under way: its losses so far and its learning rates to the end.
struct RunningJob {
  std::vector<double> step;       ///< optimiser steps of the losses, ascending, positive
  std::vector<double> loss;       ///< nats per token, positive
  std::vector<double> rate_step;  ///< where the learning rate is known, ascending, from the start to `end`
  std::vector<double> rate;       ///< linear between those steps; empty: unknown, taken as constant
  double end = 0;                 ///< the step whose loss is asked
};

/// When a run ends: after so many tokens or steps, or where its log says that it will.
struct CurveEnd {
  enum class Unit { tokens, steps, planned };
  Unit unit = Unit::planned;
  double value = 0;
};

/// What a log says of a job, and what had to be assumed.
struct JobPlan {
  RunningJob job;
  std::string loss;      ///< column of the curve
  std::string schedule;  ///< where learning rates ahead come from
  double end_tokens = std::numeric_limits<double>::quiet_NaN();
  Diagnostics warnings;
};

/// Lay out a job from its log. Learning rates ahead come from `schedule` (steps and learning rates up to the
/// end), else from the shape that the logged ones have (constant, or a cosine or a line to the end of the
/// run). Errors: no loss, tokens unknown, an end before the last step, no end planned, a schedule that
/// disagrees with the log by more than 2 % of the peak or ends early, and a shape that is not recognised.
Result<JobPlan> plan_job(const runs::Curve& curve, const CurveEnd& end, const runs::Curve* schedule);

struct CurveOptions {
  double level = 0.9;
  double warm_up = std::numeric_limits<double>::quiet_NaN();  ///< steps left out; NaN: found
  double ema = 0;                                             ///< steps of exponential smoothing; 0: none
};

/// One schedule law fitted to one window of the curve.
struct CurveMember {
  std::string law;
  double window = 0;  ///< the fit begins at this share of the last step
  double weight = 0;
  double value = 0;                ///< its forecast
  double residual = 0;             ///< root mean square of its log residuals
  std::vector<double> parameters;  ///< natural units, in the order of the law
};

/// A forecast of this method made within the log: from `from`, of the loss at `at`.
struct CurveTrial {
  double from = 0;
  double at = 0;
  double predicted = 0;
  double observed = 0;
};

struct CurveForecast {
  double value = 0;
  Interval interval;
  double last_step = 0;
  double last_loss = 0;    ///< smoothed, at the last step
  double warm_up = 0;      ///< steps left out
  std::size_t points = 0;  ///< bins of the curve
  double noise = 0;        ///< standard deviation of a bin about the fit, relative
  double correlation = 0;  ///< of neighbouring residuals
  double spread = 0;       ///< standard deviation between members, relative
  double trial_error = 0;  ///< expected error by the trials, relative
  std::vector<CurveMember> members;
  std::vector<CurveTrial> trials;
  Diagnostics warnings;
};

/// Estimate the loss of a running job at its end, by schedule laws (inputs `lr`, `lr_sum`, `stride`) fitted
/// to windows of the binned curve after warm-up and weighed by how they forecast the log's own later part
/// from cuts of it. The interval adds, in squares: the noise of a mean of autocorrelated residuals, the
/// spread of the members, and the error of the blend in those trials scaled to the step asked; Student's t
/// with the number of trials. It assumes that data and schedule go on as they are said to. Too few points, an
/// end before the last step, a loss that is not positive and a schedule that ends early are errors.
Result<CurveForecast> forecast_curve(const RunningJob& job, const std::vector<laws::Law>& laws,
                                     const CurveOptions& options, const Control& control);

}  // namespace scaleplan::fit
