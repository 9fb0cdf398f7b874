#pragma once

#include "scaleplan/base/quantity.hpp"
#include "scaleplan/economy/site.hpp"

namespace scaleplan::economy {

/// A job's wall time, and the shares of it that advance it, repeat lost work, or wait (checkpoints,
/// detection, restarts). The shares sum to 1.
struct Occupation {
  Seconds wall;
  double useful = 1;
  double repeated = 0;
  double waiting = 0;
};

/// Mean draw of the machines by what the job does, per node.
struct NodeDraw {
  Watts working;  ///< training, under the cap; repeated work draws the same
  Watts waiting;
};
NodeDraw node_draw(const NodePower& node, const DevicePower& power, std::optional<Watts> cap);

/// Energy at the meter of the site (PUE in), by what it bought.
struct RunEnergy {
  Joules useful;
  Joules repeated;
  Joules waiting;
  Joules other;  ///< device-hours outside of the job: ablations, evaluation
  [[nodiscard]] Joules total() const { return useful + repeated + waiting + other; }
};

/// PUE × nodes × (time at work × draw at work + time waiting × draw waiting), and the other device-hours at
/// the mean draw of a device at work with its part of the host.
RunEnergy run_energy(const Facility& facility, const NodePower& node, const NodeDraw& draw, double nodes,
                     const Occupation& occupation, double other_device_hours = 0);

/// Mean power of the site over the job, `other` not included.
Watts mean_site_power(const RunEnergy& energy, const Occupation& occupation);

/// Energy of the machines from published figures: hours × watts × PUE.
Joules device_energy(double device_hours, Watts per_device, double pue = 1);

}  // namespace scaleplan::economy
