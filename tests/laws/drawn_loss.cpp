#include "scaleplan/laws/drawn_loss.hpp"

#include <catch2/catch.hpp>

#include <cmath>

#include "laws/support.hpp"
#include "scaleplan/laws/allocation.hpp"

namespace scaleplan::laws {

TEST_CASE("losses under many draws are those of one draw at a time", "[drawn]") {
  const Law law = catalogue_law("chinchilla");
  const Set* set = law.find_set("epoch240");
  REQUIRE(set != nullptr);
  REQUIRE(set->draws.size() > 65);
  const Allocator one(law, {});
  // less than a block, a whole one, and some of the next
  for (const std::size_t count : {std::size_t{3}, std::size_t{64}, std::size_t{65}, set->draws.size()}) {
    const std::vector<std::vector<double>> draws(set->draws.begin(),
                                                 set->draws.begin() + static_cast<std::ptrdiff_t>(count));
    const DrawnLoss all(law, {}, draws);
    REQUIRE(all.draws() == count);
    std::vector<double> losses(count);
    for (const auto& [size, tokens] : {std::pair(1e9, 2e10), std::pair(7e10, 1.4e12)}) {
      all.at(size, tokens, losses);
      for (std::size_t k = 0; k < count; ++k) CHECK(losses[k] == one.loss(draws[k], size, tokens));
    }
  }
}

TEST_CASE("losses at many points are those of one point at a time", "[drawn]") {
  const Law law = catalogue_law("chinchilla");
  const Set* set = law.find_set("epoch240");
  REQUIRE(set != nullptr);
  const Allocator one(law, {});
  std::vector<double> sizes;
  std::vector<double> tokens;
  for (int i = 0; i < 70; ++i) {
    sizes.push_back(1e8 * std::exp(0.1 * i));
    tokens.push_back(1e12 * std::exp(-0.05 * i));
  }
  std::vector<double> losses(sizes.size());
  one.losses(set->values, sizes, tokens, losses);
  for (std::size_t i = 0; i < sizes.size(); ++i)
    CHECK(losses[i] == one.loss(set->values, sizes[i], tokens[i]));
}

}  // namespace scaleplan::laws
