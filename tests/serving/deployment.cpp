#include "scaleplan/serving/deployment.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "serving/fleet.hpp"
#include "serving/service.hpp"
#include "serving/support.hpp"

namespace scaleplan::serving {

namespace {

Demand chat(double output_per_day = 800e6) {
  Demand demand;
  demand.input = lognormal_lengths(1800, 6000);
  demand.output = lognormal_lengths(360, 1200);
  demand.input_per_day.value = 5 * output_per_day;
  demand.output_per_day.value = output_per_day;
  demand.peak_to_mean.value = 2.5;
  demand.ttft = Seconds(2);
  demand.tpot = Seconds(0.05);
  return demand;
}

Place place_on(const std::string& device) {
  Place place;
  place.machine = machine(device, 8);
  place.power = economy::device_power(place.machine.device).value();
  place.node = economy::node_power(place.power, place.machine.device, nullptr).value();
  place.price_per_device_hour = Dollars(2.5);
  return place;
}

Efficiency shipped() {
  return default_efficiency(json::Catalogue{}).value();
}

Service serve(const std::string& model, const Place& place, const Demand& demand,
              const Freedom& freedom = {}) {
  return deploy(shape_of(model), 131072, place, demand, freedom, shipped(), 1000, 0.9).value();
}

}  // namespace

TEST_CASE("every deployment offered keeps the limits and carries the peak", "[serving]") {
  const Demand demand = chat();
  for (const char* model : {"llama-3-70b", "mixtral-8x7b", "qwen3-235b-a22b"}) {
    for (const char* device : {"a100-sxm-80", "h100-sxm-80", "h200-sxm"}) {
      const Service service = serve(model, place_on(device), demand);
      INFO(model << " " << device);
      REQUIRE(service.best);
      std::vector<Deployed> all = service.runners_up;
      all.push_back(*service.best);
      for (const Deployed& each : all) {
        CHECK(each.peak.ttft_s <= 2);
        CHECK(each.peak.tpot_s <= 0.05);
        CHECK(each.utilisation <= 0.7 * (1 + 1e-4));
        CHECK(each.lifetime_device_hours >= service.best->lifetime_device_hours);
        const double peak = each.peak.tokens_per_s * static_cast<double>(each.cut.replicas);
        CHECK(peak == Approx(2.5 * 800e6 / 86400).epsilon(1e-4));
        CHECK(each.tpot_interval.low < each.peak.tpot_s);
        CHECK(each.tpot_interval.high > each.peak.tpot_s);
      }
    }
  }
}

TEST_CASE("the search finds what trying every cut by hand finds", "[serving]") {
  Demand demand = chat();
  demand.weight_precision = {"fp8"};
  const Place place = place_on("h100-sxm-80");
  const Efficiency efficiency = shipped();
  const Traffic traffic = traffic_of(demand);
  std::int64_t fewest = 1 << 30;
  for (const std::int64_t tp : {1, 2, 4, 8}) {
    const Replica one = replica("llama-3-70b", "h100-sxm-80", tp, "fp8");
    const Station station(one, efficiency.constants, traffic);
    if (!station.fits()) continue;
    // walk up the batch in small steps instead of bisecting
    double rate = 0;
    const double full = station.at(station.largest_batch()).sequences_per_s;
    for (double batch = 0.01; batch < station.largest_batch(); batch *= 1.001) {
      const Point point = station.at(batch);
      if (point.ttft_s > 2 || point.tpot_s > 0.05 || point.sequences_per_s > 0.7 * full) break;
      rate = point.sequences_per_s;
    }
    if (rate <= 0) continue;
    const auto replicas = static_cast<std::int64_t>(std::ceil(2.5 * demand.queries_per_s() / rate));
    fewest = std::min(fewest, replicas * tp);
  }
  const Service service = serve("llama-3-70b", place, demand, {Engine{}, false});
  REQUIRE(service.best);
  CHECK(service.best->devices <= fewest);
  CHECK(service.best->devices >=
        fewest - service.best->cut.tp);  // steps of a thousandth may miss one replica
}

TEST_CASE("more demand never takes fewer devices, looser limits never more", "[serving]") {
  const Place place = place_on("h100-sxm-80");
  std::int64_t before = 0;
  for (const double tokens : {1e6, 1e8, 1e9, 1e10}) {
    const Service service = serve("llama-3-70b", place, chat(tokens));
    REQUIRE(service.best);
    CHECK(service.best->devices >= before);
    before = service.best->devices;
  }
  before = 1 << 30;
  for (const double tpot : {0.03, 0.05, 0.1, 0.5}) {
    Demand demand = chat();
    demand.tpot = Seconds(tpot);
    const Service service = serve("llama-3-70b", place, demand);
    REQUIRE(service.best);
    CHECK(service.best->devices <= before);
    before = service.best->devices;
  }
}

TEST_CASE("a limit that nothing keeps says which, by how much and what would do", "[serving]") {
  const Place place = place_on("h100-sxm-80");
  Demand demand = chat();
  demand.tpot = Seconds(0.001);
  const Service slow = serve("llama-3-70b", place, demand);
  REQUIRE(slow.miss);
  CHECK_FALSE(slow.best);
  CHECK(slow.miss->limit == "tpot_s");
  CHECK(slow.miss->required == 0.001);
  // what it says would do, does
  demand.tpot = Seconds(slow.miss->best * 1.001);
  CHECK(serve("llama-3-70b", place, demand).best);
  Place small = place;
  small.devices = 2;
  const Service few = serve("llama-3-70b", small, chat());
  REQUIRE(few.miss);
  CHECK(few.miss->limit == "devices");
  small.devices = static_cast<std::int64_t>(few.miss->required);
  CHECK(serve("llama-3-70b", small, chat()).best);
  Demand wide = chat();
  wide.weight_precision = {"bf16"};
  wide.tp = {1};
  Place one = place_on("l40s");
  one.devices = 1;
  const Service heavy = serve("llama-3-70b", one, wide);
  REQUIRE(heavy.miss);
  CHECK(heavy.miss->limit == "memory");
}

TEST_CASE("answers longer than the context are an error", "[serving]") {
  const Result<Service> service =
      deploy(shape_of("llama-3-70b"), 1024, place_on("h100-sxm-80"), chat(), {}, shipped(), 0, 0.9);
  REQUIRE_FALSE(service);
  CHECK(service.errors().front().message.find("context of 1024") != std::string::npos);
}

TEST_CASE("cached prefixes cost less, samples cost more than one and less than each alone", "[serving]") {
  const Place place = place_on("h100-sxm-80");
  const auto devices = [&](const Demand& demand) {
    return serve("llama-3-70b", place, demand, {Engine{}, false}).best->lifetime_device_hours;
  };
  const Demand plain = chat(4e9);
  Demand cached = plain;
  cached.prefix_hit_rate = 0.6;
  CHECK(devices(cached) < devices(plain));
  Demand sampled = plain;
  sampled.samples_per_query = 4;
  CHECK(devices(sampled) > devices(plain));
  CHECK(devices(sampled) < 4 * devices(plain));
}

TEST_CASE("replicas follow the growth of demand", "[serving]") {
  Demand demand = chat(4e9);
  demand.lifetime = Seconds(2 * 365.25 * 86400);
  demand.growth_per_year.value = 3;
  demand.spare_replicas = 2;
  const Service service = serve("llama-3-70b", place_on("h100-sxm-80"), demand);
  REQUIRE(service.best);
  const std::vector<Period>& periods = service.best->periods;
  REQUIRE(periods.size() == 24);
  CHECK(periods.back().queries_per_s == Approx(demand.queries_per_s() * std::pow(3, 23.0 / 12)));
  for (std::size_t i = 1; i < periods.size(); ++i) CHECK(periods[i].replicas >= periods[i - 1].replicas);
  CHECK(service.best->devices_most == periods.back().devices);
  double hours = 0;
  for (const Period& period : periods) hours += static_cast<double>(period.devices) * 365.25 * 24 / 12;
  CHECK(service.best->lifetime_device_hours == Approx(hours));
  // the integral of demand over two years at 3 times a year: (9 - 1) / ln 3 years of today's
  CHECK(service.best->lifetime_tokens == Approx(4e9 * 365.25 * 8 / std::log(3)).epsilon(0.001));
}

TEST_CASE("money and energy come from devices, tokens and draw", "[serving]") {
  Place place = place_on("h100-sxm-80");
  place.pue = 1.2;
  const Demand demand = chat();
  const Deployed best = *serve("llama-3-70b", place, demand).best;
  const double per_s = 800e6 / 86400;
  CHECK(*best.usd_per_million_tokens == Approx(static_cast<double>(best.devices) * 2.5 / 3600 / per_s * 1e6));
  const double host = place.node.host.raw() / static_cast<double>(place.node.devices);
  CHECK(best.energy_j_per_token ==
        Approx(1.2 * static_cast<double>(best.devices) * (best.mean_device_draw.raw() + host) / per_s));
  CHECK(best.mean_device_draw.raw() > place.power.waiting.raw());
  CHECK(best.mean_device_draw.raw() < place.power.limit.raw());
}

TEST_CASE("a power cap slows, saves and is named when it binds", "[serving]") {
  Place place = place_on("h100-sxm-80");
  Demand demand = chat(8e9);
  const Deployed open = *serve("llama-3-70b", place, demand).best;
  place.cap = Watts(400);
  const Deployed capped = *serve("llama-3-70b", place, demand).best;
  CHECK(capped.devices >= open.devices);
  CHECK(capped.mean_device_draw.raw() <= 400);
}

TEST_CASE("two pools take a tight limit that one pool cannot", "[serving]") {
  const Place place = place_on("h100-sxm-80");
  Demand demand = chat(8e9);
  demand.tpot = Seconds(0.022);
  const Service both = serve("llama-3-70b", place, demand);
  const Service one = serve("llama-3-70b", place, demand, {Engine{}, false});
  REQUIRE(both.best);
  if (one.best) CHECK(both.best->lifetime_device_hours <= one.best->lifetime_device_hours);
  bool pooled = both.best->prefill.has_value();
  for (const Deployed& each : both.runners_up) pooled = pooled || each.prefill;
  CHECK(pooled);
}

namespace {

terms::Stack stack_of(const std::vector<std::string>& ids) {
  std::vector<terms::Chosen> chosen;
  for (const std::string& id : ids)
    chosen.push_back({terms::find_technique(json::Catalogue{}, id).value(), {}});
  return terms::Stack::combine(std::move(chosen)).value();
}

}  // namespace

TEST_CASE("techniques act on bytes, cache and tokens of a pass", "[serving]") {
  const Place place = place_on("h100-sxm-80");
  const Demand demand = chat(8e9);
  const auto hours = [&](const std::vector<std::string>& ids) {
    return serve("llama-3-70b", place, demand, {Engine{}, false, stack_of(ids)}).best->lifetime_device_hours;
  };
  CHECK(hours({"bfp-kv"}) <= hours({}));          // half the cache
  CHECK(hours({"pagedattention"}) >= hours({}));  // 3.7 % of the cache's memory lies idle
  const auto limit = [&](const std::vector<std::string>& ids) {
    return serve("llama-3-70b", place, demand, {Engine{}, false, stack_of(ids)}).best->batch_limit;
  };
  CHECK(limit({"pagedattention"}) == Approx(0.963 * limit({})).epsilon(1e-6));
  // 1.25 times the tokens of a pass, all of them computed: never 1.25 times the speed
  Replica plain = replica("llama-3-70b", "h100-sxm-80", 8, "bf16");
  Replica quick = plain;
  quick.tokens_per_pass = 1.25;
  const Constants constants;
  const Request request{1000, 200, 0, 0, 0};
  for (const double batch : {1.0, 64.0, 500.0}) {
    const double gain = Clock(plain, constants).mean(batch, request).total() /
                        Clock(quick, constants).mean(batch, request).total();
    CHECK(gain < 1.25);
    CHECK(gain > 1);
  }
}

TEST_CASE("a technique that does not apply leaves a cut out, one on another term is an error", "[serving]") {
  const Place place = place_on("h100-sxm-80");
  Demand demand = chat();
  const Freedom marlin{Engine{}, false, stack_of({"marlin"})};
  const Service none = serve("llama-3-70b", place, demand, marlin);
  CHECK_FALSE(none.best);  // needs 4-bit weights
  REQUIRE(none.miss);
  CHECK(none.miss->limit == "techniques");
  demand.weight_precision = {"int4"};
  CHECK(serve("llama-3-70b", place, demand, marlin).best);
  const Freedom training{Engine{}, false, stack_of({"adafactor"})};
  const auto refused = deploy(shape_of("llama-3-70b"), 131072, place, demand, training, shipped(), 0, 0.9);
  REQUIRE_FALSE(refused);
  CHECK(refused.errors().front().message.find("serving does not read") != std::string::npos);
}

}  // namespace scaleplan::serving
