#pragma once

#include "scaleplan/calibration/training.hpp"

namespace scaleplan::calibration {

/// What published runs say in words, or leave unsaid, as members of the job and layout; each guess goes to
/// `assumed`.
struct Words {
  std::string engine;     ///< as stated, may be empty
  std::string recompute;  ///< as stated
  std::string precision;  ///< as stated
  bool async_tp = false;
  bool compiled = false;
  bool scatter_gather = false;
};
void settle_engine(const Words& words, TrainingCase& c);

/// Virtual stages where a case does not say: engines that can, cut each stage in as few parts as it goes.
std::int64_t usual_interleave(TrainingCase& c);

/// "selective (per-op SAC)", "full (rematerialisation)", "not stated", … An unknown word is no recompute.
model::Recompute recompute_of(const Words& words, TrainingCase& c);
/// "mxfp8", "fp8-linear", "nvfp4", … Nothing: no type that the model knows.
std::optional<training::Precision> precision_of(const std::string& word);

/// Seconds of a step that was published as TFLOP/s and device, by the convention that the case states.
double seconds_from_flop(const TrainingCase& c, double flop_per_device_s, const std::string& convention,
                         std::vector<std::string>& assumed);

}  // namespace scaleplan::calibration
