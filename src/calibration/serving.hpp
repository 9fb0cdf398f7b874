#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaleplan/base/control.hpp"
#include "scaleplan/calibration/error_table.hpp"
#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/json/document.hpp"
#include "scaleplan/serving/efficiency.hpp"
#include "scaleplan/serving/load.hpp"

namespace scaleplan::calibration {

/// What a serving case measured. Times are compared as times: a rate of tokens is the time per token.
struct ServingTarget {
  enum class What { tokens_per_s, tpot_s, between_tokens_s, ttft_s, power_w, energy_j_per_token };
  What what = What::tokens_per_s;
  double measured = 0;
};

/// One measured case as the model sees it: what it states, and what had to be assumed.
struct ServingCase {
  std::string id;
  std::string publisher;
  std::string score;  ///< main | apart
  serving::Replica replica;
  serving::Request request;
  serving::Load load;
  double replicas = 1;
  std::string arrival;  ///< of first-token times: "idle", "open", "closed"
  economy::DevicePower power;
  std::optional<Watts> cap;  ///< of one device, where the case lowered it
  std::vector<ServingTarget> targets;
  std::vector<std::string> assumed;
};

struct ServingCases {
  std::vector<ServingCase> cases;
  std::vector<Skipped> skipped;
  long shapes_known = 0;  ///< records whose model the catalogue has, used or not
};

/// A document of kind "serving" (scaleplan/cases/1): records may hold any keys. A record that cannot be
/// predicted is skipped with its reason; a value of the wrong type is an error.
Result<ServingCases> read_serving_cases(const json::Document& document, const json::Catalogue& catalogue);

/// Predicts every target. First tokens of idle engines and open arrivals are "ttft_s", those of closed loops
/// "ttft_s/closed"; mixtures of experts stand in groups "moe". Intervals come from the spread of
/// `efficiency`.
std::vector<Comparison> predict_serving(const ServingCases& cases, const serving::Efficiency& efficiency,
                                        double level);

/// Error lines of the comparisons, and besides the quantities as measured "speed" (dense) and "speed/moe":
/// tokens per second and times per token together, all as times.
Scores scores_of(std::vector<Comparison> comparisons, std::vector<Skipped> skipped);

/// Fits the constants that speeds identify to the cases of score main without those of publisher `except`:
/// robust least squares of log times, each publisher the same weight, shrunk to `start`. Spreads are those of
/// `start`.
serving::Efficiency fit_serving(const ServingCases& cases, const serving::Efficiency& start,
                                const std::string& except, const Control& control);

/// Every publisher predicted by a fit to the others; each fold starts from the recipe's rounded constants,
/// with the spreads of `efficiency`.
std::vector<Comparison> leave_out_publishers(const ServingCases& cases, const serving::Efficiency& efficiency,
                                             double level, const Control& control);

/// `efficiency` with the spreads that left-out publishers show.
serving::Efficiency with_spreads(serving::Efficiency efficiency, const std::vector<Comparison>& left_out);

}  // namespace scaleplan::calibration
