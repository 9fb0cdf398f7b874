#include "economy/support.hpp"
#include "scaleplan/economy/carbon.hpp"

using namespace scaleplan;
using namespace scaleplan::economy;

namespace {

const json::Catalogue catalogue;

std::string refusal(const std::string& intensity) {
  const auto document =
      json::parse(R"({"schema": "scaleplan/region/1", "id": "x", "title": "X", "kind": "country",
 "basis": "location", "source": "s", "verified": true, "intensity": )" +
                      intensity + "}",
                  "x.json");
  REQUIRE(document);
  const auto region = read_region(*document);
  REQUIRE_FALSE(region);
  std::string text;
  for (const Diagnostic& diagnostic : region.errors()) text += to_text(diagnostic) + "\n";
  return text;
}

}  // namespace

TEST_CASE("every region reads and states its figure's year or that there is none") {
  REQUIRE(catalogue.ids("regions").size() >= 320);
  for (const std::string& id : catalogue.ids("regions")) {
    INFO(id);
    const auto region = find_region(catalogue, id);
    REQUIRE(region);
    CHECK(region->id == id);
    CHECK(region->source.starts_with("https://"));
    const auto newest = region->at();
    REQUIRE(newest);
    // only the cloud regions' source leaves the year out
    CHECK((newest->year.has_value() || region->kind == "cloud-region"));
    CHECK(newest->carbon < grams_per_kwh(1500));  // oil burnt in small plants
    CHECK((newest->carbon >= grams_per_kwh(1) || !region->verified));
  }
}

TEST_CASE("figures of well-known grids") {
  const auto newest = [](const char* id) { return *find_region(catalogue, id)->at(); };
  CHECK(newest("world").carbon / grams_per_kwh(475) == Approx(1));  // IEA, 2018
  CHECK(newest("world").year == 2018);
  CHECK(newest("us-or").year == 2016);
  // grids differ by more than 30 times
  CHECK(newest("pol").carbon > 30 * newest("zone-se1").carbon);
  CHECK_FALSE(find_region(catalogue, "world")->at(1999));
  CHECK(find_region(catalogue, "world")->at(2018));
}

TEST_CASE("an unknown region suggests the nearest") {
  const auto none = find_region(catalogue, "us-ore");
  REQUIRE_FALSE(none);
  CHECK(to_text(none.errors().front()).find("did you mean \"us-or\"") != std::string::npos);
}

TEST_CASE("regions without usable data are refused at their place") {
  CHECK(refusal("[]").find("/intensity: a region without data") != std::string::npos);
  CHECK(refusal(R"([{"year": 2022, "g_per_kwh": -1}])").find("/intensity/0/g_per_kwh: must be at least 0") !=
        std::string::npos);
  CHECK(refusal(R"([{"year": 2022}])").find("\"g_per_kwh\" is missing") != std::string::npos);
  CHECK(refusal(R"([{"year": 2022, "g_per_kwh": 1}, {"year": 2022, "g_per_kwh": 2}])").find("stands twice") !=
        std::string::npos);
  CHECK(refusal(R"([{"year": 2022, "g_per_kWh": 400}])").find("did you mean \"g_per_kwh\"") !=
        std::string::npos);
}
