#include "calibration/energy_cases.hpp"

#include "scaleplan/economy/carbon.hpp"
#include "scaleplan/json/reader.hpp"

namespace scaleplan::calibration {

namespace {

using Range = json::ObjectReader::Range;

constexpr Range positive{0, 1e300, true};
constexpr Range not_negative{0, 1e300, false};

const std::vector<std::string> scores = {"main", "apart"};
const std::vector<std::string> bases = {"device_tdp", "node_measured", "site"};
const std::vector<std::string> quantities = {"energy_arithmetic", "power_w", "carbon", "energy_end_to_end"};

std::optional<double> stated(json::ObjectReader& reader, std::string_view key, const Range& range) {
  const json::Value* value = reader.raw(key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  return reader.number(key, range);
}

template <class Q>
std::optional<Q> stated_as(json::ObjectReader& reader, std::string_view key, const Range& range, Q unit) {
  if (const auto number = stated(reader, key, range)) return *number * unit;
  return std::nullopt;
}

void read_quantities(json::ObjectReader& reader, EnergyCase& one) {
  reader.require("quantities");
  one.quantities = reader.strings("quantities").value_or(std::vector<std::string>{});
  for (const std::string& quantity : one.quantities) {
    if (std::find(quantities.begin(), quantities.end(), quantity) == quantities.end()) {
      reader.fail("quantities", "nobody computes the quantity \"" + quantity + "\"",
                  "known: energy_arithmetic, power_w, carbon, energy_end_to_end");
    }
  }
}

EnergyCase read_case(json::ObjectReader& reader) {
  EnergyCase one;
  for (const char* key : {"id", "publisher", "device"}) reader.require(key);
  one.id = reader.string("id").value_or("");
  one.publisher = reader.string("publisher").value_or("");
  one.score = reader.choice("score", scores).value_or("main");
  one.model = reader.string("model").value_or("");
  one.device = reader.string("device").value_or("");
  one.basis = reader.choice("basis", bases).value_or("site");
  read_quantities(reader, one);
  one.device_hours = stated(reader, "device_hours", positive);
  one.board_limit = stated_as(reader, "device_tdp_w", positive, Watts(1));
  one.system_power = stated_as(reader, "avg_system_power_per_device_w", positive, Watts(1));
  one.pue = stated(reader, "pue", {1, 10, false});
  const json::Value* inside = reader.raw("energy_includes_pue");
  one.pue_inside = inside != nullptr && inside->is_boolean() && inside->boolean();
  one.intensity =
      stated_as(reader, "intensity_kgco2e_per_kwh", not_negative, 1000 * economy::grams_per_kwh(1));
  one.energy = stated_as(reader, "energy_kwh", positive, economy::kilowatt_hour);
  one.carbon = stated_as(reader, "operational_tco2e", not_negative, GramsCo2(1e6));
  one.tokens = stated(reader, "training_tokens", positive);
  one.params = stated(reader, "params", positive);
  for (const char* words : {"source", "evidence", "note", "check", "score_reason"}) reader.accept(words);
  return one;
}

}  // namespace

Result<EnergyCases> read_energy_cases(const json::Document& document) {
  Diagnostics diagnostics;
  json::ObjectReader root(document, document.root(), "", diagnostics);
  EnergyCases read;
  root.require("cases");
  root.objects("cases", [&](json::ObjectReader& reader, std::size_t) {
    read.cases.push_back(read_case(reader));
    for (const std::string& key : reader.finish(json::ObjectReader::Unknown::ignore)) ++read.ignored[key];
  });
  if (has_errors(diagnostics)) return diagnostics;
  return read;
}

}  // namespace scaleplan::calibration
