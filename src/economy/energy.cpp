#include "scaleplan/economy/energy.hpp"

#include "scaleplan/economy/money.hpp"

namespace scaleplan::economy {

NodeDraw node_draw(const NodePower& node, const DevicePower& power, std::optional<Watts> cap) {
  const Watts working = under_cap(power, mean_draw(power, Phase::training), cap, 1).draw;
  return {mean_node(node, working), mean_node(node, mean_draw(power, Phase::waiting))};
}

RunEnergy run_energy(const Facility& facility, const NodePower& node, const NodeDraw& draw, double nodes,
                     const Occupation& occupation, double other_device_hours) {
  const double machines = facility.pue * nodes;
  const double other_nodes = other_device_hours / static_cast<double>(node.devices);
  return {machines * draw.working * (occupation.useful * occupation.wall),
          machines * draw.working * (occupation.repeated * occupation.wall),
          machines * draw.waiting * (occupation.waiting * occupation.wall),
          facility.pue * other_nodes * draw.working * hour};
}

Watts mean_site_power(const RunEnergy& energy, const Occupation& occupation) {
  return (energy.total() - energy.other) / occupation.wall;
}

Joules device_energy(double device_hours, Watts per_device, double pue) {
  return pue * device_hours * per_device * hour;
}

}  // namespace scaleplan::economy
