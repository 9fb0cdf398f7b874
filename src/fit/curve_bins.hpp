#pragma once

#include "fit/curve_member.hpp"
#include "scaleplan/fit/curve.hpp"

namespace scaleplan::fit {

/// What is wrong with the numbers of a job.
Diagnostics refuse_job(const RunningJob& job);

/// The step where the learning rate first comes within 1 % of its peak; a fiftieth of the log where it is
/// unknown.
double found_warm_up(const RunningJob& job);

/// Means of the losses, smoothed when `ema` > 0, over equal shares of the steps so far.
BinnedCurve binned(const RunningJob& job, double ema);

/// Noise of a bin, relative: from differences of neighbours, which a slow curve does not enter.
double noise_of(const BinnedCurve& curve);

/// The interval of a lognormal estimate with relative standard error `sd`, Student's t with a degree of
/// freedom for each trial.
Interval interval_of(double value, double sd, std::size_t trials, double level);

}  // namespace scaleplan::fit
