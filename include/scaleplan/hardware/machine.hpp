#pragma once

#include <cstdint>
#include <optional>

#include "scaleplan/base/quantity.hpp"
#include "scaleplan/hardware/device.hpp"

namespace scaleplan::hardware {

/// The devices of a job and the links between them, as the cost models need it: every figure resolved, none
/// optional. Rates are nominal, per direction.
struct Machine {
  Device device;
  std::int64_t devices = 1;
  std::int64_t node_devices = 8;      ///< devices of one host
  std::int64_t scale_up_devices = 8;  ///< devices that the fast link joins (8 on HGX, 72 on NVL72); all NICs
                                      ///< of such a domain serve the groups that leave it
  BytesPerSecond memory_bandwidth;
  Bytes memory;                  ///< what the device reports as capacity, else the vendor's (smaller) figure
  BytesPerSecond link;           ///< of a device into the scale-up domain; per axis and direction of a torus
  BytesPerSecond nic;            ///< per device, between scale-up domains
  int torus_axes = 0;            ///< 0: switched; TPU: 2 or 3 axes of `link` each way
  std::int64_t pod_devices = 0;  ///< 0: one pod; TPU: devices that the torus joins, `nic` beyond
};

/// What a cluster knows better than its node type.
struct Network {
  std::optional<BytesPerSecond> nic_bandwidth;  ///< per device and direction
  std::optional<std::int64_t> pod_devices;      ///< devices of a slice of torus
};

/// The machine of `devices` devices in such nodes (without a node: as the device is usually hosted). An
/// absent bandwidth that a job of this size needs, and part-filled nodes of a larger job, are errors.
Result<Machine> machine_of(const Device& device, const Node* node, std::int64_t devices,
                           const Network& network = {});

}  // namespace scaleplan::hardware
