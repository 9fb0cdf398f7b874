#include "scaleplan/economy/money.hpp"

#include <cmath>
#include <numbers>

namespace scaleplan::economy {

namespace {

constexpr double hours_per_year = 8766;

double capital_share(const Progress& progress) {
  const double left = std::pow(10, -progress.decades_per_year * progress.years_owned);
  return left * progress.decades_per_year * std::numbers::ln10 / hours_per_year;
}

double capital_share(const Annuity& annuity) {
  const double r = annuity.interest;
  // r / (1 − (1+r)^−y), which expm1 and log1p keep exact towards r = 0
  const double yearly = r == 0 ? 1 / annuity.years : r / -std::expm1(-annuity.years * std::log1p(r));
  return yearly / (hours_per_year * annuity.use);
}

}  // namespace

double device_hours(Seconds time, double devices) {
  return devices * time / hour;
}

Dollars rent(double device_hours, Dollars price_per_device_hour) {
  return device_hours * price_per_device_hour;
}

Dollars capital_per_device_hour(const Ownership& ownership) {
  const double share = std::visit([](const auto& way) { return capital_share(way); }, ownership.depreciation);
  return share * ownership.server_over_device / (1 - ownership.network_share) * ownership.device_price;
}

Cost cost(const Tariff& tariff, double device_hours, Joules energy) {
  if (const auto* rental = std::get_if<Rental>(&tariff)) {
    return {rent(device_hours, rental->per_device_hour), Dollars(0)};
  }
  const auto& ownership = std::get<Ownership>(tariff);
  return {rent(device_hours, capital_per_device_hour(ownership)), energy * ownership.electricity};
}

Dollars per_useful_hour(Dollars per_device_hour, double goodput) {
  return per_device_hour / goodput;
}

Dollars break_even_spot(Dollars price, double steady, double interrupted) {
  return (interrupted / steady) * price;
}

}  // namespace scaleplan::economy
