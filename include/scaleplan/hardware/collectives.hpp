#pragma once

#include "scaleplan/hardware/machine.hpp"

namespace scaleplan::hardware {

/// What a message costs beside its bytes, and the share of nominal rates that collectives reach. Defaults:
/// ring bus bandwidth over the nominal rate measured on 8 × H200 (ml-engineering network/README.md: 0.81, all
/// collectives without switch reduction), latency of one NVLink step (calculon systems/a100_80g.json).
struct LinkQuality {
  double link_share = 0.80;
  double nic_share = 0.70;
  double step_s = 1e-5;  ///< α: one step of a ring or tree
};

/// A group of ranks, `stride` devices apart in the order of devices.
struct Group {
  double ranks = 1;
  double stride = 1;
};

/// Bytes per second and device, one way, that a ring over the group reaches on the slowest link it crosses:
/// inside a scale-up domain the link; beyond it all NICs of the domain that serve the group; on a torus both
/// directions of `axes` axes (0: all), across pods the NIC.
double ring_bandwidth(const Machine& machine, const Group& group, const LinkQuality& quality, int axes = 0);

/// Seconds with `bytes` per rank (the whole tensor; of all-to-all: what a rank holds), α–β model
/// (Thakur, Rabenseifner & Gropp 2005). One rank costs nothing.
double all_gather_s(double bytes, double ranks, double bandwidth, double step_s);
double reduce_scatter_s(double bytes, double ranks, double bandwidth, double step_s);
double all_reduce_ring_s(double bytes, double ranks, double bandwidth, double step_s);
double all_reduce_tree_s(double bytes, double ranks, double bandwidth, double step_s);
double all_to_all_s(double bytes, double ranks, double bandwidth, double step_s);
double point_to_point_s(double bytes, double bandwidth, double step_s);

/// Reduce-scatter among `inner` ranks of a domain, all-reduce across the `outer` domains, all-gather inside.
struct TwoLevels {
  double inner = 1;
  double outer = 1;
  double inner_bandwidth = 0;
  double outer_bandwidth = 0;
};
double all_reduce_hierarchical_s(double bytes, const TwoLevels& levels, double step_s);

}  // namespace scaleplan::hardware
