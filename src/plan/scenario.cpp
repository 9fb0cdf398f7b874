#include "scaleplan/plan/scenario.hpp"

#include <fmt/core.h>

#include "plan/scenario_reading.hpp"
#include "scaleplan/laws/law.hpp"
#include "scaleplan/plan/quantities.hpp"

namespace scaleplan::plan {

namespace {

bool nothing_in(const json::Value& value) {
  return (value.is_array() && value.array().empty()) || (value.is_object() && value.object().empty());
}

void read_objective(Reading& reading, json::ObjectReader& root) {
  std::vector<std::string> keys;
  for (const PlanQuantity& quantity : plan_quantities()) {
    if (quantity.objective) keys.emplace_back(quantity.key);
  }
  auto objective = root.choice("objective", keys);
  if (!objective) return;
  if (!find_quantity(*objective)->computed) {
    root.fail("objective", fmt::format("this version does not plan with '{}'", *objective),
              "choose loss, train_flop, train_flop_exact, train_time_s, device_hours, cost_usd, energy_j, "
              "carbon_g or one over the lifetime");
    return;
  }
  reading.scenario.objective = *objective;
}

void read_search(Reading& reading, json::ObjectReader& root) {
  root.object("search", [&](json::ObjectReader& object) {
    Search& search = reading.scenario.search;
    search.draws = static_cast<int>(object.integer("draws", 0, 100000).value_or(search.draws));
    search.seed = static_cast<std::uint64_t>(object.integer("seed", 0, std::int64_t{1} << 53).value_or(1));
    search.gap = object.number("gap", {0, 1, false}).value_or(search.gap);
    search.shape_tolerance = object.number("shape_tolerance", {0, 1, false}).value_or(search.shape_tolerance);
    search.alternatives =
        static_cast<int>(object.integer("alternatives", 0, 1000).value_or(search.alternatives));
    search.near_optimal = object.number("near_optimal", {0, 1, true}).value_or(search.near_optimal);
    object.finish();
  });
}

void read_pins(Reading& reading, json::ObjectReader& root) {
  root.object("pins", [&](json::ObjectReader& pins) {
    if (auto params = given(pins, "params", Dimension::params, {1, 1e16, false})) {
      if (reading.scenario.pinned_params) {
        pins.fail("params", "/model/params pins the size as well", "keep one of the two");
      }
      reading.scenario.pinned_params = params;
    }
    reading.scenario.pinned_tokens = given(pins, "tokens", Dimension::tokens, {1, 1e20, false});
    reading.scenario.pinned_batch = given(pins, "batch_tokens", Dimension::tokens, {1, 1e12, false});
    reading.scenario.pinned_learning_rate = given(pins, "learning_rate", Dimension::number, {0, 10, true});
    read_machine_pins(reading, pins);
    for (const std::string& key : pins.finish(json::ObjectReader::Unknown::ignore)) {
      pins.fail(
          key, fmt::format("no decision '{}' can be pinned", key),
          "params, tokens, batch_tokens, learning_rate, precision, optimizer, devices and layout.tp, pp, "
          "cp, ep, zero, micro_batch, interleave can");
    }
  });
}

}  // namespace

void Reading::adopt(json::ObjectReader& reader, std::string_view key, const Diagnostics& errors) const {
  for (const Diagnostic& found : errors) {
    diagnostics.push_back(found);
    if (found.place.file.empty()) diagnostics.back().place = place_of(reader, key);
  }
}

Place place_of(json::ObjectReader& reader, std::string_view key) {
  const json::Value* value = reader.raw(key);
  const std::string pointer = reader.pointer_to(key);
  return value != nullptr ? reader.document().place(*value, pointer)
                          : Place{reader.document().file(), 0, 0, pointer};
}

void refuse(json::ObjectReader& reader, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    const json::Value* value = reader.raw(key);
    if (value == nullptr || nothing_in(*value)) continue;
    reader.fail(key, fmt::format("this version does not plan with '{}'", key), "remove it");
  }
}

std::optional<Given> given(json::ObjectReader& reader, std::string_view key, Dimension dimension,
                           const json::ObjectReader::Range& range) {
  if (auto value = reader.quantity(key, dimension, range)) return Given{*value, place_of(reader, key)};
  return std::nullopt;
}

Result<Scenario> read_scenario(const json::Document& document, const json::Catalogue& catalogue) {
  Diagnostics diagnostics;
  Scenario scenario;
  Reading reading{document, catalogue, diagnostics, scenario};
  json::ObjectReader root(document, document.root(), "", diagnostics);
  if (!document.root().is_object()) return diagnostics;
  json::read_schema(root, "scenario", 1);
  scenario.name = root.string("name").value_or("");
  scenario.confidence = root.number("confidence", {0, 1, true});
  if (scenario.confidence == 1.0)
    root.fail("confidence", "no draw can promise certainty", "choose less than 1");
  read_objective(reading, root);
  read_search(reading, root);
  read_laws(reading, root);
  read_model(reading, root);
  read_data(reading, root);
  read_training(reading, root);
  read_demand(reading, root);
  read_techniques(reading, root);
  read_limits(reading, root);
  read_pins(reading, root);
  check_whole(reading, root);
  root.finish();
  if (has_errors(diagnostics)) return diagnostics;
  return scenario;
}

Result<fit::Predictor> find_predictor(const Scenario& scenario, const json::Catalogue& catalogue) {
  Result<laws::Selection> selected = laws::select_law(catalogue, scenario.loss.name);
  if (!selected) {
    Diagnostics errors = selected.errors();
    for (Diagnostic& found : errors) {
      if (found.place.file.empty()) found.place = scenario.loss.place;
    }
    return errors;
  }
  const laws::Set* set = selected->law.find_set(selected->set);
  if (set == nullptr) {
    return error(fmt::format("law \"{}\" has no coefficients", scenario.loss.name), "fit it first",
                 scenario.loss.place);
  }
  return fit::from_set(selected->law, *set);
}

}  // namespace scaleplan::plan
