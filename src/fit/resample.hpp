#pragma once

#include "fit/model.hpp"

namespace scaleplan::fit {

/// Working coordinates of each resample's optimum, in order; failed ones are empty.
struct Resamples {
  std::vector<std::vector<double>> theta;
  std::size_t failed = 0;
  double gradient_norm = 0;  ///< the largest over all draws
};

/// Bootstrap over the model's clusters (each row its own unless told otherwise), of rows or of residuals
/// (Resampling::wild): draw k resamples with the stream (seed, k), starts at `optimum` and must pass the
/// point fit's own test. Every draw is also tried from the optima of other draws, and descended again where
/// one of those is better.
Resamples bootstrap(const Model& model, std::span<const double> optimum, const Options& options,
                    const Control& control);

}  // namespace scaleplan::fit
