#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plan/resources.hpp"
#include "scaleplan/economy/energy.hpp"
#include "scaleplan/hardware/machine.hpp"
#include "scaleplan/plan/scenario.hpp"

namespace scaleplan::plan {

/// One way to provide the machines: a cluster, a count, a precision, an optimiser, a cap.
struct Option {
  const ClusterChoice* cluster = nullptr;
  hardware::Machine machine;
  std::int64_t devices = 0;
  training::Precision precision = training::Precision::bf16;
  training::Optimizer optimizer = training::Optimizer::adamw;
  std::optional<double> power_cap_w;
  economy::DevicePower power;
  economy::NodePower node_power;
  economy::Peaks peaks;

  [[nodiscard]] double nodes() const;
  [[nodiscard]] std::string name() const;  ///< "1024 h100-sxm-80 of dgx-h100, bf16, adamw"
  /// Uncapped time over capped time of work of which `compute_share` is bound by compute.
  [[nodiscard]] double capped_speed(double compute_share) const;
  /// Joules of the site for one second of wall time with these shares of progress and repeated work.
  [[nodiscard]] double watts(double useful, double repeated) const;
};

struct Options {
  std::vector<Option> list;
  std::vector<training::PrunedCount> pruned;  ///< by reason, of those that no budget or machine allows
  std::size_t considered = 0;
};

/// Every combination that the scenario lists. Errors: a device whose power is unknown where power matters.
Result<Options> options_of(const Scenario& scenario);

/// Rates of one option when `watts` are drawn on average; `seconds_per_flop`: wall time of exact FLOP on the
/// family's curve.
Resources resources_of(const Scenario& scenario, const Option& option, double seconds_per_flop, double watts);

}  // namespace scaleplan::plan
