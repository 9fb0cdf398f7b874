#include "scaleplan/economy/money.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace scaleplan;

TEST_CASE("rent is device-hours times price") {
  const double hours = economy::device_hours(Seconds(86400), 1024);
  CHECK(hours == 24 * 1024);
  CHECK(economy::rent(hours, Dollars(2.5)).raw() == 61440);
}

TEST_CASE("a bought H100 by the hour") {
  // arXiv:2405.21015, its method at 30,000 USD: server 49,200, 1.809 USD/h, with network 2.234; energy
  // 700 W × 1.821 × 0.75 × PUE 1.1 = 1,052 W at 0.0826 USD/kWh: 0.0869 USD/h
  economy::Ownership bought;
  bought.device_price = Dollars(30000);
  bought.electricity = Dollars(0.0826) / economy::kilowatt_hour;
  CHECK(economy::capital_per_device_hour(bought).raw() == Approx(2.234).epsilon(5e-4));
  bought.network_share = 0;
  CHECK(economy::capital_per_device_hour(bought).raw() == Approx(1.809).epsilon(5e-4));
  bought.network_share = 0.19;
  const Joules energy = economy::hour * Watts(700 * 1.821 * 0.75 * 1.1);
  const economy::Cost both = economy::cost(bought, 1, energy);
  CHECK(both.energy.raw() == Approx(0.0869).epsilon(1e-3));
  CHECK(both.total().raw() == Approx(2.32).epsilon(1e-3));
}

TEST_CASE("value declines by a third a year at the rate of progress") {
  // arXiv:2405.21015: 0.14 orders of magnitude a year, 32.2 % of the value for the first instant
  economy::Ownership now;
  now.device_price = Dollars(1);
  now.server_over_device = 1;
  now.network_share = 0;
  CHECK(economy::capital_per_device_hour(now).raw() * 8766 == Approx(0.322).epsilon(2e-3));
  economy::Ownership later = now;
  later.depreciation = economy::Progress{0.14, 2};
  CHECK(economy::capital_per_device_hour(later) / economy::capital_per_device_hour(now) ==
        Approx(std::pow(10, -0.28)));
}

TEST_CASE("equal payments repay the price with its interest") {
  economy::Ownership annuity;
  annuity.device_price = Dollars(1000);
  annuity.server_over_device = 1;
  annuity.network_share = 0;
  for (const double rate : {0.0, 1e-9, 0.05, 0.2}) {
    annuity.depreciation = economy::Annuity{5, rate, 1};
    const double yearly = economy::capital_per_device_hour(annuity).raw() * 8766;
    double left = 1000;
    for (int y = 0; y < 5; ++y) left = left * (1 + rate) - yearly;
    INFO(rate);
    CHECK(left == Approx(0).margin(1e-4));
  }
  annuity.depreciation = economy::Annuity{5, 0, 0.5};
  CHECK(economy::capital_per_device_hour(annuity).raw() == Approx(1000 / (5 * 8766 * 0.5)));
}

TEST_CASE("rent already holds the electricity") {
  const economy::Rental rental{Dollars(2.4), {"2025-09", "a quote"}};
  const economy::Cost cost = economy::cost(rental, 1000, Joules(1e12));
  CHECK(cost.energy.raw() == 0);
  CHECK(cost.total().raw() == 2400);
}

TEST_CASE("interruptible devices pay until their interruptions cost the discount") {
  const Dollars most = economy::break_even_spot(Dollars(3), 0.95, 0.7);
  CHECK(economy::per_useful_hour(most, 0.7).raw() ==
        Approx(economy::per_useful_hour(Dollars(3), 0.95).raw()));
  CHECK(most < Dollars(3));
}
