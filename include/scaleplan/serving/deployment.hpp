#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scaleplan/economy/carbon.hpp"
#include "scaleplan/economy/site.hpp"
#include "scaleplan/hardware/machine.hpp"
#include "scaleplan/model/layout.hpp"
#include "scaleplan/serving/demand.hpp"
#include "scaleplan/serving/load.hpp"
#include "scaleplan/terms/stack.hpp"

namespace scaleplan::serving {

/// Devices to deploy on, and what they cost to run.
struct Place {
  hardware::Machine machine;
  std::optional<std::int64_t> devices;  ///< that there are; absent: as many as it takes
  std::optional<Dollars> price_per_device_hour;
  std::string price_date;
  economy::DevicePower power;
  economy::NodePower node;
  double pue = 1;
  std::optional<Watts> cap;  ///< of one device
  std::optional<GramsCo2PerJoule> carbon;
};

/// What the search may vary besides the demand's lists.
struct Freedom {
  Engine engine;
  bool disaggregated = true;  ///< separate pools for prefill and decoding are tried, too
  terms::Stack techniques = {};
};

/// One replica (of a disaggregated deployment: one decoding replica and its share of prefill) at a steady
/// rate. Percentiles are the demand's.
struct Point {
  double batch = 0;  ///< mean sequences in flight
  double sequences_per_s = 0;
  double tokens_per_s = 0;  ///< output
  double tpot_s = 0;        ///< percentile over requests
  double tpot_mean_s = 0;
  double ttft_s = 0;  ///< percentile over requests
  double ttft_mean_s = 0;
};

/// Devices that only prefill, beside the decoding ones.
struct PrefillPool {
  std::int64_t tp = 1;
  std::int64_t replicas = 1;
};

/// One month or less of the lifetime.
struct Period {
  Seconds begin{0};
  double queries_per_s = 0;  ///< mean
  std::int64_t replicas = 0;
  std::int64_t devices = 0;
};

/// What keeps a replica from more load.
enum class Limit : std::uint8_t { compute, bandwidth, kv_memory, latency, power };
std::string_view limit_name(Limit limit);

/// A deployment that keeps every limit at the peak, sized and priced.
struct Deployed {
  model::Deployment cut;  ///< replicas with spares, at the start
  Engine engine;
  bool attention_dp = false;
  std::optional<PrefillPool> prefill;
  double batch_limit = 0;  ///< sequences that memory or the engine allows in a replica
  Point peak;              ///< one replica at the planned peak
  Limit limit = Limit::compute;
  double utilisation = 0;         ///< of a replica's capacity, at the peak
  std::int64_t devices = 0;       ///< at the start
  std::int64_t devices_most = 0;  ///< over the lifetime
  std::vector<Period> periods;
  double lifetime_device_hours = 0;  ///< or of one year, without a lifetime
  Watts mean_device_draw;            ///< at the mean load
  double prefill_share = 0;          ///< of device time, at the peak: what prompts cost
  double energy_j_per_token = 0;     ///< at the meter of the site, over output tokens, at the mean load
  std::optional<double> usd_per_million_tokens;  ///< output tokens, at the mean load
  std::optional<double> grams_per_million_tokens;
  Interval tpot_interval;  ///< of the percentiles, by what the model's errors were
  Interval ttft_interval;

  /// Output tokens of the lifetime, or of one year without one.
  double lifetime_tokens = 0;
};

/// The nearest miss: which limit, how near the best candidate came, what would do.
struct Miss {
  std::string limit;  ///< memory | ttft_s | tpot_s | devices
  double best = 0;
  double required = 0;
  std::string remedy;
};

struct Rejected {
  std::string reason;
  std::int64_t count = 0;
};

struct Service {
  std::optional<Deployed> best;
  std::vector<Deployed> runners_up;
  std::vector<Point> curve;  ///< of one replica of the best (or nearest) candidate, from idle to full
  std::int64_t evaluated = 0;
  std::vector<Rejected> rejected;
  std::optional<Miss> miss;
  std::vector<Assumed> assumed;
};

/// Cheapest deployment by lifetime device-hours, then by energy; exhaustive over precisions, cuts, expert and
/// attention-data parallelism, aggregated or not. Errors are demands that no model could serve (answers
/// longer than `context_length`).
Result<Service> deploy(const model::Shape& shape, std::int64_t context_length, const Place& place,
                       const Demand& demand, const Freedom& freedom, const Efficiency& efficiency,
                       std::size_t runners_up, double level);

}  // namespace scaleplan::serving
