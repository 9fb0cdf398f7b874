#include <catch2/catch.hpp>

#include "scaleplan/gate/policy.hpp"
#include "scaleplan/gate/rule.hpp"

namespace scaleplan::gate {

namespace {

Result<Policy> read(const std::string& members) {
  auto document = json::parse(R"({"schema":"scaleplan/policy/1")" + members + "}", "policy.json");
  if (!document) return document.errors();
  return read_policy(*document);
}

std::string refused(const std::string& members) {
  const Result<Policy> found = read(members);
  if (found) FAIL("accepted: " << members);
  std::string text;
  for (const Diagnostic& each : found.errors()) text += to_text(each) + "\n";
  return text;
}

}  // namespace

TEST_CASE("patterns keep to a folder unless they are told to cross", "[gate]") {
  CHECK(matches("configs/70b/*.toml", "configs/70b/a.toml"));
  CHECK_FALSE(matches("configs/70b/*.toml", "configs/70b/old/a.toml"));
  CHECK(matches("configs/**/*.toml", "configs/70b/old/a.toml"));
  CHECK(matches("configs/**/*.toml", "configs/a.toml"));
  CHECK(matches("**", "configs/a.toml"));
  CHECK(matches("**/a.toml", "a.toml"));
  CHECK(matches("?.toml", "a.toml"));
  CHECK_FALSE(matches("configs?a.toml", "configs/a.toml"));
  CHECK_FALSE(matches("*.toml", "a.toml.bak"));
  CHECK_FALSE(matches("", "a"));
  CHECK(matches("a*b*c", "aXbXbXc"));
  CHECK_FALSE(matches("a*b*c", "aXbX/bXc"));
  // a pattern of many stars on a long path is still quick
  CHECK_FALSE(matches("**a**a**a**a**a**a**a**b", std::string(2000, 'a')));
}

TEST_CASE("dates are those of the calendar", "[gate]") {
  CHECK(is_date("2026-03-31"));
  CHECK(is_date("2024-02-29"));
  CHECK_FALSE(is_date("2026-02-29"));
  CHECK_FALSE(is_date("2026-3-31"));
  CHECK_FALSE(is_date("2026-03-31T"));
  CHECK_FALSE(is_date("2026/03/31"));
  CHECK_FALSE(is_date("20a6-03-31"));
}

TEST_CASE("a policy of every part reads", "[gate]") {
  const Result<Policy> policy = read(R"(,"confidence":0.9,"fail_on":"warning","unknown":"off",
    "requires":{"scenario":"prod.json","catalogue":"1.4","fit_sha256":")" +
                                     std::string(64, 'a') + R"("},
    "rules":{"SP101":{"severity":"error","headroom":0.05},"SP402":"off","x-note":"free"},
    "suppressions":[{"rule":"SP202","file":"*.toml","reason":"ramp approved","expires":"2026-03-31"}])");
  REQUIRE(policy);
  CHECK(policy->fail_on == Level::warning);
  CHECK(policy->unknown == Level::off);
  CHECK(policy->rules.at("SP101").numbers.at("headroom") == 0.05);
  CHECK(policy->rules.at("SP402").level == Level::off);
  CHECK(policy->pins.scenario == "prod.json");
  CHECK(policy->suppressions.front().place.line == 4);
}

TEST_CASE("a policy that says nonsense is refused at its place", "[gate]") {
  const auto has = [](const std::string& text, const std::string& part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
  };
  has(refused(R"(,"rules":{"SP999":"off"})"), "/rules/SP999: there is no rule SP999");
  has(refused(R"(,"rules":{"SP101":"fatal"})"), "/rules/SP101");
  has(refused(R"(,"rules":{"SP101":{"headrom":0.1}})"), "headroom");
  has(refused(R"(,"rules":{"SP101":{"headroom":1.1}})"), "/rules/SP101/headroom");
  has(refused(R"(,"confidence":1)"), "/confidence");
  has(refused(R"(,"fail_on":"off")"), "never closes");
  has(refused(R"(,"requires":{"fit_sha256":"9f2c"})"), "no SHA-256");
  has(refused(R"(,"suppressions":[{"rule":"SP202","reason":"x"}])"), "expires");
  has(refused(R"(,"suppressions":[{"rule":"SP202","reason":" ","expires":"2026-01-01"}])"),
      "without a reason");
  has(refused(R"(,"suppressions":[{"rule":"SP202","reason":"x","expires":"soon"}])"), "no date");
  has(refused(
          R"(,"allow_suppressions":false,"suppressions":[{"rule":"SP202","reason":"x","expires":"2026-01-01"}])"),
      "allows no suppressions");
  has(refused(R"(,"polcy":1)"), "polcy");
}

TEST_CASE("every rule has its own id and a whole page", "[gate]") {
  std::string last;
  for (const Rule* rule : rules()) {
    INFO(rule->id);
    CHECK(std::string(rule->id) > last);
    last = rule->id;
    for (std::string_view text : {rule->name, rule->summary, rule->fires, rule->needs, rule->remedy}) {
      CHECK_FALSE(text.empty());
    }
    CHECK((rule->judge != nullptr) == (rule->id != "SP602"));
    for (const Parameter& parameter : rule->parameters) {
      CHECK(parameter.fallback >= parameter.minimum);
      CHECK(parameter.fallback <= parameter.maximum);
    }
  }
}

}  // namespace scaleplan::gate
