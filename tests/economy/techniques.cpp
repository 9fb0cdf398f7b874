#include "scaleplan/economy/techniques.hpp"

#include "economy/support.hpp"

using namespace scaleplan;
using namespace scaleplan::economy;

namespace {

Result<TechniqueEffects> effects(const std::vector<std::string>& ids,
                                 const std::map<std::string, double>& inputs = {}) {
  std::vector<terms::Chosen> chosen;
  for (const std::string& id : ids) {
    auto technique = terms::find_technique(json::Catalogue(), id);
    REQUIRE(technique);
    chosen.push_back({*technique, {}});
  }
  const auto stack = terms::Stack::combine(std::move(chosen));
  REQUIRE(stack);
  return technique_effects(*stack, {1.2, 4, 1}, inputs);
}

}  // namespace

TEST_CASE("oversubscribed rows carry a third more servers under the same limit") {
  // POLCA, arXiv:2308.12908: 40 servers on a row become 52
  const auto polca = effects({"polca"});
  REQUIRE(polca);
  const Watts row = 40 * Watts(6500);
  CHECK(nodes_on(row, Watts(6500)) == 40);
  CHECK(nodes_on(row, Watts(6500), polca->facility.peak_fraction) == 52);
  CHECK(polca->facility.pue == 1.2);
  const auto plain = effects({"polca.peak-training"});
  CHECK(peaks(plain->facility, node_power("dgx-h100"), {}, 100).site.raw() ==
        Approx(1.2 * 0.97 * 100 * 10200));
}

TEST_CASE("cooling, energy and price change by their terms") {
  const auto cooled = effects({"pydcm.pue"}, {{"cop", 3}, {"fan_fraction", 0.05}});
  REQUIRE(cooled);
  CHECK(cooled->facility.pue == Approx(1.3833).epsilon(1e-4));
  CHECK(effects({"gpu-clock-1600"})->energy == Approx(0.8));
  const auto cheap = effects({"fire-flyer.cost"});  // half the price, a quarter slower (arXiv:2408.14158)
  CHECK(cheap->device_price == 0.5);
  CHECK(cheap->steps.size() == 1);
  CHECK(effects({})->steps.empty());
}

TEST_CASE("what no site can be is refused") {
  const auto better = effects({"pydcm.pue"}, {{"cop", -3}, {"fan_fraction", 0.05}});
  REQUIRE_FALSE(better);
  CHECK(to_text(better.errors().front()).find("facility_overhead becomes") == 0);
  const auto lacking = effects({"pydcm.pue"}, {{"cop", 3}});
  REQUIRE_FALSE(lacking);
  CHECK(to_text(lacking.errors().front()).find("needs fan_fraction") != std::string::npos);
}
