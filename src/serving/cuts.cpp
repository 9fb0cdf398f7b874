#include <algorithm>
#include <cmath>

#include "serving/search.hpp"

namespace scaleplan::serving {

namespace {

std::vector<std::int64_t> degrees(const Search& search) {
  if (!search.demand.tp.empty()) return search.demand.tp;
  std::vector<std::int64_t> out;
  for (std::int64_t tp = 1; tp <= search.place.machine.scale_up_devices; tp *= 2) out.push_back(tp);
  return out;
}

}  // namespace

std::vector<std::string> weight_names(const Search& search) {
  if (!search.demand.weight_precision.empty()) return search.demand.weight_precision;
  std::vector<std::string> out{"bf16"};
  if (search.place.machine.device.peak.contains("fp8")) out.emplace_back("fp8");
  return out;
}

std::vector<std::string> cache_names(const Search& search, const std::string& weights) {
  if (!search.demand.cache_precision.empty()) return search.demand.cache_precision;
  return {default_cache(search.freedom.engine, weights)};
}

std::vector<Cut> cuts(const Search& search) {
  std::vector<Cut> out;
  const model::Shape& shape = search.shape;
  for (const std::string& weights : weight_names(search)) {
    for (const std::string& cache : cache_names(search, weights)) {
      for (const std::int64_t tp : degrees(search)) {
        if (shape.heads % tp != 0) continue;
        for (std::int64_t pp = 1; pp <= 8 && pp <= shape.layers; pp *= 2) {
          out.push_back({weights, cache, tp, pp, 1, false});
          const bool spreads = search.body.routed() && tp > 1 && shape.experts.experts % tp == 0 && pp == 1;
          if (!spreads) continue;
          out.push_back({weights, cache, tp, pp, tp, false});
          out.push_back({weights, cache, tp, pp, tp, true});
        }
      }
    }
  }
  return out;
}

Result<Replica> replica_of(const Search& search, const Cut& cut) {
  Result<Numbers> numbers =
      numbers_for(search.body, search.place.machine.device, search.freedom.engine, cut.weights, cut.cache);
  if (!numbers) return numbers.errors();
  Replica out =
      replica_on(search.place.machine, search.body, *numbers, search.freedom.engine, cut.tp, cut.pp);
  out.attention_dp = cut.attention_dp;
  out.expert_parallel = cut.ep > 1;
  return with_techniques(std::move(out), search.freedom.techniques);
}

namespace {

constexpr double transfer_latency_s = 1e-3;  // to start a handover between pools
// of the time to first token that a prefill pool may take; the rest is for a place to decode
constexpr double prefill_share = 0.75;

}  // namespace

std::optional<Pool> pool_of(const Search& search, const Cut& cut, const Replica& replica) {
  const Clock clock(replica, search.efficiency.constants);
  const double p = search.demand.percentile;
  const double mean_s = clock.prefill(1, search.traffic.query);
  const double long_s = clock.prefill(1, search.traffic.long_query);
  const double bytes = search.body.attended(search.demand.input.mean) * search.body.cache_values_per_token() *
                       replica.numbers.cache_bytes;
  const double rate =
      search.efficiency.constants.link_share * search.place.machine.nic.raw() * replica.devices();
  const double transfer_s = transfer_latency_s + bytes / rate;
  const double limit = search.demand.ttft ? prefill_share * search.demand.ttft->raw()
                                          : std::numeric_limits<double>::infinity();
  double low = 0;
  double high = search.demand.utilisation_max;
  auto handover = [&](double busy) {
    const Wait line = wait_in_line(busy, mean_s, search.traffic.prompt_cv2);
    Station::Handover out;
    out.mean_s = mean_s + transfer_s + line.mean();
    out.tail_s = out.mean_s + std::hypot(line.quantile(p) - line.mean(), long_s - mean_s);
    return out;
  };
  if (handover(1e-6).tail_s > limit) return std::nullopt;
  if (handover(high).tail_s <= limit) low = high;
  while (high - low > 1e-6) {
    const double middle = (low + high) / 2;
    (handover(middle).tail_s <= limit ? low : high) = middle;
  }
  if (low <= 0) return std::nullopt;
  return Pool{cut.tp, cut.tp * cut.pp, low / mean_s, handover(low)};
}

std::optional<Pool> best_pool(const Search& search, const std::vector<Cut>& all, const Cut& cut) {
  std::optional<Pool> best;
  for (const Cut& other : all) {
    const bool same = other.weights == cut.weights && other.cache == cut.cache;
    if (!same || other.pp > 1 || other.attention_dp) continue;
    const Result<Replica> prefill = replica_of(search, other);
    const bool fits =
        prefill && Clock(*prefill, search.efficiency.constants).batch_limit(search.traffic.query) >= 1;
    if (!fits) continue;
    const std::optional<Pool> pool = pool_of(search, other, *prefill);
    if (pool && (!best || pool->queries_per_s / static_cast<double>(pool->devices) >
                              best->queries_per_s / static_cast<double>(best->devices))) {
      best = pool;
    }
  }
  return best;
}

}  // namespace scaleplan::serving
