#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "plan/scenario_reading.hpp"

namespace scaleplan::plan {

namespace {

constexpr double positive_most = 1e300;
constexpr std::int64_t most_devices = std::int64_t{1} << 22;

// A scalar or a list of names, each looked up.
template <class T>
void read_names(Reading& reading, json::ObjectReader& training, const char* key,
                Result<T> (*find)(std::string_view), std::vector<T>& out) {
  const json::Value* value = training.raw(key);
  if (value == nullptr) return;
  std::vector<std::string> names;
  if (value->is_array()) {
    names = training.strings(key).value_or(names);
  } else if (auto name = training.string(key)) {
    names.push_back(*name);
  }
  if (names.empty()) return;
  out.clear();
  for (const std::string& name : names) {
    Result<T> found = find(name);
    if (!found) {
      reading.adopt(training, key, found.errors());
    } else if (std::find(out.begin(), out.end(), *found) == out.end()) {
      out.push_back(*found);
    }
  }
}

// Whole nodes in counts 2^i·3^j up to `most`.
std::vector<std::int64_t> usual_counts(std::int64_t node_devices, std::int64_t most) {
  std::vector<std::int64_t> counts;
  for (std::int64_t two = node_devices; two <= most; two *= 2) {
    for (std::int64_t n = two; n <= most; n *= 3) counts.push_back(n);
  }
  std::sort(counts.begin(), counts.end());
  return counts;
}

void read_counts(Reading& reading, json::ObjectReader& entry, ClusterChoice& choice,
                 std::optional<std::int64_t> installed) {
  const std::int64_t node_devices = choice.node ? choice.node->devices : choice.device.devices_per_node;
  const json::Value* value = entry.raw("devices");
  if (value == nullptr) {
    if (!installed) {
      entry.fail("devices", fmt::format("how many devices? '{}' is a kind of node, not a cluster", choice.id),
                 R"(for example "devices": 1024 or {"min": 1024, "max": 2048, "step": 128})");
      return;
    }
    choice.devices = usual_counts(node_devices, *installed);
    if (choice.devices.empty() || choice.devices.back() != *installed) choice.devices.push_back(*installed);
    reading.assume("training.clusters.devices", static_cast<double>(*installed),
                   "cluster " + choice.id + "; whole nodes in counts 2^i·3^j up to it");
    return;
  }
  if (value->is_object()) {
    entry.object("devices", [&](json::ObjectReader& range) {
      for (const char* key : {"min", "max"}) range.require(key);
      const std::int64_t low = range.integer("min", 1, most_devices).value_or(0);
      const std::int64_t high = range.integer("max", 1, most_devices).value_or(0);
      const auto step = range.integer("step", 1, most_devices);
      range.finish();
      if (low == 0 || high == 0) return;
      if (low > high) return range.fail("min", "min is above max", "swap the two");
      if (step && (high - low) / *step > 4096) {
        return range.fail("step", "more than 4096 device counts", "use a larger step");
      }
      if (step) {
        for (std::int64_t n = low; n <= high; n += *step) choice.devices.push_back(n);
      } else {
        choice.devices = usual_counts(node_devices, high);
        std::erase_if(choice.devices, [low](std::int64_t n) { return n < low; });
        if (choice.devices.empty() || choice.devices.back() != high) choice.devices.push_back(high);
      }
    });
  } else if (value->is_array()) {
    for (double n : entry.numbers("devices").value_or(std::vector<double>{})) {
      if (n < 1 || n > static_cast<double>(most_devices) || n != std::floor(n)) {
        entry.fail("devices", fmt::format("{} is no number of devices", format_number(n)),
                   "whole numbers from 1");
        return;
      }
      choice.devices.push_back(static_cast<std::int64_t>(n));
    }
    std::sort(choice.devices.begin(), choice.devices.end());
    choice.devices.erase(std::unique(choice.devices.begin(), choice.devices.end()), choice.devices.end());
    if (choice.devices.empty()) entry.fail("devices", "an empty list of device counts", "give one");
  } else if (auto count = entry.integer("devices", 1, most_devices)) {
    choice.devices = {*count};
  }
}

void read_purchase(json::ObjectReader& entry, ClusterChoice& choice) {
  entry.object("purchase", [&](json::ObjectReader& purchase) {
    for (const char* key : {"usd_per_device", "usd_per_kwh"}) purchase.require(key);
    economy::Ownership own;
    own.device_price =
        Dollars(purchase.quantity("usd_per_device", Dimension::dollars, {0, 1e7, true}).value_or(1));
    own.electricity =
        Dollars(purchase.quantity("usd_per_kwh", Dimension::dollars, {0, 10, false}).value_or(0)) /
        economy::kilowatt_hour;
    economy::Annuity annuity;
    annuity.years = purchase.number("years", {0, 50, true}).value_or(annuity.years);
    annuity.interest = purchase.number("interest", {0, 1, false}).value_or(annuity.interest);
    annuity.use = purchase.quantity("use", Dimension::fraction, {0, 1, true}).value_or(annuity.use);
    own.depreciation = annuity;
    if (auto over = purchase.number("server_over_device", {1, 10, false})) own.server_over_device = *over;
    if (auto share = purchase.quantity("network_share", Dimension::fraction, {0, 0.9, false})) {
      own.network_share = *share;
    }
    own.priced.date = purchase.string("price_date").value_or("");
    purchase.finish();
    choice.tariff = own;
  });
}

void read_price(Reading& reading, json::ObjectReader& entry, ClusterChoice& choice,
                const std::optional<hardware::Cluster>& cluster) {
  const auto price = entry.quantity("usd_per_device_hour", Dimension::dollars, {0, 1e6, true});
  const std::string date = entry.string("price_date").value_or("");
  read_purchase(entry, choice);
  if (price && choice.tariff) {
    entry.fail("purchase", "a device is rented or owned, not both", "keep usd_per_device_hour or purchase");
  }
  if (price) {
    choice.tariff = economy::Rental{Dollars(*price), {date, "scenario"}};
  } else if (!choice.tariff && cluster && cluster->price_per_hour) {
    choice.tariff =
        economy::Rental{*cluster->price_per_hour, {cluster->price_date, "cluster " + cluster->id}};
    reading.assume("training.clusters.usd_per_device_hour", cluster->price_per_hour->raw(),
                   "cluster " + cluster->id + ", " + cluster->price_date);
  }
}

void read_site(Reading& reading, json::ObjectReader& entry, ClusterChoice& choice,
               const std::optional<hardware::Cluster>& cluster) {
  std::string region = entry.string("region").value_or("");
  if (region.empty() && cluster) region = cluster->region;
  if (!region.empty()) {
    Result<economy::Region> found = economy::find_region(reading.catalogue, region);
    if (!found) {
      reading.adopt(entry, "region", found.errors());
    } else {
      choice.region = *found;
    }
  }
  const auto pue = entry.number("pue", {1, 10, false});
  if (pue || (cluster && cluster->pue)) {
    choice.facility.pue = pue ? *pue : *cluster->pue;
  } else {
    choice.facility.pue = 1.1;
    reading.assume("training.clusters.pue", choice.facility.pue, "hyperscale sites publish 1.09 to 1.12");
  }
  choice.facility.nodes_per_rack =
      entry.integer("nodes_per_rack", 1, 1000).value_or(choice.facility.nodes_per_rack);
  choice.facility.peak_fraction =
      entry.quantity("peak_fraction", Dimension::fraction, {0, 1, true}).value_or(1);
}

// A cluster of the catalogue, else a kind of node.
void read_cluster(Reading& reading, json::ObjectReader& entry, FleetChoice& fleet) {
  entry.require("id");
  auto id = entry.string("id");
  if (!id) return;
  ClusterChoice choice;
  choice.id = *id;
  choice.place = place_of(entry, "id");
  std::optional<hardware::Cluster> cluster;
  std::string node_id = *id;
  if (Result<hardware::Cluster> found = hardware::find_cluster(reading.catalogue, *id)) {
    cluster = *found;
    node_id = found->node;
    choice.network = found->network;
  }
  Result<hardware::Node> node = hardware::find_node(reading.catalogue, node_id);
  if (!node) return reading.adopt(entry, "id", node.errors());
  choice.node = *node;
  Result<hardware::Device> device = hardware::find_device(reading.catalogue, node->device);
  if (!device) return reading.adopt(entry, "id", device.errors());
  choice.device = *device;
  read_counts(reading, entry, choice, cluster ? std::optional(cluster->devices) : std::nullopt);
  choice.spare_devices = entry.integer("spare_devices", 0, most_devices).value_or(0);
  read_price(reading, entry, choice, cluster);
  read_site(reading, entry, choice, cluster);
  entry.finish();
  fleet.clusters.push_back(std::move(choice));
}

template <class T>
void read_degrees(json::ObjectReader& layouts, const char* key, std::vector<T>& out) {
  const json::Value* value = layouts.raw(key);
  if (value == nullptr) return;
  std::vector<double> numbers;
  if (value->is_array()) {
    numbers = layouts.numbers(key).value_or(numbers);
  } else if (auto one = layouts.number(key)) {
    numbers.push_back(*one);
  }
  for (double n : numbers) {
    const bool whole = n >= 0 && n <= 1e6 && n == std::floor(n);
    if (!whole) return layouts.fail(key, fmt::format("{} is no degree", format_number(n)), "whole numbers");
    out.push_back(static_cast<T>(n));
  }
}

void read_layouts(Reading& reading, json::ObjectReader& training, FleetChoice& fleet) {
  training.object("layouts", [&](json::ObjectReader& layouts) {
    training::LayoutSpace& space = fleet.layouts;
    if (auto name = layouts.string("engine")) {
      Result<training::Engine> engine = training::find_engine(*name);
      engine ? void(fleet.engine = *engine) : reading.adopt(layouts, "engine", engine.errors());
    }
    if (auto name = layouts.string("attention")) {
      Result<training::AttentionKernel> kernel = training::find_attention(*name);
      kernel ? void(fleet.attention = *kernel) : reading.adopt(layouts, "attention", kernel.errors());
    }
    read_degrees(layouts, "tp", space.tp);
    read_degrees(layouts, "pp", space.pp);
    read_degrees(layouts, "cp", space.cp);
    read_degrees(layouts, "ep", space.ep);
    read_degrees(layouts, "micro_batch", space.micro_batch);
    read_degrees(layouts, "interleave", space.interleave);
    read_degrees(layouts, "zero", space.zero);
    if (auto most = layouts.integer("pp_max", 1, 4096)) {
      if (!space.pp.empty()) layouts.fail("pp_max", "pp is given as well", "keep one of the two");
      for (std::int64_t pp = 1; pp <= *most; ++pp) space.pp.push_back(pp);
    }
    layouts.finish();
  });
  if (!training.has("layouts")) {
    reading.assume("training.layouts.engine", std::string(training::engine_name(fleet.engine)), "default");
  }
}

void read_failures(Reading& reading, json::ObjectReader& training, FleetChoice& fleet) {
  training::Failures& failures = fleet.failures;
  const bool given = training.object("failures", [&](json::ObjectReader& object) {
    auto seconds = [&](const char* key, double& out, bool exclusive) {
      out = object.quantity(key, Dimension::seconds, {0, 1e12, exclusive}).value_or(out);
    };
    seconds("device_mtbf_s", failures.device_mtbf_s, true);
    seconds("detect_restart_s", failures.detect_restart_s, false);
    static const std::vector<std::string> ways{"async", "sync"};
    fleet.asynchronous_checkpoints = object.choice("checkpoint", ways).value_or("async") == "async";
    fleet.storage_bytes_per_s =
        object.quantity("storage_bytes_per_s", Dimension::byte_rate, {0, positive_most, true}).value_or(0);
    if (!fleet.asynchronous_checkpoints && fleet.storage_bytes_per_s == 0) {
      object.fail("checkpoint", "a synchronous checkpoint lasts as long as the storage takes",
                  R"(add storage_bytes_per_s, for example "100GB/s", or choose async)");
    }
    if (auto rate = object.quantity("host_bytes_per_s", Dimension::byte_rate, {0, positive_most, true})) {
      fleet.host_bytes_per_s = *rate;
    }
    object.finish();
  });
  if (!given) {
    reading.assume("training.failures.device_mtbf_s", failures.device_mtbf_s,
                   "arXiv:2407.21783 section 3.3.4: 419 interruptions in 54 days of 16,384 H100");
    reading.assume("training.failures.detect_restart_s", failures.detect_restart_s, "default");
  }
}

void read_other_hours(json::ObjectReader& training, FleetChoice& fleet) {
  const json::Value* value = training.raw("other_device_hours");
  if (value == nullptr) return;
  const json::ObjectReader::Range range{0, 1e12, false};
  if (!value->is_object()) {
    fleet.other_device_hours =
        training.quantity("other_device_hours", Dimension::device_hours, range).value_or(0);
    return;
  }
  training.object("other_device_hours", [&](json::ObjectReader& object) {
    for (const auto& [name, hours] : object.members()) {
      fleet.other_device_hours += object.quantity(name, Dimension::device_hours, range).value_or(0);
    }
  });
}

void read_caps(json::ObjectReader& training, FleetChoice& fleet, Reading& reading) {
  const json::Value* value = training.raw("power_cap_w");
  if (value == nullptr) return;
  if (value->is_array()) {
    fleet.power_caps_w = training.numbers("power_cap_w").value_or(std::vector<double>{});
  } else if (auto cap = training.quantity("power_cap_w", Dimension::watts, {0, 1e5, true})) {
    fleet.power_caps_w = {*cap};
  }
  for (const ClusterChoice& cluster : fleet.clusters) {
    Result<economy::DevicePower> power = economy::device_power(cluster.device);
    if (!power) {
      reading.adopt(training, "power_cap_w", power.errors());
      continue;
    }
    for (double cap : fleet.power_caps_w) {
      auto wrong =
          economy::cap_defect(*power, cluster.device.id, Watts(cap), place_of(training, "power_cap_w"));
      if (wrong) reading.diagnostics.push_back(*wrong);
    }
  }
}

}  // namespace

void read_fleet(Reading& reading, json::ObjectReader& training, bool assumed) {
  if (assumed) {
    training.fail("assumed", "a throughput is assumed although machines are given",
                  "keep training.clusters or training.assumed");
  }
  FleetChoice fleet;
  training.objects("clusters",
                   [&](json::ObjectReader& entry, std::size_t) { read_cluster(reading, entry, fleet); });
  const json::Value* list = training.raw("clusters");
  if (list != nullptr && list->is_array() && list->array().empty()) {
    training.fail("clusters", "an empty list of clusters", "name one");
  }
  read_names(reading, training, "optimizer", training::find_optimizer, fleet.optimizers);
  if (!training.has("precision")) reading.assume("training.precision", "bf16", "default");
  read_names(reading, training, "precision", training::find_precision, fleet.precisions);
  read_caps(training, fleet, reading);
  read_layouts(reading, training, fleet);
  read_failures(reading, training, fleet);
  read_other_hours(training, fleet);
  reading.scenario.fleet = std::move(fleet);
}

}  // namespace scaleplan::plan
