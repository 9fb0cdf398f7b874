#pragma once

#include "serving/service.hpp"

namespace scaleplan::serving {

/// Devices that a deployment's parts take for queries at `peak_queries_per_s`.
struct FleetSize {
  std::int64_t replicas = 0;
  std::int64_t prefill_replicas = 0;
  std::int64_t devices = 0;
};

/// What one replica of each pool can take, in queries per second.
struct Capacity {
  double queries_per_s = 0;
  std::int64_t devices = 1;
  double prefill_queries_per_s = 0;  ///< 0: no pool of its own
  std::int64_t prefill_devices = 0;
};
FleetSize fleet_size(const Capacity& capacity, double peak_queries_per_s, std::int64_t spares);

/// Fills periods, devices and device-hours: months of the demand's lifetime (one year without one).
void size_fleet(const Capacity& capacity, const Demand& demand, Deployed& deployed);

/// Fills draw, energy, money and carbon at the mean load of the first period.
void price_fleet(const Station& station, const Place& place, const Demand& demand, Deployed& deployed);

}  // namespace scaleplan::serving
