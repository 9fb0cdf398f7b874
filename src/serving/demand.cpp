#include "scaleplan/serving/demand.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scaleplan/base/suggest.hpp"
#include "scaleplan/serving/replica.hpp"

namespace scaleplan::serving {

namespace {

using Reader = json::ObjectReader;
constexpr Reader::Range positive{0, 1e300, true};
constexpr double consistent = 0.02;  // relative difference of two ways to say the number of requests
constexpr double default_peak = 2;

// A quantity, or its percentiles {"p10", "p50", "p90"}.
std::optional<Estimate> estimate(Reader& reader, std::string_view key, Dimension dimension,
                                 const Reader::Range& range) {
  const json::Value* value = reader.raw(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_object()) {
    const auto single = reader.quantity(key, dimension, range);
    return single ? std::optional(Estimate{*single, {}, {}}) : std::nullopt;
  }
  std::optional<Estimate> out;
  reader.object(key, [&](Reader& quantiles) {
    for (const char* p : {"p10", "p50", "p90"}) quantiles.require(p);
    const auto low = quantiles.quantity("p10", dimension, range);
    const auto middle = quantiles.quantity("p50", dimension, range);
    const auto high = quantiles.quantity("p90", dimension, range);
    quantiles.finish();
    if (!low || !middle || !high) return;
    if (!(*low <= *middle && *middle <= *high)) {
      quantiles.fail("p50", "p10, p50 and p90 must not fall", "order them");
      return;
    }
    out = Estimate{*middle, low, high};
  });
  return out;
}

Lengths lengths(Reader& request, std::string_view key, Demand& demand) {
  Lengths out;
  request.require(key);
  if (const json::Value* value = request.raw(key); value != nullptr && value->is_number()) {
    const double mean = request.number(key, {1, 1e9, false}).value_or(1);
    return lognormal_lengths(mean, mean);
  }
  request.object(key, [&](Reader& object) {
    object.require("mean");
    const double mean = object.quantity("mean", Dimension::tokens, {1, 1e9, false}).value_or(1);
    const double p95 = object.quantity("p95", Dimension::tokens, {1, 1e9, false}).value_or(mean);
    object.finish();
    if (p95 < mean) {
      object.fail("p95", fmt::format("a 95th percentile of {:g} is below the mean of {:g}", p95, mean),
                  "long tails raise both: give a p95 of at least the mean");
      return;
    }
    if (!object.has("p95"))
      demand.assumed.push_back({fmt::format("request.{}.p95", key), "the mean", "default"});
    out = lognormal_lengths(mean, p95);
    if (out.heavier) {
      demand.assumed.push_back({fmt::format("request.{}", key), "tail by the p95, loads by the mean",
                                fmt::format("no lognormal has a p95 of {:.2f} means (at most {:.2f})",
                                            p95 / mean, widest_p95_over_mean())});
    }
  });
  return out;
}

void read_slo(Reader& reader, Demand& demand) {
  const bool present = reader.object("slo", [&](Reader& slo) {
    if (const json::Value* p = slo.raw("percentile"); p != nullptr && p->is_number() && p->number() > 1) {
      slo.fail("percentile", fmt::format("percentile {:g} is above 1", p->number()),
               fmt::format("percentiles are fractions: write {:g}", p->number() / 100));
    } else {
      demand.percentile = slo.number("percentile", {0, 1, true}).value_or(demand.percentile);
      if (demand.percentile >= 1) {
        slo.fail("percentile", "no deployment keeps a limit for every request", "choose less than 1");
      }
    }
    if (const auto ttft = slo.quantity("ttft_s", Dimension::seconds, positive)) demand.ttft = Seconds(*ttft);
    if (const auto tpot = slo.quantity("tpot_s", Dimension::seconds, positive)) demand.tpot = Seconds(*tpot);
    slo.finish();
  });
  if (!present) demand.assumed.push_back({"slo", "no latency limit", "default"});
}

scaleplan::Place place_of(Reader& reader, std::string_view key) {
  const json::Value* value = reader.raw(key);
  return value != nullptr ? reader.document().place(*value, reader.pointer_to(key)) : scaleplan::Place{};
}

Site read_site(Reader& reader) {
  Site site;
  reader.require("id");
  site.id = reader.string("id").value_or("");
  const auto price = reader.quantity("usd_per_device_hour", Dimension::dollars, {0, 1e9, false});
  if (price) site.price_per_device_hour = Dollars(*price);
  site.price_date = reader.string("price_date").value_or("");
  site.region = reader.string("region").value_or("");
  site.pue = reader.number("pue", {1, 10, false});
  const auto cap = reader.quantity("power_cap_w", Dimension::watts, positive);
  if (cap) site.power_cap = Watts(*cap);
  site.region_place = place_of(reader, "region");
  site.power_cap_place = place_of(reader, "power_cap_w");
  reader.finish();
  return site;
}

std::vector<std::string> names(Reader& reader, std::string_view key, std::span<const std::string> known) {
  std::vector<std::string> out;
  if (!reader.has(key)) return out;
  out = reader.strings(key).value_or(std::vector<std::string>{});
  for (const std::string& name : out) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::string remedy = did_you_mean(name, known);
    if (remedy.empty()) remedy = fmt::format("known are {}", fmt::join(known, ", "));
    reader.fail(key, "no precision '" + name + "'", remedy);
  }
  return out;
}

void read_serving(Reader& reader, Demand& demand) {
  reader.object("serving", [&](Reader& serving) {
    serving.objects("clusters", [&](Reader& site, std::size_t) { demand.sites.push_back(read_site(site)); });
    demand.weight_precision = names(serving, "weight_precision", precision_names());
    demand.cache_precision = names(serving, "kv_precision", cache_precision_names());
    for (const double tp : serving.numbers("tp").value_or(std::vector<double>{})) {
      if (tp < 1 || tp > 1024 || tp != std::floor(tp)) {
        serving.fail("tp", "tensor-parallel degrees are whole numbers from 1 to 1024");
      } else {
        demand.tp.push_back(static_cast<std::int64_t>(tp));
      }
    }
    demand.utilisation_max = serving.number("utilisation_max", {0, 1, true}).value_or(demand.utilisation_max);
    demand.spare_replicas = serving.integer("spare_replicas", 0, 100000).value_or(0);
    serving.finish();
  });
}

void read_tokens(Reader& reader, Demand& demand) {
  for (const char* key : {"tokens_per_day", "request"}) reader.require(key);
  reader.object("tokens_per_day", [&](Reader& tokens) {
    for (const char* key : {"input", "output"}) tokens.require(key);
    if (auto input = estimate(tokens, "input", Dimension::tokens, positive)) demand.input_per_day = *input;
    if (auto output = estimate(tokens, "output", Dimension::tokens, positive))
      demand.output_per_day = *output;
    tokens.finish();
  });
  reader.object("request", [&](Reader& request) {
    demand.input = lengths(request, "input", demand);
    demand.output = lengths(request, "output", demand);
    request.finish();
  });
  if (demand.input.mean <= 0 || demand.output.mean <= 0 || demand.input_per_day.value <= 0 ||
      demand.output_per_day.value <= 0) {
    return;
  }
  const double by_input = demand.input_per_day.value / demand.input.mean;
  const double by_output = demand.output_per_day.value / demand.output.mean;
  if (std::fabs(by_input / by_output - 1) > consistent) {
    reader.fail("tokens_per_day",
                fmt::format("{:.4g} requests a day by prompt tokens, {:.4g} by generated tokens", by_input,
                            by_output),
                fmt::format("with these lengths {:.4g} input tokens go with the output tokens",
                            by_output * demand.input.mean));
  }
}

}  // namespace

