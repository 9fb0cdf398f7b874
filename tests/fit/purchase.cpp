// Runs that together tell most of one quantity, against every set that the budget pays.
#include "fit/purchase.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "scaleplan/num/cholesky.hpp"
#include "scaleplan/num/random.hpp"

using scaleplan::fit::best_purchase;
using scaleplan::fit::Offers;
using Runs = std::vector<std::size_t>;

namespace {

/// Offers of random covariance, noise and cost.
struct Market {
  std::vector<double> joint;
  std::vector<double> deviation;
  std::vector<double> cost;
  double budget = 0;
  std::size_t most_runs = 0;

  Market(std::size_t offers, std::uint64_t seed) {
    scaleplan::num::Random random(seed, 0);
    const std::size_t n = offers + 1;
    std::vector<std::vector<double>> factors(n, std::vector<double>(4));
    for (std::vector<double>& row : factors) {
      for (double& x : row) {
        x = random.normal();
      }
    }
    for (const std::vector<double>& a : factors) {
      for (const std::vector<double>& b : factors) {
        double sum = 0;
        for (std::size_t k = 0; k < a.size(); ++k) {
          sum += a[k] * b[k];
        }
        joint.push_back(sum);
      }
    }
    for (std::size_t i = 0; i < offers; ++i) {
      deviation.push_back(0.3 + random.uniform());
      cost.push_back(std::exp2(std::floor(4 * random.uniform())));
    }
    budget = 9;
  }

  [[nodiscard]] Offers offers() const { return {joint, cost.size() + 1, deviation, cost, budget, most_runs}; }

  [[nodiscard]] double price(const Runs& runs) const {
    double sum = 0;
    for (const std::size_t run : runs) {
      sum += cost[run];
    }
    return sum;
  }

  /// cᵀ(K + D)⁻¹c of the runs, all at once.
  [[nodiscard]] double removed(const Runs& runs) const {
    const std::size_t n = cost.size() + 1;
    std::vector<double> seen;
    std::vector<double> with;
    for (const std::size_t a : runs) {
      with.push_back(joint[a * n + n - 1]);
      for (const std::size_t b : runs) {
        seen.push_back(joint[a * n + b] + (a == b ? deviation[a] * deviation[a] : 0));
      }
    }
    return runs.empty() ? 0 : scaleplan::num::Cholesky(seen, runs.size()).quadratic(with);
  }

  [[nodiscard]] double best_of_all() const {
    double best = 0;
    for (std::size_t bits = 0; bits < (std::size_t{1} << cost.size()); ++bits) {
      Runs runs;
      for (std::size_t i = 0; i < cost.size(); ++i) {
        if ((bits >> i & 1) != 0) {
          runs.push_back(i);
        }
      }
      if (price(runs) <= budget && (most_runs == 0 || runs.size() <= most_runs)) {
        best = std::max(best, removed(runs));
      }
    }
    return best;
  }
};

}  // namespace

TEST_CASE("a purchase is nearly the best of all that the budget pays", "[fit][design]") {
  std::size_t exact = 0;
  constexpr std::size_t markets = 60;
  for (std::size_t seed = 0; seed < markets; ++seed) {
    Market market(9, seed);
    market.most_runs = seed % 4;
    const Runs runs = best_purchase(market.offers());
    INFO(seed);
    CHECK(std::set<std::size_t>(runs.begin(), runs.end()).size() == runs.size());
    CHECK(market.price(runs) <= market.budget);
    CHECK((market.most_runs == 0 || runs.size() <= market.most_runs));
    const double best = market.best_of_all();
    CHECK(market.removed(runs) > 0.95 * best);
    exact += market.removed(runs) > (1 - 1e-9) * best ? 1U : 0U;
  }
  CHECK(10 * exact >= 8 * markets);
}

TEST_CASE("one dear run is bought where the cheap ones leave it unpaid", "[fit][design]") {
  // the quantity is what run 0 measures; runs 1 and 2 are a tenth as dear and tell a fifth of it each
  const double part = std::sqrt(0.2);
  const std::vector<double> joint = {1,    part, part, 1,    part, 1,    0.2,  part,
                                     part, 0.2,  1,    part, 1,    part, part, 1};
  const std::vector<double> deviation = {0.01, 0.01, 0.01};
  const std::vector<double> cost = {10, 1, 1};
  CHECK(best_purchase({joint, 4, deviation, cost, 10, 0}) == Runs{0});
  CHECK(best_purchase({joint, 4, deviation, cost, 9, 0}).size() == 2);
  const Runs all = best_purchase({joint, 4, deviation, cost, 12, 0});
  REQUIRE(all.size() == 3);
  CHECK(all.front() == 0);
  CHECK(best_purchase({joint, 4, deviation, cost, 12, 1}) == Runs{0});
  CHECK(best_purchase({joint, 4, deviation, cost, 0.5, 0}).empty());
}

TEST_CASE("every run of a purchase is the most telling of those left", "[fit][design]") {
  for (std::size_t seed = 0; seed < 20; ++seed) {
    const Market market(9, seed);
    const Runs runs = best_purchase(market.offers());
    for (std::size_t k = 0; k < runs.size(); ++k) {
      Runs before(runs.begin(), runs.begin() + static_cast<std::ptrdiff_t>(k));
      Runs with = before;
      with.push_back(runs[k]);
      for (std::size_t later = k + 1; later < runs.size(); ++later) {
        Runs other = before;
        other.push_back(runs[later]);
        CHECK(market.removed(with) >= market.removed(other) - 1e-9);
      }
    }
  }
}
