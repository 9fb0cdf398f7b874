#include "scaleplan/hardware/machine.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace scaleplan::hardware {
namespace {

Diagnostic absent(const Device& device, const char* key) {
  return error(fmt::format("device {} has no {}", device.id, key),
               "add the figure to a device file of your own and name its folder with --catalogue");
}

std::optional<BytesPerSecond> nic_of(const Device& device, const Node* node, const Network& network) {
  if (network.nic_bandwidth) {
    return network.nic_bandwidth;
  }
  if (node != nullptr && node->network_bandwidth) {
    return *node->network_bandwidth / static_cast<double>(node->devices);
  }
  if (node != nullptr && node->nic_bandwidth && node->nics > 0) {
    return *node->nic_bandwidth * (static_cast<double>(node->nics) / static_cast<double>(node->devices));
  }
  return device.nic_bandwidth;
}

}  // namespace

Result<Machine> machine_of(const Device& device, const Node* node, std::int64_t devices,
                           const Network& network) {
  Machine out;
  out.device = device;
  out.devices = devices;
  out.node_devices = node != nullptr ? node->devices : device.devices_per_node;
  out.scale_up_devices = std::max<std::int64_t>(device.scale_up_devices, node != nullptr ? node->devices : 1);
  out.torus_axes = device.torus_axes;
  if (device.torus_axes > 0) {
    out.pod_devices = std::min<std::int64_t>(network.pod_devices.value_or(device.scale_up_devices), devices);
    out.scale_up_devices = out.pod_devices;
  }
  if (devices < 1) {
    return error(fmt::format("{} devices", devices), "give a whole number of at least 1");
  }
  if (devices > out.node_devices && devices % out.node_devices != 0) {
    return error(fmt::format("{} devices are not whole nodes of {}", devices, out.node_devices),
                 fmt::format("take {} or {}", devices / out.node_devices * out.node_devices,
                             (devices / out.node_devices + 1) * out.node_devices));
  }
  if (device.memory <= Bytes(0)) {
    return absent(device, "memory");
  }
  if (!device.memory_bandwidth) {
    return absent(device, "memory bandwidth (memory_bandwidth_bytes_per_s)");
  }
  if (devices > 1 && !device.link_bandwidth) {
    return absent(device, "link bandwidth (link.bytes_per_s_per_direction)");
  }
  const std::optional<BytesPerSecond> nic = nic_of(device, node, network);
  if (devices > out.scale_up_devices && !nic) {
    return absent(device, "network bandwidth (nic_bytes_per_s)");
  }
  out.memory_bandwidth = *device.memory_bandwidth;
  out.memory = device.memory_reported.value_or(device.memory);
  // a job of one device, or of one domain, asks these of nobody
  out.link = device.link_bandwidth.value_or(*device.memory_bandwidth);
  out.nic = nic.value_or(out.link);
  return out;
}

}  // namespace scaleplan::hardware
