#pragma once

#include <map>
#include <string>
#include <vector>

#include "scaleplan/base/result.hpp"
#include "scaleplan/economy/site.hpp"
#include "scaleplan/terms/stack.hpp"

namespace scaleplan::economy {

/// What techniques change of power, energy and price.
struct TechniqueEffects {
  Facility facility;        ///< PUE and coincident peak after them
  double node_power = 1;    ///< factor on a node's mean draw
  double energy = 1;        ///< factor on the energy of the same work
  double device_price = 1;  ///< factor on what devices cost to buy
  std::vector<terms::Step> steps;
};

/// Terms facility_overhead, peak_power_fraction, power_oversubscription (servers over what their rating
/// allows: the coincident peak is its inverse), system_power, energy and device_cost. An error names the
/// inputs that a formula lacks, and a PUE below 1 or a factor that is not positive that comes out.
Result<TechniqueEffects> technique_effects(const terms::Stack& stack, const Facility& facility,
                                           const std::map<std::string, double>& inputs);

}  // namespace scaleplan::economy
