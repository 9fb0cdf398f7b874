#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace scaleplan::calibration {

/// One measured figure and what the model says of it; relative_error = predicted / measured − 1.
struct Comparison {
  std::string id;
  std::string publisher;
  std::string score;     ///< main | apart
  std::string quantity;  ///< step_time_s, memory_allocated, tokens_per_s, ttft_s, power_w, …
  std::string group;     ///< reported apart: "dense", "moe", …
  double measured = 0;
  double predicted = 0;
  std::optional<double> interval_low;
  std::optional<double> interval_high;
  [[nodiscard]] double relative_error() const { return predicted / measured - 1; }
};

struct Skipped {
  std::string id;
  std::string reason;
};

/// Absolute errors as fractions. Publishers with one or two cases share one vote.
struct ErrorLine {
  long cases = 0;
  double mean_abs = 0;
  double median_abs = 0;
  double bias = 0;  ///< mean signed error as mean over publishers
  double max_abs = 0;
  double mean_over_publishers = 0;
  std::optional<double> coverage;  ///< share of measurements inside their interval
  double within_factor_two = 0;
};

struct Scores {
  std::vector<Comparison> cases;
  std::map<std::string, ErrorLine>
      error;  ///< by "quantity" (score main, dense), "quantity/moe", "quantity/apart"
  std::map<std::string, std::map<std::string, ErrorLine>> by_publisher;
  std::vector<Skipped> skipped;
};

/// Fills `error` and `by_publisher` from `cases`.
void summarise(Scores& scores);

}  // namespace scaleplan::calibration
