#include "scaleplan/serving/place.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "scaleplan/base/suggest.hpp"

namespace scaleplan::serving {

namespace {

void find_price(const hardware::Device& device, const hardware::Cluster* cluster, const Site* site,
                Located& out) {
  if (site != nullptr && site->price_per_device_hour) {
    out.place.price_per_device_hour = site->price_per_device_hour;
    out.place.price_date = site->price_date;
  } else if (cluster != nullptr && cluster->price_per_hour) {
    out.place.price_per_device_hour = cluster->price_per_hour;
    out.place.price_date = cluster->price_date;
  } else if (device.price_per_hour) {
    out.place.price_per_device_hour = device.price_per_hour;
    out.place.price_date = device.price_date;
    out.assumed.push_back({"usd_per_device_hour", format_number(device.price_per_hour->raw()),
                           "list price of " + device.price_date + ", " + device.price_source});
  }
}

Diagnostics find_region(const hardware::Cluster* cluster, const Site* site, const json::Catalogue& catalogue,
                        Located& out) {
  std::string id = site != nullptr ? site->region : "";
  if (id.empty() && cluster != nullptr) id = cluster->region;
  if (id.empty()) return {};
  const Result<economy::Region> region = economy::find_region(catalogue, id);
  if (!region) {
    Diagnostics errors = region.errors();
    if (site != nullptr && !site->region.empty()) errors.front().place = site->region_place;
    return errors;
  }
  const std::optional<economy::Intensity> intensity = region->at();
  if (!intensity) return {error("region '" + id + "' has no data", "name another region")};
  out.place.carbon = intensity->carbon;
  out.region = region->title + (intensity->year ? fmt::format(", {}", *intensity->year) : "");
  return {};
}

bool listed(const json::Catalogue& catalogue, const char* kind, const std::string& id) {
  const std::vector<std::string> ids = catalogue.ids(kind);
  return std::binary_search(ids.begin(), ids.end(), id);
}

Diagnostic unknown(const std::string& id, const json::Catalogue& catalogue) {
  std::vector<std::string> known;
  for (const char* kind : {"clusters", "nodes", "devices"}) {
    const std::vector<std::string> ids = catalogue.ids(kind);
    known.insert(known.end(), ids.begin(), ids.end());
  }
  const std::string near = did_you_mean(id, known);
  return error("no cluster, node or device is called '" + id + "'",
               (near.empty() ? "" : near + " ") + "(list them: scaleplan show nodes)");
}

}  // namespace

Result<Located> locate(const hardware::Machine& machine, const hardware::Node* node,
                       const hardware::Cluster* cluster, const Site* site, const json::Catalogue& catalogue) {
  Located out;
  const hardware::Device& device = machine.device;
  out.place.machine = machine;
  const Result<economy::DevicePower> power = economy::device_power(device);
  if (!power) return power.errors();
  const Result<economy::NodePower> node_power = economy::node_power(*power, device, node);
  if (!node_power) return node_power.errors();
  out.place.power = *power;
  out.place.node = *node_power;
  for (const std::string& text : power->assumed) out.assumed.push_back({"power", text, "default"});
  find_price(device, cluster, site, out);
  if (Diagnostics wrong = find_region(cluster, site, catalogue, out); !wrong.empty()) return wrong;
  if (site != nullptr && site->pue) {
    out.place.pue = *site->pue;
  } else if (cluster != nullptr && cluster->pue) {
    out.place.pue = *cluster->pue;
  } else {
    out.assumed.push_back({"pue", "1", "no site is named: the machines alone"});
  }
  if (site != nullptr && site->power_cap) {
    if (const auto wrong = economy::cap_defect(*power, device.id, *site->power_cap, site->power_cap_place))
      return *wrong;
    out.place.cap = site->power_cap;
  }
  return out;
}

Result<Located> locate(const Site& site, const json::Catalogue& catalogue) {
  std::optional<hardware::Cluster> cluster;
  std::optional<hardware::Node> node;
  std::string device_id = site.id;
  std::string node_id = site.id;
  if (listed(catalogue, "clusters", site.id)) {
    Result<hardware::Cluster> found = hardware::find_cluster(catalogue, site.id);
    if (!found) return found.errors();
    cluster = std::move(*found);
    node_id = cluster->node;
  }
  if (cluster || listed(catalogue, "nodes", node_id)) {
    Result<hardware::Node> found = hardware::find_node(catalogue, node_id);
    if (!found) return found.errors();
    node = std::move(*found);
    device_id = node->device;
  } else if (!listed(catalogue, "devices", site.id)) {
    return unknown(site.id, catalogue);
  }
  const Result<hardware::Device> device = hardware::find_device(catalogue, device_id);
  if (!device) return device.errors();
  const std::int64_t devices = cluster ? cluster->devices : node ? node->devices : device->devices_per_node;
  const Result<hardware::Machine> machine = hardware::machine_of(
      *device, node ? &*node : nullptr, devices, cluster ? cluster->network : hardware::Network{});
  if (!machine) return machine.errors();
  Result<Located> out =
      locate(*machine, node ? &*node : nullptr, cluster ? &*cluster : nullptr, &site, catalogue);
  if (out && cluster) out->place.devices = cluster->devices;
  return out;
}

}  // namespace scaleplan::serving
