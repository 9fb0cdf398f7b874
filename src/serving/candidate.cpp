#include <algorithm>
#include <cmath>

#include "scaleplan/num/statistics.hpp"
#include "serving/fleet.hpp"
#include "serving/search.hpp"

namespace scaleplan::serving {

namespace {

Limit limit_of(const Station& station, const Station& wider, double batch, bool by_latency, bool capped) {
  if (by_latency) return Limit::latency;
  if (capped) return Limit::power;
  // twice the places for sequences: would a replica give a tenth more?
  if (wider.at(wider.largest_batch()).tokens_per_s > 1.1 * station.at(station.largest_batch()).tokens_per_s) {
    return Limit::kv_memory;
  }
  const MeanStep parts = station.parts(batch);
  const double compute = parts.step.pass.dense_compute + parts.step.pass.expert_compute + parts.prefill;
  return 2 * compute > parts.total() ? Limit::compute : Limit::bandwidth;
}

// A device under a cap is slower in all that it computes; memory and links keep their speed.
Replica under_cap(Replica replica, const Place& place, const Station& open, double batch, bool& binds) {
  const Watts draw = economy::mean_draw(place.power, economy::Phase::decode, open.utilisation(batch));
  const economy::Capped capped = economy::under_cap(place.power, draw, place.cap, 1);
  binds = capped.speed < 1;
  replica.numbers.dense.peak *= capped.speed;
  replica.numbers.experts.peak *= capped.speed;
  replica.numbers.peak_16bit *= capped.speed;
  return replica;
}

void note_nearest(Search& search, const Point& idle) {
  search.best_ttft = std::min(search.best_ttft, idle.ttft_s);
  search.best_tpot = std::min(search.best_tpot, idle.tpot_s);
}

std::string violated(const Demand& demand, const Point& idle) {
  if (demand.ttft && idle.ttft_s > demand.ttft->raw()) return "time to first token above the limit even idle";
  if (demand.tpot && idle.tpot_s > demand.tpot->raw()) return "time per token above the limit even idle";
  return {};
}

bool keeps(const Demand& demand, const Point& point) {
  return (!demand.ttft || point.ttft_s <= demand.ttft->raw()) &&
         (!demand.tpot || point.tpot_s <= demand.tpot->raw());
}

void describe(const Search& search, const Cut& cut, Deployed& out) {
  out.cut.device = search.place.machine.device.id;
  out.cut.tp = cut.tp;
  out.cut.pp = cut.pp;
  out.cut.ep = cut.ep;
  out.cut.weight_precision = cut.weights;
  out.cut.kv_precision = cut.cache;
  out.attention_dp = cut.attention_dp;
  out.engine = search.freedom.engine;
}

void note_too_large(Search& search, const Replica& replica) {
  ++search.rejected["weights and one sequence do not fit the memory"];
  const Constants& c = search.efficiency.constants;
  const double need = replica.weight_bytes() / (replica.memory * c.memory_live - c.reserve_bytes);
  search.least_memory = std::min(search.least_memory, std::ceil(need));
}

// The load that one replica may be planned for, and what keeps it from more.
struct Planned {
  Point point;
  double full = 0;  ///< sequences per second of a replica that is never idle
  Limit limit = Limit::compute;
};

Planned plan_load(const Search& search, const Station& station, const Replica& replica,
                  const std::optional<Station::Handover>& handover, bool capped) {
  Planned out;
  out.full = station.at(station.largest_batch()).sequences_per_s;
  const double by_latency = station.most([&](const Point& point) { return keeps(search.demand, point); });
  const double by_use = station.batch_for(search.demand.utilisation_max * out.full);
  out.point = station.at(std::min(by_latency, by_use));
  Replica roomy = replica;
  roomy.memory *= 2;
  const Station wider(roomy, search.efficiency.constants, search.traffic, handover);
  out.limit = limit_of(station, wider, out.point.batch, by_latency < by_use, capped);
  return out;
}

Capacity capacity_of(const Search& search, const Cut& cut, const Planned& planned,
                     const std::optional<Pool>& pool) {
  Capacity out;
  out.queries_per_s = planned.point.sequences_per_s / search.traffic.samples;
  out.devices = cut.tp * cut.pp;
  if (pool) {
    out.prefill_queries_per_s = pool->queries_per_s;
    out.prefill_devices = pool->devices;
  }
  return out;
}

// Everything about a replica's load, once it is known how many replicas share it.
void operate_at_peak(const Search& search, const Station& station, const Planned& planned, Deployed& out) {
  const Demand& demand = search.demand;
  const auto working = static_cast<double>(out.cut.replicas - demand.spare_replicas);
  const double peak = demand.queries_per_s() * demand.peak_to_mean.value * search.traffic.samples / working;
  out.peak = station.at(station.batch_for(peak));
  out.batch_limit = station.batch_limit();
  const double z = std::max(0.0, num::normal_quantile(demand.percentile));
  const double most = planned.point.batch + z * std::sqrt(planned.point.batch);
  out.cut.batch = static_cast<std::int64_t>(std::max(1.0, std::min(std::ceil(most), station.batch_limit())));
  out.utilisation = out.peak.sequences_per_s / planned.full;
  const MeanStep parts = station.parts(out.peak.batch);
  const double pool =
      out.prefill ? static_cast<double>(out.devices - out.cut.replicas * out.cut.tp * out.cut.pp) : 0;
  out.prefill_share = out.prefill ? pool / static_cast<double>(out.devices) : parts.prefill / parts.total();
}

}  // namespace

void consider(Search& search, const Cut& cut, Replica replica, const std::optional<Pool>& pool) {
  ++search.evaluated;
  const Constants& constants = search.efficiency.constants;
  const auto handover = pool ? std::optional(pool->handover) : std::nullopt;
  Station station(replica, constants, search.traffic, handover);
  if (!station.fits()) return note_too_large(search, replica);
  bool capped = false;
  if (search.place.cap) {
    replica = under_cap(replica, search.place, station, station.largest_batch(), capped);
    station = Station(replica, constants, search.traffic, handover);
  }
  const Point idle = station.at(least_batch);
  note_nearest(search, idle);
  if (const std::string reason = violated(search.demand, idle); !reason.empty()) {
    ++search.rejected[reason];
    return;
  }
  const Planned planned = plan_load(search, station, replica, handover, capped);
  Deployed out;
  describe(search, cut, out);
  if (pool) out.prefill = PrefillPool{pool->tp, 0};
  size_fleet(capacity_of(search, cut, planned, pool), search.demand, out);
  if (search.place.devices && out.devices_most > *search.place.devices) {
    ++search.rejected["more devices than there are"];
    if (search.least_devices == 0 || out.devices_most < search.least_devices) {
      search.least_devices = out.devices_most;
    }
    return;
  }
  operate_at_peak(search, station, planned, out);
  out.limit = planned.limit;
  price_fleet(station, search.place, search.demand, out);
  search.found.push_back(std::move(out));
}

}  // namespace scaleplan::serving
