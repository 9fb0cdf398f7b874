#pragma once

#include <cstdint>
#include <optional>

#include "scaleplan/base/quantity.hpp"
#include "scaleplan/economy/power.hpp"
#include "scaleplan/hardware/device.hpp"

namespace scaleplan::economy {

/// Power of one machine: its devices, and a host (processors, memory, NICs, fans, conversion) whose draw
/// hardly depends on what the devices do.
struct NodePower {
  std::int64_t devices = 1;
  Watts device_limit;
  Watts host;            ///< mean
  Watts host_rated;      ///< rated node − devices × board limit
  bool assumed = false;  ///< the rating is a multiple of the devices' (1.8 on GPUs, 1.47 on TPUs; Epoch
                         ///< training-cost-trends), not the node's own
};

/// The mean host takes 0.61 of its rating on GPU nodes: 8×H100 nodes in training peak at 82 % of 10.2 kW with
/// the devices at their limit (arXiv:2412.08602); on TPUs 0.43 (mean over rated, Epoch). A `node` rated below
/// its devices' limits is an error.
Result<NodePower> node_power(const DevicePower& power, const hardware::Device& device,
                             const hardware::Node* node);

/// Mean of a node whose devices draw `device` on average.
Watts mean_node(const NodePower& node, Watts device);

/// What must be provisioned for a node: rated host, devices at their limit or cap. Never a mean.
Watts peak_node(const NodePower& node, std::optional<Watts> cap);

/// Where the machines stand.
struct Facility {
  double pue = 1;  ///< site power over the machines' power, ≥ 1
  std::int64_t nodes_per_rack = 1;
  double peak_fraction = 1;  ///< coincident peak of many nodes over what is provisioned for them
};

struct Peaks {
  Watts rack;  ///< one full rack, before cooling; never reduced by `peak_fraction`
  Watts site;  ///< PUE × nodes × node peak × peak_fraction
};
Peaks peaks(const Facility& facility, const NodePower& node, std::optional<Watts> cap, double nodes);

/// Nodes of `peak` each that a feed of `limit` carries. `peak_fraction` below 1 is oversubscription: 0.97 for
/// training and 0.79 for inference (POLCA, arXiv:2308.12908; A100 rows of 40 servers over six weeks, with
/// capping of low-priority work as a safeguard).
std::int64_t nodes_on(Watts limit, Watts peak, double peak_fraction = 1);

}  // namespace scaleplan::economy
