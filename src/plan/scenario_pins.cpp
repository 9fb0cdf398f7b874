#include <fmt/core.h>

#include <algorithm>

#include "plan/scenario_reading.hpp"

namespace scaleplan::plan {

namespace {

template <class T>
void pin_name(Reading& reading, json::ObjectReader& pins, const char* key,
              Result<T> (*find)(std::string_view), std::vector<T>& list) {
  const auto name = pins.string(key);
  if (!name) return;
  Result<T> found = find(*name);
  if (!found) return reading.adopt(pins, key, found.errors());
  list = {*found};
}

template <class T>
void pin_degree(json::ObjectReader& pins, const char* key, std::int64_t low, std::vector<T>& list) {
  const auto degree = pins.integer(key, low, 1000000);
  if (!degree) return;
  const T value = static_cast<T>(*degree);
  if (!list.empty() && std::find(list.begin(), list.end(), value) == list.end()) {
    pins.fail(key, fmt::format("training.layouts does not allow {}", *degree), "change one of the two");
    return;
  }
  list = {value};
}

void pin_devices(json::ObjectReader& pins, FleetChoice& fleet) {
  const auto devices = pins.integer("devices", 1, std::int64_t{1} << 22);
  if (!devices) return;
  bool any = false;
  for (ClusterChoice& cluster : fleet.clusters) {
    std::erase_if(cluster.devices, [&](std::int64_t n) { return n != *devices; });
    any = any || !cluster.devices.empty();
  }
  if (!any) {
    pins.fail("devices", fmt::format("no cluster of the scenario has {} devices to choose", *devices),
              "name a count that training.clusters allows");
  }
}

}  // namespace

void read_machine_pins(Reading& reading, json::ObjectReader& pins) {
  static constexpr const char* keys[] = {"precision",          "optimizer",        "devices",   "layout.tp",
                                         "layout.pp",          "layout.cp",        "layout.ep", "layout.zero",
                                         "layout.micro_batch", "layout.interleave"};
  if (!reading.scenario.fleet) {
    for (const char* key : keys) {
      if (pins.has(key)) pins.fail(key, "a pin on machines, and none are given", "add training.clusters");
      pins.accept(key);
    }
    return;
  }
  FleetChoice& fleet = *reading.scenario.fleet;
  pin_name(reading, pins, "precision", training::find_precision, fleet.precisions);
  pin_name(reading, pins, "optimizer", training::find_optimizer, fleet.optimizers);
  pin_devices(pins, fleet);
  pin_degree(pins, "layout.tp", 1, fleet.layouts.tp);
  pin_degree(pins, "layout.pp", 1, fleet.layouts.pp);
  pin_degree(pins, "layout.cp", 1, fleet.layouts.cp);
  pin_degree(pins, "layout.ep", 1, fleet.layouts.ep);
  pin_degree(pins, "layout.zero", 0, fleet.layouts.zero);
  pin_degree(pins, "layout.micro_batch", 1, fleet.layouts.micro_batch);
  pin_degree(pins, "layout.interleave", 1, fleet.layouts.interleave);
}

}  // namespace scaleplan::plan
