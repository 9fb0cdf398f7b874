#include "serving/search.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace scaleplan::serving {

namespace {

constexpr int curve_points = 24;

void add_intervals(const Search& search, double level, Deployed& out) {
  const Efficiency& e = search.efficiency;
  out.tpot_interval = spread_interval(out.peak.tpot_s, e.time(search.body.routed()), level);
  out.ttft_interval = spread_interval(out.peak.ttft_s, e.first_token, level);
}

void consider_all(Search& search) {
  const std::vector<Cut> all = cuts(search);
  for (const Cut& cut : all) {
    const Result<Replica> replica = replica_of(search, cut);
    if (!replica) continue;
    if (const std::string reason = inapplicable(search, cut, *replica); !reason.empty()) {
      ++search.evaluated;
      ++search.rejected[reason];
      continue;
    }
    if (cut.tp * cut.pp > search.place.devices.value_or(std::numeric_limits<std::int64_t>::max())) {
      ++search.evaluated;
      ++search.rejected["more devices than there are"];
      continue;
    }
    consider(search, cut, *replica, std::nullopt);
    if (!search.freedom.disaggregated) continue;
    if (const std::optional<Pool> pool = best_pool(search, all, cut)) consider(search, cut, *replica, pool);
  }
}

auto order(const Deployed& d) {
  return std::tuple(d.lifetime_device_hours, d.energy_j_per_token, d.prefill.has_value(), d.cut.pp, d.cut.tp,
                    d.cut.ep, d.attention_dp, d.cut.weight_precision, d.cut.kv_precision);
}

Miss miss_of(const Search& search) {
  const Demand& demand = search.demand;
  const bool none_tried = !std::isfinite(search.best_tpot) && !std::isfinite(search.least_memory);
  if (none_tried && search.least_devices == 0 && !search.freedom.techniques.empty()) {
    return {"techniques", 0, 0, "no cut suits every technique: " + search.rejected.begin()->first};
  }
  if (!std::isfinite(search.best_tpot) && search.least_devices == 0) {
    const std::string pool =
        search.place.devices ? fmt::format(" (there are {})", *search.place.devices) : "";
    return {
        "memory", static_cast<double>(search.place.devices.value_or(search.place.machine.scale_up_devices)),
        search.least_memory,
        fmt::format("about {:.0f} devices of this kind hold the weights and a cache{}; or narrower weights",
                    search.least_memory, pool)};
  }
  if (search.least_devices > 0) {
    return {"devices", static_cast<double>(*search.place.devices), static_cast<double>(search.least_devices),
            fmt::format("{} devices would do", search.least_devices)};
  }
  if (demand.ttft && search.best_ttft > demand.ttft->raw()) {
    return {"ttft_s", search.best_ttft, demand.ttft->raw(),
            fmt::format("allow {:.4g} s, shorten prompts, or take faster devices", search.best_ttft)};
  }
  if (demand.tpot && search.best_tpot > demand.tpot->raw()) {
    return {"tpot_s", search.best_tpot, demand.tpot->raw(),
            fmt::format("allow {:.4g} s, take narrower weights, or devices with more bandwidth",
                        search.best_tpot)};
  }
  return {"ttft_s and tpot_s", 0, 0, "no candidate keeps both limits: relax one of them"};
}

Diagnostics impossible(const Demand& demand, std::int64_t context, std::vector<Assumed>& assumed) {
  const auto length = static_cast<double>(context);
  if (context <= 0) return {};
  if (demand.output.p95 > length || demand.input.mean + demand.output.mean > length) {
    return {
        error(fmt::format("answers of {:g} tokens (p95) after prompts of {:g} do not fit the model's context "
                          "of {} tokens",
                          demand.output.p95, demand.input.mean, context),
              "shorten request.output or request.input, or choose a model with a longer context")};
  }
  const double tail = demand.input.quantile(0.95) + demand.output.quantile(0.95);
  if (tail > length) {
    assumed.push_back({"request", "the longest requests are cut",
                       fmt::format("prompt and answer at their p95 ({:.0f} tokens) exceed the context of {}",
                                   tail, context)});
  }
  return {};
}

std::vector<Point> curve_of(const Search& search, const Deployed& best) {
  Cut cut{best.cut.weight_precision, best.cut.kv_precision, best.cut.tp, best.cut.pp, best.cut.ep,
          best.attention_dp};
  const Result<Replica> replica = replica_of(search, cut);
  std::vector<Point> out;
  if (!replica) return out;
  std::optional<Pool> pool;
  if (best.prefill) {
    cut.tp = best.prefill->tp;
    cut.pp = 1;
    const Result<Replica> prefill = replica_of(search, cut);
    if (prefill) pool = pool_of(search, cut, *prefill);
  }
  const Station station(*replica, search.efficiency.constants, search.traffic,
                        pool ? std::optional(pool->handover) : std::nullopt);
  const double top = station.largest_batch();
  const double bottom = std::min(1.0, top / 2);
  out.reserve(curve_points);
  for (int i = 0; i < curve_points; ++i) {
    const double batch = bottom * std::pow(top / bottom, static_cast<double>(i) / (curve_points - 1));
    out.push_back(station.at(std::min(batch, top)));
  }
  return out;
}

}  // namespace

std::string_view limit_name(Limit limit) {
  switch (limit) {
    case Limit::compute:
      return "compute";
    case Limit::bandwidth:
      return "bandwidth";
    case Limit::kv_memory:
      return "kv_memory";
    case Limit::latency:
      return "latency";
    case Limit::power:
      return "power";
  }
  return {};
}

Result<Service> deploy(const model::Shape& shape, std::int64_t context_length, const Place& place,
                       const Demand& demand, const Freedom& freedom, const Efficiency& efficiency,
                       std::size_t runners_up, double level) {
  Service out;
  out.assumed = demand.assumed;
  if (Diagnostics wrong = impossible(demand, context_length, out.assumed); !wrong.empty()) return wrong;
  if (Diagnostics wrong = foreign_terms(freedom.techniques); !wrong.empty()) return wrong;
  Search search{shape, place, demand, freedom, efficiency, body_of(shape), traffic_of(demand)};
  for (const std::string& weights : weight_names(search)) {
    for (const std::string& cache : cache_names(search, weights)) {
      const auto numbers = numbers_for(search.body, place.machine.device, freedom.engine, weights, cache);
      if (!numbers) return numbers.errors();
    }
  }
  if (demand.weight_precision.empty()) {
    out.assumed.push_back({"serving.weight_precision",
                           fmt::format("{}", fmt::join(weight_names(search), ", ")),
                           "what the device multiplies, down to fp8"});
  }
  for (Assumed& each : unchecked(search)) out.assumed.push_back(std::move(each));
  consider_all(search);
  std::sort(search.found.begin(), search.found.end(),
            [](const Deployed& a, const Deployed& b) { return order(a) < order(b); });
  out.evaluated = search.evaluated;
  for (const auto& [reason, count] : search.rejected) out.rejected.push_back({reason, count});
  if (search.found.empty()) {
    out.miss = miss_of(search);
    return out;
  }
  for (std::size_t i = 0; i < search.found.size() && i <= runners_up; ++i) {
    Deployed& found = search.found[i];
    add_intervals(search, level, found);
    if (i == 0) {
      out.best = found;
    } else {
      out.runners_up.push_back(found);
    }
  }
  out.curve = curve_of(search, *out.best);
  return out;
}

}  // namespace scaleplan::serving
