#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaleplan/base/quantity.hpp"
#include "scaleplan/json/document.hpp"
#include "scaleplan/json/reader.hpp"
#include "scaleplan/serving/queueing.hpp"

namespace scaleplan::serving {

/// A number that may be uncertain: the median, and where given the 10th and 90th percentiles.
struct Estimate {
  double value = 0;
  std::optional<double> p10 = {};
  std::optional<double> p90 = {};
};

/// An input that nobody stated.
struct Assumed {
  std::string key;
  std::string value;
  std::string source;
};

/// Where replicas may stand, and what a device costs there.
struct Site {
  std::string id;  ///< cluster, node or device
  std::optional<Dollars> price_per_device_hour;
  std::string price_date;
  std::string region;
  std::optional<double> pue;
  std::optional<Watts> power_cap;  ///< of one device
  scaleplan::Place region_place;   ///< where the document says them
  scaleplan::Place power_cap_place;
};

/// What is asked of the model: schema scaleplan/demand/1, or the member "demand" of a scenario.
struct Demand {
  Estimate input_per_day;   ///< prompt tokens
  Estimate output_per_day;  ///< generated tokens that users see, of one sample
  Lengths input;            ///< of one request, tokens
  Lengths output;
  Seconds lifetime{0};                 ///< 0: the present only
  Estimate growth_per_year{1};         ///< factor of requests from year to year
  Estimate peak_to_mean{1};            ///< request rate that is planned for, over the mean
  std::int64_t samples_per_query = 1;  ///< answers generated for each prompt
  double prefix_hit_rate = 0;          ///< share of prompt tokens found in the prefix cache
  double percentile = 0.95;            ///< of requests that must keep the limits
  std::optional<Seconds> ttft;         ///< limits; absent: any
  std::optional<Seconds> tpot;
  std::vector<Site> sites;
  std::vector<std::string> weight_precision;  ///< to choose from; empty: what the device multiplies
  std::vector<std::string> cache_precision;   ///< empty: what the engine pairs with the weights
  std::vector<std::int64_t> tp;               ///< empty: powers of two up to the scale-up domain
  double utilisation_max = 0.7;               ///< of a replica's capacity at the peak
  std::int64_t spare_replicas = 0;
  std::vector<Assumed> assumed;

  /// Queries at the mean of the first year, per second.
  [[nodiscard]] double queries_per_s() const { return output_per_day.value / output.mean / 86400; }
  [[nodiscard]] const Site* site(std::string_view id) const;
};

Result<Demand> read_demand(const json::Document& document);
/// The members of a demand object; `schema` is the caller's.
Demand read_demand(json::ObjectReader& reader);

}  // namespace scaleplan::serving
