#include "scaleplan/hardware/collectives.hpp"

#include <algorithm>
#include <cmath>

namespace scaleplan::hardware {

double ring_bandwidth(const Machine& machine, const Group& group, const LinkQuality& quality, int axes) {
  const double domain = static_cast<double>(machine.scale_up_devices);
  const double link = machine.link.raw() * quality.link_share;
  const double nic = machine.nic.raw() * quality.nic_share;
  if (machine.torus_axes > 0) {
    const int used = axes > 0 ? std::min(axes, machine.torus_axes) : machine.torus_axes;
    return group.ranks * group.stride <= domain ? 2 * link * used : nic;
  }
  if (group.ranks * group.stride <= domain) {
    return link;
  }
  const double rails = std::max(1.0, std::min(domain / group.stride, group.ranks));
  return std::min(link, rails * nic);
}

double all_gather_s(double bytes, double ranks, double bandwidth, double step_s) {
  return ranks <= 1 ? 0 : (ranks - 1) * step_s + (ranks - 1) / ranks * bytes / bandwidth;
}

double reduce_scatter_s(double bytes, double ranks, double bandwidth, double step_s) {
  return all_gather_s(bytes, ranks, bandwidth, step_s);
}

double all_reduce_ring_s(double bytes, double ranks, double bandwidth, double step_s) {
  return 2 * all_gather_s(bytes, ranks, bandwidth, step_s);
}

double all_reduce_tree_s(double bytes, double ranks, double bandwidth, double step_s) {
  return ranks <= 1 ? 0 : 2 * std::log2(ranks) * step_s + 2 * bytes / bandwidth;
}

double all_to_all_s(double bytes, double ranks, double bandwidth, double step_s) {
  return all_gather_s(bytes, ranks, bandwidth, step_s);
}

double point_to_point_s(double bytes, double bandwidth, double step_s) {
  return step_s + bytes / bandwidth;
}

double all_reduce_hierarchical_s(double bytes, const TwoLevels& levels, double step_s) {
  return reduce_scatter_s(bytes, levels.inner, levels.inner_bandwidth, step_s) +
         all_reduce_ring_s(bytes / levels.inner, levels.outer, levels.outer_bandwidth, step_s) +
         all_gather_s(bytes, levels.inner, levels.inner_bandwidth, step_s);
}

}  // namespace scaleplan::hardware
