#include "scaleplan/serving/efficiency.hpp"

#include <array>
#include <cmath>
#include <utility>

#include "scaleplan/json/reader.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::serving {

std::span<const ConstantInfo> constant_table() {
  using C = Constants;
  static constexpr std::array<ConstantInfo, 23> table{{
      {"weight_read", &C::weight_read, true, 0.5, 1},
      {"gemm_16bit", &C::gemm_16bit, true, 0.3, 1},
      {"gemm_8bit", &C::gemm_8bit, true, 0.2, 1},
      {"gemm_4bit", &C::gemm_4bit, true, 0.1, 1},
      {"expert_gemm", &C::expert_gemm, true, 0.2, 1},
      {"expert_spread", &C::expert_spread, true, 1, 5},
      {"layer_classic_s", &C::layer_classic_s, true, 1e-6, 80e-6},
      {"layer_current_s", &C::layer_current_s, true, 1e-6, 200e-6},
      {"moe_layer_s", &C::moe_layer_s, true, 1e-6, 300e-6},
      {"sequence_python_s", &C::sequence_python_s, true, 1e-7, 100e-6},
      {"sequence_compiled_s", &C::sequence_compiled_s, false, 0, 1},
      {"pass_s", &C::pass_s, false, 0, 1},
      {"cache_read", &C::cache_read, false, 0, 1},
      {"link_share", &C::link_share, false, 0, 1},
      {"link_latency_s", &C::link_latency_s, false, 0, 1},
      {"network_latency_s", &C::network_latency_s, false, 0, 1},
      {"attention", &C::attention, false, 0, 1},
      {"reserve_bytes", &C::reserve_bytes, false, 0, 1e12},
      {"memory_reserve", &C::memory_reserve, false, 0, 1},
      {"memory_live", &C::memory_live, false, 0, 1},
      {"queue_open", &C::queue_open, false, 1, 10},
      {"queue_closed", &C::queue_closed, false, 1, 10},
      {"queue_client", &C::queue_client, false, 0, 10},
  }};
  return table;
}

namespace {

constexpr std::array<std::pair<std::string_view, Spread Efficiency::*>, 5> spreads{{
    {"dense", &Efficiency::dense},
    {"moe", &Efficiency::moe},
    {"first_token", &Efficiency::first_token},
    {"first_token_closed", &Efficiency::first_token_closed},
    {"power", &Efficiency::power},
}};

void read_factors(json::ObjectReader& reader, Efficiency& out) {
  for (const ConstantInfo& info : constant_table()) {
    reader.require(info.name);
    reader.object(info.name, [&](json::ObjectReader& factor) {
      factor.require("value");
      out.constants.*info.member = factor.number("value", {0, 1e12, true}).value_or(1);
      if (info.fitted) {
        out.log_se[std::string(info.name)] = factor.number("log_se", {0, 1e3, false}).value_or(0);
      }
    });
  }
}

void read_spreads(json::ObjectReader& reader, Efficiency& out) {
  for (const auto& [name, member] : spreads) {
    reader.require(name);
    reader.object(name, [&, spread = &(out.*member)](json::ObjectReader& side) {
      for (const char* key : {"below", "above"}) side.require(key);
      spread->below = side.number("below", {0, 10, false}).value_or(0);
      spread->above = side.number("above", {0, 10, false}).value_or(0);
    });
  }
}

}  // namespace

Interval spread_interval(double predicted, const Spread& spread, double level) {
  const double z = num::normal_quantile((1 + level) / 2);
  return {predicted * std::exp(-z * spread.below), predicted * std::exp(z * spread.above), true};
}

Result<Efficiency> read_efficiency(const json::Document& document) {
  Diagnostics diagnostics;
  json::ObjectReader reader(document, document.root(), "", diagnostics);
  reader.tolerate_unknown();
  json::read_schema(reader, "calibration", 1);
  Efficiency out;
  out.id = reader.string("id").value_or("");
  for (const char* key : {"kind", "serving"}) reader.require(key);
  if (const auto kind = reader.string("kind"); kind && *kind != "serving") {
    reader.fail("kind", "a calibration of kind '" + *kind + "' says nothing about serving",
                "write one with scaleplan calibrate from cases of kind 'serving'");
  }
  reader.object("serving", [&](json::ObjectReader& serving) {
    for (const char* key : {"factors", "spread"}) serving.require(key);
    serving.object("factors", [&](json::ObjectReader& factors) { read_factors(factors, out); });
    serving.object("spread", [&](json::ObjectReader& spread) { read_spreads(spread, out); });
  });
  if (has_errors(diagnostics)) return diagnostics;
  return out;
}

json::Value to_json(const Efficiency& efficiency) {
  json::Value factors{json::Object{}};
  for (const ConstantInfo& info : constant_table()) {
    json::Value factor;
    factor.set("value", efficiency.constants.*info.member);
    const auto found = efficiency.log_se.find(info.name);
    if (found != efficiency.log_se.end()) factor.set("log_se", found->second);
    factors.set(std::string(info.name), std::move(factor));
  }
  json::Value spread{json::Object{}};
  for (const auto& [name, member] : spreads) {
    json::Value side;
    side.set("below", (efficiency.*member).below);
    side.set("above", (efficiency.*member).above);
    spread.set(std::string(name), std::move(side));
  }
  json::Value out;
  out.set("factors", std::move(factors));
  out.set("spread", std::move(spread));
  return out;
}

Result<Efficiency> default_efficiency(const json::Catalogue& catalogue) {
  const Result<json::Document> document = catalogue.find("calibrations", "serving");
  if (!document) return document.errors();
  return read_efficiency(*document);
}

}  // namespace scaleplan::serving
