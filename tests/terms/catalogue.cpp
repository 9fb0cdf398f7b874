#include <algorithm>
#include <cmath>
#include <set>

#include "scaleplan/terms/term.hpp"
#include "terms/support.hpp"

using namespace scaleplan;
using namespace scaleplan::terms;

namespace {

const json::Catalogue catalogue;

std::vector<Technique> all_techniques() {
  std::vector<Technique> all;
  for (const std::string& id : catalogue.ids("techniques")) all.push_back(technique(id));
  return all;
}

/// Worst error of the checks over their tolerance.
double worst(const Technique& technique) {
  double most = 0;
  for (const TechniqueCheck& check : technique.checks) {
    const double error = check_error(technique, check);
    most = std::isnan(error) ? HUGE_VAL : std::max(most, error / check.tolerance_rel);
  }
  return most;
}

}  // namespace

TEST_CASE("every technique of the catalogue is complete") {
  const std::vector<Technique> all = all_techniques();
  REQUIRE(all.size() >= 160);
  CHECK(std::ranges::is_sorted(requirement_fields()));
  std::set<std::string> fields;
  for (const Technique& each : all) {
    INFO(each.id);
    CHECK(catalogue.find("techniques", each.id));
    CHECK((each.source.starts_with("arXiv:") || each.source.starts_with("doi:")));
    CHECK_FALSE(each.title.empty());
    CHECK_FALSE(each.evidence.empty());
    REQUIRE_FALSE(each.checks.empty());
    CHECK((each.evidence.find("memory") != 0 || !each.verified));
    CHECK((each.evidence.find("secondary") == std::string::npos || !each.verified));
    for (const Effect& effect : each.effects) {
      // what is planned on is the careful end of what was published
      if (effect.range && effect.value && each.use == Use::plan) {
        CHECK(*effect.value >= effect.range->first);
        CHECK(*effect.value <= effect.range->second);
      }
    }
    for (const Requirement& requirement : each.requirements) fields.insert(requirement.field);
  }
  CHECK(fields == std::set<std::string>(requirement_fields().begin(), requirement_fields().end()));
}

TEST_CASE("published numbers come out of every technique") {
  for (const Technique& each : all_techniques()) {
    INFO(each.id);
    CHECK(worst(each) <= 1);
  }
}

TEST_CASE("a check fails when the size of an effect is off by one percent") {
  for (const Technique& each : all_techniques()) {
    for (std::size_t i = 0; i < each.effects.size(); ++i) {
      Technique changed = each;
      Effect& effect = changed.effects[i];
      if (effect.value) {
        effect.value = *effect.value == 0 ? 0.01 : 1.01 * *effect.value;
      } else {
        effect.formula = expr::Expression::constant(1.01) * effect.formula;
      }
      INFO(each.id << " " << effect.term);
      CHECK(worst(changed) > 1);
    }
  }
}

TEST_CASE("exclusions are mutual and name techniques that exist") {
  for (const Technique& each : all_techniques()) {
    for (const std::string& other : each.excludes) {
      INFO(each.id << " excludes " << other);
      const Technique found = technique(other);
      CHECK(std::ranges::find(found.excludes, each.id) != found.excludes.end());
      CHECK(other != each.id);
    }
  }
}

TEST_CASE("rephrasing pays for the tokens that it writes") {
  // arXiv:2401.16380: 85e9 tokens at 3e6 an A100-hour
  const auto hours = stack({"wrap"}).apply("dataset_preparation_cost", 0, {{"rephrased_tokens", 85e9}});
  REQUIRE(hours);
  CHECK(hours->value == Approx(28333).epsilon(1e-4));
  CHECK(hours->steps.front().cost);
}
