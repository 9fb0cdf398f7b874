#include "scaleplan/economy/site.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace scaleplan::economy {

namespace {

struct Class {
  double rated_over_devices;
  double host_mean_over_rated;
};
constexpr Class gpu = {1.8, 0.61};
constexpr Class tpu = {1.47, 0.43};

}  // namespace

Result<NodePower> node_power(const DevicePower& power, const hardware::Device& device,
                             const hardware::Node* node) {
  const Class& kind = device.vendor == "google" ? tpu : gpu;
  NodePower result;
  result.devices = node == nullptr ? device.devices_per_node : node->devices;
  result.device_limit = power.limit;
  const Watts devices = static_cast<double>(result.devices) * power.limit;
  result.assumed = node == nullptr || !node->power;
  const Watts rated = result.assumed ? kind.rated_over_devices * devices : *node->power;
  if (rated < devices) {
    return error(fmt::format("node {} is rated {}, less than its {} devices of {}", node->id,
                             format_quantity(rated.raw(), Dimension::watts), result.devices,
                             format_quantity(power.limit.raw(), Dimension::watts)),
                 "correct \"power_w\" of the node or of the device");
  }
  result.host_rated = rated - devices;
  result.host = kind.host_mean_over_rated * result.host_rated;
  return result;
}

Watts mean_node(const NodePower& node, Watts device) {
  return node.host + static_cast<double>(node.devices) * device;
}

Watts peak_node(const NodePower& node, std::optional<Watts> cap) {
  return node.host_rated +
         static_cast<double>(node.devices) * std::min(cap.value_or(node.device_limit), node.device_limit);
}

Peaks peaks(const Facility& facility, const NodePower& node, std::optional<Watts> cap, double nodes) {
  const Watts peak = peak_node(node, cap);
  const double in_rack = std::min(static_cast<double>(facility.nodes_per_rack), nodes);
  return {in_rack * peak, facility.pue * facility.peak_fraction * nodes * peak};
}

std::int64_t nodes_on(Watts limit, Watts peak, double peak_fraction) {
  // a whole number of nodes that fits exactly must not be lost to rounding
  return static_cast<std::int64_t>(std::floor(limit / (peak_fraction * peak) * (1 + 1e-12)));
}

}  // namespace scaleplan::economy
