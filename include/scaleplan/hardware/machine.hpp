#pragma once

#include <cstdint>
#include <string>

#include "scaleplan/base/quantity.hpp"
#include "scaleplan/hardware/device.hpp"

namespace scaleplan::hardware {

/// The devices of a job and the links between them, as the cost models need it: every figure resolved, none
/// optional. Rates are nominal, per direction.
struct Machine {
  Device device;
  std::int64_t devices = 1;
  std::int64_t node_devices = 8;  ///< devices of one host; all NICs of a host serve the groups that leave it
  std::int64_t scale_up_devices = 8;  ///< devices that the fast link joins (8 on HGX, 72 on NVL72)
  BytesPerSecond memory_bandwidth;
  Bytes memory;                  ///< what the device reports as capacity
  BytesPerSecond link;           ///< of a device into the scale-up domain
  BytesPerSecond nic;            ///< per device, between scale-up domains
  int torus_axes = 0;            ///< 0: switched; TPU: 2 or 3 axes of `link` each way
  std::int64_t pod_devices = 0;  ///< 0: one pod; TPU: devices that the torus joins, `nic` beyond
};

/// The machine of `devices` devices in such nodes. An absent bandwidth or memory is an error that names it.
Result<Machine> machine_of(const Device& device, const Node* node, std::int64_t devices);

}  // namespace scaleplan::hardware
