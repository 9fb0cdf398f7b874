#pragma once

#include <optional>
#include <string>
#include <variant>

#include "scaleplan/base/quantity.hpp"

namespace scaleplan::economy {

inline constexpr Seconds hour{3600};
inline constexpr Joules kilowatt_hour{3.6e6};

/// Hours of one device that `devices` devices take in `time`.
double device_hours(Seconds time, double devices);

/// Rent at a price per device and hour.
Dollars rent(double device_hours, Dollars price_per_device_hour);

/// Where a price comes from; prices age.
struct Priced {
  std::string date;  ///< "2025-03"
  std::string source;
};

/// Devices by the hour, electricity included.
struct Rental {
  Dollars per_device_hour;
  Priced priced;
};

/// Value lost as better hardware appears: `decades_per_year` orders of magnitude a year, so that an hour
/// costs value × decades_per_year × ln 10 / 8766 (arXiv:2405.21015, 0.14).
struct Progress {
  double decades_per_year = 0.14;
  double years_owned = 0;  ///< when the job starts
};

/// Equal yearly payments: price × r(1+r)^y / ((1+r)^y − 1); straight line when the rate is 0. `use`: share of
/// the hours that are worked.
struct Annuity {
  double years = 4;
  double interest = 0;
  double use = 1;
};

/// Devices that were bought, and the electricity they draw.
struct Ownership {
  Dollars device_price;
  double server_over_device = 1.64;  ///< price of a server over that of its devices (arXiv:2405.21015)
  double network_share = 0.19;       ///< of the price of a cluster (arXiv:2405.21015)
  std::variant<Progress, Annuity> depreciation;
  DollarsPerJoule electricity;
  Priced priced;
};

/// Purchase price, server and network in, charged to one device-hour; without electricity.
Dollars capital_per_device_hour(const Ownership& ownership);

/// A job is rented or owned, never both.
using Tariff = std::variant<Rental, Ownership>;

struct Cost {
  Dollars devices;  ///< rent, or capital
  Dollars energy;   ///< nothing when rented
  [[nodiscard]] Dollars total() const { return devices + energy; }
};
Cost cost(const Tariff& tariff, double device_hours, Joules energy);

/// A price per device-hour, paid for all hours, per hour that advances the job.
Dollars per_useful_hour(Dollars per_device_hour, double goodput);

/// The interruptible price at which a job with goodput `interrupted` costs as much as at `price` with goodput
/// `steady`; interruptions count among its failures.
Dollars break_even_spot(Dollars price, double steady, double interrupted);

}  // namespace scaleplan::economy
