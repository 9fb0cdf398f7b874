#include "scaleplan/serving/queueing.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "scaleplan/num/random.hpp"

namespace scaleplan::serving {

TEST_CASE("Erlang's C formula gives the values of the textbooks", "[serving]") {
  CHECK(waiting_probability(2, 1) == Approx(1.0 / 3));
  CHECK(waiting_probability(1, 0.5) == Approx(0.5));
  CHECK(waiting_probability(10, 8) == Approx(0.40918).epsilon(1e-5));
  CHECK(waiting_probability(5, 5) == 1);
  CHECK(waiting_probability(5, 0) == 0);
  // where the recursion is cut short it would give less than 1e-12
  CHECK(waiting_probability(400, 230) == 0);
}

TEST_CASE("waits for one of many servers", "[serving]") {
  // 10/s x 2 s on 23 servers, 50/s x 2 s on 103, 5/s x 10 s on 57: independently recomputed
  const Wait busy = wait_for_server(23, 20, 2);
  CHECK(busy.mean() == Approx(0.277).epsilon(0.005));
  CHECK(busy.quantile(0.95) == Approx(1.41).epsilon(0.005));
  CHECK(wait_for_server(103, 100, 2).mean() == Approx(0.454).epsilon(0.005));
  CHECK(wait_for_server(57, 50, 10).mean() == Approx(0.352).epsilon(0.005));
  CHECK(std::isinf(wait_for_server(4, 4, 1).mean()));
  CHECK(busy.quantile(0.01) == 0);
}

TEST_CASE("a line with exponential service is the M/M/1 queue", "[serving]") {
  // mean rho s / (1 - rho); P(W > t) = rho exp(-(1 - rho) t / s)
  const Wait line = wait_in_line(0.8, 0.5, 1);
  CHECK(line.mean() == Approx(2.0));
  CHECK(line.quantile(0.95) == Approx(2.5 * std::log(0.8 / 0.05)));
  CHECK(wait_in_line(0.8, 0.5, 0).mean() == Approx(1.0));
  CHECK(std::isinf(wait_in_line(1, 0.5, 1).mean()));
}

TEST_CASE("a simulated line with lognormal service waits as the formula says", "[serving]") {
  const Lengths lengths = lognormal_lengths(1, 2.5);
  const double utilisation = 0.7;
  num::Random random(7, 1);
  double wait = 0;
  double total = 0;
  constexpr int customers = 400000;
  for (int i = 0; i < customers; ++i) {
    total += wait;
    const double service =
        lengths.quantile(std::min(std::max(random.uniform(), 1e-12), 1 - 1e-12)) * lengths.mean;
    const double gap = -std::log(1 - random.uniform()) / utilisation;
    wait = std::max(0.0, wait + service - gap);
  }
  CHECK(total / customers == Approx(wait_in_line(utilisation, 1, lengths.cv2()).mean()).epsilon(0.05));
}

TEST_CASE("lognormal lengths keep the mean and the 95th percentile", "[serving]") {
  const Lengths lengths = lognormal_lengths(360, 1200);
  CHECK_FALSE(lengths.heavier);
  CHECK(lengths.quantile(0.95) == Approx(1200));
  // mean = median exp(sigma^2 / 2)
  CHECK(lengths.quantile(0.5) * std::exp(lengths.sigma * lengths.sigma / 2) == Approx(360).epsilon(1e-9));
  const Lengths fixed = lognormal_lengths(500, 500);
  CHECK(fixed.sigma == Approx(0).margin(1e-12));
  CHECK(fixed.quantile(0.99) == Approx(500));
  CHECK(widest_p95_over_mean() == Approx(3.868).epsilon(1e-3));
  const Lengths heavy = lognormal_lengths(1800, 8000);
  CHECK(heavy.heavier);
  CHECK(heavy.quantile(0.95) == Approx(8000));
}

}  // namespace scaleplan::serving