const Site* Demand::site(std::string_view id) const {
  const auto found = std::find_if(sites.begin(), sites.end(), [&](const Site& s) { return s.id == id; });
  return found == sites.end() ? nullptr : &*found;
}

Demand read_demand(json::ObjectReader& reader) {
  Demand demand;
  if (const auto life = reader.quantity("lifetime", Dimension::seconds, positive)) {
    demand.lifetime = Seconds(*life);
  }
  if (const auto growth = estimate(reader, "growth_per_year", Dimension::number, {0, 1000, true})) {
    demand.growth_per_year = *growth;
  }
  read_tokens(reader, demand);
  if (const auto peak = estimate(reader, "peak_to_mean", Dimension::number, {1, 1000, false})) {
    demand.peak_to_mean = *peak;
  } else if (!reader.has("peak_to_mean")) {
    demand.peak_to_mean.value = default_peak;
    demand.assumed.push_back({"peak_to_mean", fmt::format("{:g}", default_peak), "default"});
  }
  demand.samples_per_query = reader.integer("samples_per_query", 1, 1000000).value_or(1);
  demand.prefix_hit_rate = reader.number("prefix_hit_rate", {0, 1, false}).value_or(0);
  if (demand.prefix_hit_rate >= 1) {
    reader.fail("prefix_hit_rate", "a new prompt has at least one token of its own", "choose less than 1");
  }
  read_slo(reader, demand);
  read_serving(reader, demand);
  return demand;
}

Result<Demand> read_demand(const json::Document& document) {
  Diagnostics diagnostics;
  json::ObjectReader reader(document, document.root(), "", diagnostics);
  if (!document.root().is_object()) return diagnostics;
  json::read_schema(reader, "demand", 1);
  reader.accept("name");
  Demand demand = read_demand(reader);
  reader.finish();
  if (has_errors(diagnostics)) return diagnostics;
  return demand;
}

}  // namespace scaleplan::serving
