#include "scaleplan/economy/techniques.hpp"

#include <fmt/format.h>

namespace scaleplan::economy {

Result<TechniqueEffects> technique_effects(const terms::Stack& stack, const Facility& facility,
                                           const std::map<std::string, double>& inputs) {
  TechniqueEffects effects;
  Diagnostics diagnostics;
  const auto after = [&](const char* term, double base, double least, bool least_allowed) {
    const Result<terms::Stacked> stacked = stack.apply(term, base, inputs);
    if (!stacked) {
      diagnostics.insert(diagnostics.end(), stacked.errors().begin(), stacked.errors().end());
      return base;
    }
    const bool possible = least_allowed ? stacked->value >= least : stacked->value > least;
    if (!possible) {
      diagnostics.push_back(
          error(fmt::format("{} becomes {}, and must be {} {}", term, stacked->value,
                            least_allowed ? "at least" : "greater than", least),
                stacked->steps.empty() ? "" : fmt::format("leave out {}", stacked->steps.back().technique)));
    }
    effects.steps.insert(effects.steps.end(), stacked->steps.begin(), stacked->steps.end());
    return stacked->value;
  };
  effects.facility = facility;
  effects.facility.pue = after("facility_overhead", facility.pue, 1, true);
  effects.facility.peak_fraction = after("peak_power_fraction", facility.peak_fraction, 0, false) /
                                   after("power_oversubscription", 1, 0, false);
  effects.node_power = after("system_power", 1, 0, false);
  effects.energy = after("energy", 1, 0, false);
  effects.device_price = after("device_cost", 1, 0, false);
  if (!diagnostics.empty()) return diagnostics;
  return effects;
}

}  // namespace scaleplan::economy
