// Expected numbers: with equal exponents and A = B the optimum is N = D = sqrt(C/6), so that
// L*(C) = E + 2·A·(C/6)^(-alpha/2) and two such laws cross at C = 6·((E1 - E2)/(2·(A2 - A1)))^(-2/alpha).
#include "scaleplan/fit/crossover.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "rows.hpp"
#include "scaleplan/fit/blend.hpp"
#include "scaleplan/num/random.hpp"

using namespace scaleplan;
using namespace scaleplan::fit;

namespace {

constexpr double alpha = 0.3;
constexpr laws::Range searched{1e18, 1e24};

std::vector<double> values(double floor, double scale) {
  return {floor, scale, scale, alpha, alpha};
}

Predictor predictor(double floor, double scale) {
  Predictor out;
  Member member;
  member.law = rows::law("chinchilla");
  REQUIRE(member.law.parameter_names() == std::vector<std::string>{"E", "A", "B", "alpha", "beta"});
  member.values = values(floor, scale);
  out.members.push_back(std::move(member));
  out.range["C"] = {1e18, 1e21};
  return out;
}

double meeting(double floor_1, double scale_1, double floor_2, double scale_2) {
  return 6 * std::pow((floor_1 - floor_2) / (2 * (scale_2 - scale_1)), -2 / alpha);
}

runs::Table isoflop(double floor, double scale, std::uint64_t seed) {
  runs::Table table;
  num::Random random(seed, 0);
  for (double compute = 1e18; compute < 2e20; compute *= 3) {
    for (int arm = -4; arm <= 4; ++arm) {
      const double size = std::sqrt(compute / 6) * std::exp(0.4 * arm);
      const double tokens = compute / 6 / size;
      const double loss = floor + scale * (std::pow(size, -alpha) + std::pow(tokens, -alpha));
      for (const auto& [name, value] :
           {std::pair{"params", size}, std::pair{"tokens", tokens}, std::pair{"flops", compute},
            std::pair{"loss", loss * std::exp(0.001 * random.normal())}}) {
        table.columns[name].push_back(value);
      }
      table.outlier.push_back(false);
      table.places.push_back({"made", ++table.rows, 1, ""});
    }
  }
  return table;
}

}  // namespace

TEST_CASE("two laws cross where the closed form says", "[fit][crossover]") {
  const double wanted = meeting(1.9, 300, 1.7, 400);
  REQUIRE(wanted > searched.low);
  REQUIRE(wanted < searched.high);
  const auto found = crossover(predictor(1.9, 300), predictor(1.7, 400), searched, 0.9, {});
  REQUIRE(found);
  CHECK(found->found);
  CHECK(std::log(found->compute) == Approx(std::log(wanted)).margin(2e-3));
  CHECK(found->loss == Approx(1.9 + 600 * std::pow(wanted / 6, -alpha / 2)).epsilon(1e-4));
  CHECK_FALSE(found->first_is_better);  // the lower floor wins in the end
  CHECK_FALSE(found->interval.known);   // no draws
  CHECK(found->decades_outside == Approx(std::max(0.0, std::log10(wanted / 1e21))).margin(2e-3));
  const auto turned = crossover(predictor(1.7, 400), predictor(1.9, 300), searched, 0.9, {});
  REQUIRE(turned);
  CHECK(turned->first_is_better);
  CHECK(turned->compute == Approx(found->compute));
}

TEST_CASE("laws that do not meet say which is better", "[fit][crossover]") {
  const auto found = crossover(predictor(1.7, 300), predictor(1.9, 400), searched, 0.9, {});
  REQUIRE(found);
  CHECK_FALSE(found->found);
  CHECK(found->first_is_better);
  CHECK(found->reason.find("first has the lower loss") != std::string::npos);
  CHECK_FALSE(found->interval.known);
}

TEST_CASE("the interval of a crossing comes from the draws, and is open where they leave the range",
          "[fit][crossover]") {
  Predictor one = predictor(1.9, 300);
  Predictor two = predictor(1.7, 400);
  two.members[0].draws = {values(1.7, 400)};
  for (int k = 0; k <= 100; ++k) {
    one.members[0].draws.push_back(values(1.88 + 0.0004 * k, 300));
  }
  const auto found = crossover(one, two, searched, 0.9, {});
  REQUIRE(found);
  REQUIRE(found->interval.known);
  CHECK(found->share == 1);
  // A higher floor of the first brings the crossing down.
  CHECK(std::log(found->interval.low) == Approx(std::log(meeting(1.918, 300, 1.7, 400))).margin(5e-3));
  CHECK(std::log(found->interval.high) == Approx(std::log(meeting(1.882, 300, 1.7, 400))).margin(5e-3));
  for (std::size_t k = 0; k < 20; ++k) {
    one.members[0].draws[k] = values(1.70, 300);  // never crosses
  }
  const auto open = crossover(one, two, searched, 0.9, {});
  REQUIRE(open);
  CHECK(open->found);
  CHECK_FALSE(open->interval.known);
  CHECK(open->share == Approx(81.0 / 101));
}

TEST_CASE("blends of two groups cross where the laws behind their rows do", "[fit][crossover]") {
  const double wanted = meeting(1.95, 300, 1.7, 400);
  std::vector<Predictor> sides;
  for (const auto& [floor, scale] : {std::pair{1.95, 300.0}, std::pair{1.7, 400.0}}) {
    Options options;
    options.bootstrap = 20;
    const auto fit =
        fit_blend(rows::law("chinchilla"),
                  {rows::law("chinchilla"), rows::law("blend-ratio"), rows::law("blend-outer")},
                  isoflop(floor, scale, static_cast<std::uint64_t>(scale)), options, {{}, {}, 2});
    REQUIRE(fit);
    sides.push_back(fit->predictor);
  }
  const auto found = crossover(sides[0], sides[1], {1e18, 1e23}, 0.9, {{}, {}, 2});
  REQUIRE(found);
  REQUIRE(found->found);
  INFO("crossing " << found->compute << " wanted " << wanted);
  CHECK(std::abs(std::log(found->compute / wanted)) < 0.5);
  REQUIRE(found->interval.known);
  CHECK(found->interval.low < wanted);
  CHECK(wanted < found->interval.high);
  const auto again = crossover(sides[0], sides[1], {1e18, 1e23}, 0.9, {{}, {}, 1});
  REQUIRE(again);
  CHECK(again->interval.low == found->interval.low);
}

TEST_CASE("a law that divides no budget cannot cross", "[fit][crossover]") {
  Predictor batch;
  Member member;
  member.law = rows::law("li2025-batch");
  member.values = member.law.sets.front().values;
  batch.members.push_back(std::move(member));
  const auto found = crossover(predictor(1.9, 300), batch, searched, 0.9, {});
  REQUIRE_FALSE(found);
  CHECK(found.errors().front().message.find("li2025-batch") != std::string::npos);
}
