#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "scaleplan/calibration/calibrate.hpp"

using namespace scaleplan;
using namespace scaleplan::calibration;

namespace {

Result<Outcome> scored(std::string text) {
  static const json::Catalogue catalogue;
  const auto document = json::parse(std::move(text), "cases.json");
  REQUIRE(document);
  Request request;
  request.catalogue = &catalogue;
  request.evaluate_only = true;
  return calibrate(*document, request);
}

Outcome published() {
  std::ifstream file(std::string(TEST_DATA) + "/energy-cases.json");
  std::ostringstream text;
  text << file.rdbuf();
  auto outcome = scored(text.str());
  INFO((outcome ? "" : to_text(outcome.errors().front())));
  REQUIRE(outcome);
  return *outcome;
}

double error_of(const Outcome& outcome, const std::string& id, const std::string& quantity) {
  for (const Comparison& each : outcome.scores.cases) {
    if (each.id == id && each.quantity == quantity) return each.relative_error();
  }
  FAIL(id << " has no " << quantity);
  return 0;
}

bool noted(const Outcome& outcome, const std::string& words) {
  return std::ranges::any_of(outcome.notes,
                             [&](const std::string& n) { return n.find(words) != std::string::npos; });
}

std::string with_member(const std::string& member) {
  return R"({"schema": "scaleplan/cases/1", "kind": "energy", "cases": [{"id": "a", "publisher": "p",
 "device": "h100-sxm-80", "quantities": ["power_w"], )" +
         member + "}]}";
}

std::string refusal(const std::string& text) {
  const auto outcome = scored(text);
  if (outcome) return "accepted";
  std::string all;
  for (const Diagnostic& diagnostic : outcome.errors()) all += to_text(diagnostic) + "\n";
  return all;
}

}  // namespace

TEST_CASE("published energies follow from their hours, watts and PUE") {
  const Outcome outcome = published();
  const ErrorLine& line = outcome.scores.error.at("energy_arithmetic");
  CHECK(line.cases == 14);
  CHECK(line.median_abs < 1e-3);
  CHECK(line.mean_abs < 0.03);
  // arXiv:2503.05804 measured 675 W where the arithmetic takes the limit of 700
  CHECK(error_of(outcome, "olmo2-development", "energy_arithmetic") == Approx(0.037).epsilon(0.01));
  CHECK(line.max_abs == Approx(0.037).epsilon(0.01));
}

TEST_CASE("measured power of training machines") {
  const Outcome outcome = published();
  const ErrorLine& line = outcome.scores.error.at("power_w");
  CHECK(line.cases == 3);
  CHECK(line.median_abs <= 0.15);
  CHECK(line.mean_abs <= 0.15);
}

TEST_CASE("published carbon follows from energy and grid, except where it was misprinted") {
  const Outcome outcome = published();
  CHECK(outcome.scores.error.at("carbon").max_abs < 0.005);
  // arXiv:2211.02001 table 4 lists 352 t for Gopher without its PUE and 70 t for OPT's 324 MWh at 231 g
  CHECK(error_of(outcome, "gopher-280b", "carbon") == Approx(0.08).epsilon(0.02));
  CHECK(error_of(outcome, "opt-175b", "carbon") == Approx(0.165).epsilon(0.01));
  CHECK(noted(outcome, "opt-175b: the published carbon is -14.2 % off"));
  CHECK(noted(outcome, "gopher-280b"));
  CHECK_FALSE(noted(outcome, "bloom-176b"));
  // a grid of 0 g/kWh is taken as stated, and no error relative to nothing is printed
  CHECK(
      std::ranges::any_of(outcome.scores.skipped, [](const Skipped& s) { return s.id == "olmo-7b.mi250x"; }));
}

TEST_CASE("energy from model, tokens and devices alone") {
  const Outcome outcome = published();
  const ErrorLine& line = outcome.scores.error.at("energy_end_to_end");
  CHECK(line.cases == 7);
  CHECK(line.median_abs <= 0.30);
}

TEST_CASE("a card whose carbon is a hundred times too small is doubted") {
  const auto outcome = scored(
      R"({"schema": "scaleplan/cases/1", "kind": "energy", "cases": [{"id": "llama33", "publisher": "p",
 "device": "h100-sxm-80", "quantities": ["energy_arithmetic"], "device_hours": 7e6, "device_tdp_w": 700,
 "energy_kwh": 4.9e6, "operational_tco2e": 12.9}]})");
  REQUIRE(outcome);
  CHECK(noted(*outcome, "llama33: its carbon implies a grid below 5 g/kWh"));
}

TEST_CASE("figures that cannot be are refused at their place") {
  CHECK(refusal(with_member(R"("pue": 0.9)")).find("/cases/0/pue: must be at least 1, got 0.9") !=
        std::string::npos);
  CHECK(
      refusal(with_member(R"("device_tdp_w": -700)")).find("/cases/0/device_tdp_w: must be greater than 0") !=
      std::string::npos);
  CHECK(refusal(with_member(R"("energy_kwh": "much")")).find("/cases/0/energy_kwh: expected a number") !=
        std::string::npos);
  CHECK(refusal(with_member(R"("basis": "node")")).find("/cases/0/basis") != std::string::npos);
}

TEST_CASE("cases that cannot be judged are skipped with the reason") {
  const auto outcome = scored(with_member(R"("avg_system_power_per_device_w": 900, "colour": "red")"));
  REQUIRE(outcome);
  CHECK(outcome->scores.cases.size() == 1);
  CHECK(outcome->ignored.at("colour") == 1);
  const auto none = scored(with_member(R"("pue": null)"));
  REQUIRE(none);
  REQUIRE(none->scores.skipped.size() == 1);
  CHECK(none->scores.skipped.front().reason == "power_w: no measured power");
}
