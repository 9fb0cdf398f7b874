#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scaleplan/base/control.hpp"
#include "scaleplan/calibration/error_table.hpp"
#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/json/document.hpp"
#include "scaleplan/model/layout.hpp"
#include "scaleplan/training/efficiency.hpp"
#include "scaleplan/training/job.hpp"

namespace scaleplan::calibration {

/// One measured training run as the models see it: what it states, and what had to be assumed.
struct TrainingCase {
  std::string id;
  std::string publisher;
  std::string score;   ///< main | apart
  std::string source;  ///< cases of one source are ranked together
  training::Job job;
  model::Layout layout;
  std::optional<double> step_time_s;
  bool timed = false;                    ///< a time or tokens/s was measured; else it follows from TFLOP/s
  std::map<std::string, double> memory;  ///< readings as named in the case ("memory_gib", …)
  std::string words;                     ///< engine, notes and the like, in lower case
  std::vector<std::string> assumed;

  [[nodiscard]] bool mixture() const { return job.shape.experts.experts > 1; }
};

struct TrainingCases {
  std::vector<TrainingCase> cases;
  std::vector<Skipped> skipped;
  std::map<std::string, long> ignored;  ///< keys that nobody read
};

/// A document of kind "training" (scaleplan/cases/1). Records may hold any keys; one whose layout or machine
/// is not stated is skipped with its reason; a value of the wrong type is an error with its place.
Result<TrainingCases> read_training_cases(const json::Document& document, const json::Catalogue& catalogue);

/// Predicts the step time of every case that has one. Quantities: "step_time_s" (measured times, groups
/// "dense", "moe" and "family" of dense devices whose family the calibration does not know) and
/// "step_time_from_flop_s" (times computed from published TFLOP/s).
Scores predict_step_times(const std::vector<TrainingCase>& cases, const training::Efficiency& efficiency,
                          double level);

/// Predicts every memory reading. Quantities: "memory_allocated", "memory_reserved" and "memory_driver" by
/// what a case's figure is, "memory_safe" against any of them (a bound: only what lies below counts against
/// it), "memory_states", "memory_activations", "activation_ratio".
Scores predict_memory(const std::vector<TrainingCase>& cases);

/// Constants fitted to the step times: least squares of logarithms, every publisher one vote, each constant
/// drawn to its prior. With fewer than three publishers only "site" is estimated, shrunk as the spread
/// between and within sources says (Bühlmann's credibility), and `start` stays as it is.
training::Efficiency fit_training(const std::vector<TrainingCase>& cases, const training::Efficiency& start,
                                  const Control& control);

}  // namespace scaleplan::calibration
