#include "terms/support.hpp"

using namespace scaleplan;
using namespace scaleplan::terms;

namespace {

std::string refusal(const std::string& members) {
  const auto document = json::parse(R"({"schema": "scaleplan/technique/1", "id": "x", "title": "X",
 "source": "arXiv:1", "kind": "technique", "evidence": "read", )" +
                                        members + "}",
                                    "x.json");
  INFO((document ? "" : all_text(document.errors())));
  REQUIRE(document);
  const auto technique = read_technique(*document);
  return technique ? "accepted" : all_text(technique.errors());
}

bool says(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

const std::string plain = R"("use": "plan", "verified": true, )";

}  // namespace

TEST_CASE("a technique file is read strictly, every error with its place") {
  CHECK(refusal(plain + R"("effects": [{"term": "train_flop", "op": "multiply", "value": 0.5}])") ==
        "accepted");
  const std::string many =
      refusal(plain + R"("efects": [], "effects": [{"term": "train_flops", "op": "divide", "value": 1}])");
  CHECK(says(many, "unknown key \"efects\""));
  CHECK(says(many, "/effects/0/term: no term \"train_flops\"; did you mean \"train_flop\"?"));
  CHECK(says(many, "/effects/0/op: expected one of \"set\""));
  CHECK(says(refusal(plain + R"("effects": [])"), "a technique without an effect"));
  CHECK(says(refusal(plain + R"("effects": [{"term": "kv_bytes", "op": "multiply"}])"), "changes nothing"));
  CHECK(
      says(refusal(plain + R"("effects": [{"term": "kv_bytes", "op": "set", "value": "bits/8"}])"), "bits"));
  CHECK(says(refusal(plain + R"("effects": [{"term": "kv_bytes", "op": "replace_formula", "value": 2}])"),
             "needs an expression"));
  CHECK(says(refusal(plain + R"("effects": [{"term": "mfu", "op": "set", "value": 0.4}])"),
             "mfu is never planned on"));
  CHECK(says(refusal(R"("use": "reference", "verified": true,
 "effects": [{"term": "mfu", "op": "set", "value": 0.4}])"),
             "\"why_not\" is missing"));
}

TEST_CASE("requirements are fields of a plan") {
  const std::string effects = plain + R"("effects": [{"term": "kv_bytes", "op": "multiply", "value": 0.5}],)";
  CHECK(says(refusal(effects + R"("requires": {"devces_min": 8})"), "did you mean \"devices\"?"));
  CHECK(says(refusal(effects + R"("requires": {"devices_min": "many"})"), "a bound is one number"));
  CHECK(says(refusal(effects + R"("requires": {"device": {}})"), "a word, a number"));
  CHECK(refusal(effects + R"("requires": {"device": ["a", "b"], "devices_min": 8, "moe": 1})") != "accepted");
}

TEST_CASE("checks that cannot fail and unknown results are refused") {
  const std::string effects = plain + R"("effects": [{"term": "kv_bytes", "op": "multiply", "value": 0.5}],)";
  CHECK(says(refusal(effects + R"("checks": [{"in": {}, "out": {}}])"), "cannot fail"));
  CHECK(says(refusal(effects + R"("checks": [{"in": {}, "out": {"kv_byte": 1}}])"),
             "no result \"kv_byte\"; did you mean \"kv_bytes\"?"));
  CHECK(
      says(refusal(effects + R"("checks": [{"in": {}, "derived": {"x": "1/kv"}, "out": {"x": 2}}])"), "kv"));
  CHECK(says(refusal(effects + R"("checks": [{"in": {}, "out": {"kv_bytes": 1}, "tolerance_rel": 1}])"),
             "at most 0.05"));
}

TEST_CASE("what was remembered is not verified") {
  const auto document = json::parse(R"({"schema": "scaleplan/technique/1", "id": "x", "title": "X",
 "source": "arXiv:1", "kind": "technique", "use": "plan", "evidence": "memory", "verified": true,
 "effects": [{"term": "kv_bytes", "op": "multiply", "value": 0.5}]})",
                                    "x.json");
  REQUIRE(document);
  const auto technique = read_technique(*document);
  REQUIRE_FALSE(technique);
  CHECK(says(all_text(technique.errors()), "/verified: what was remembered is not verified"));
}

TEST_CASE("an unknown technique suggests the nearest") {
  const auto none = find_technique(json::Catalogue(), "pagedatention");
  REQUIRE_FALSE(none);
  CHECK(says(all_text(none.errors()), "did you mean \"pagedattention\"?"));
}

TEST_CASE("a technique asks the plan for its conditions") {
  const Technique muon = technique("muon");
  CHECK(applicability(muon, {{"baseline", std::string("adamw")}, {"phase", std::string("pretraining")}})
            .unmet.empty());
  const Applicability none = applicability(muon, {{"baseline", std::string("sgd")}});
  REQUIRE(none.unmet.size() == 1);
  CHECK(none.unmet.front() == "muon asks for baseline adamw, and the plan has sgd");
  CHECK(none.unknown == std::vector<std::string>{"phase"});
  const Technique pathways = technique("pathways");
  CHECK(applicability(pathways, {{"devices", 2048.0}}).unmet.empty());
  CHECK(applicability(pathways, {{"devices", 2049.0}}).unmet.front() ==
        "pathways asks for devices at most 2048, and the plan has 2049");
  CHECK(
      applicability(technique("zero-infinity.efficiency"), {{"offload", std::string("nvme")}}).unmet.empty());
  CHECK(applicability(technique("silo.gap"), {{"datastore", false}}).unmet.size() == 1);
}
