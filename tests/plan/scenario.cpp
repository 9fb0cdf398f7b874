#include <filesystem>
#include <fstream>
#include <sstream>

#include "support.hpp"

using namespace scaleplan;
using namespace scaleplan::plan;
using namespace scaleplan::plan::test;

namespace {

bool says(const std::string& text, std::initializer_list<const char*> parts) {
  for (const char* part : parts) {
    if (text.find(part) == std::string::npos) {
      UNSCOPED_INFO("missing \"" << part << "\" in:\n" << text);
      return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("a scenario is read in the dimensions of its keys") {
  const Scenario s = scenario(R"(
      "name":"x","objective":"loss","confidence":0.9,"laws":{"loss":{"id":"chinchilla","set":"hoffmann2022"}},
      "budgets":{"train_flop":{"max":"4.2e24","counts":"exact"},"train_time_s":"75d","device_hours":"4.5M","cost_usd":"$12M"},
      "targets":{"loss":{"max":1.95}},
      "data":{"unique_tokens":"6T","max_epochs":4,"repetition_constant":10,"sequence_length":4096},
      "model":{"family":"llama2","params":{"min":"50B","max":"90B"},"experts":[0],"vocabulary":64000,"hidden_multiple_of":256},
      "training":{"precision":["fp8"],"assumed":{"device":"h100-sxm-80","devices":"2k","mfu":"35%","usd_per_device_hour":2.4}},
      "pins":{"tokens":"2T"},"search":{"draws":50,"seed":9,"gap":1e-3,"shape_tolerance":1e-5,"alternatives":2,"near_optimal":0.01},
      "techniques":[],"x-note":"free","$schema":"free")");
  CHECK(s.loss.kind == LossChoice::Kind::catalogue);
  CHECK(s.loss.name == "chinchilla:hoffmann2022");
  REQUIRE(s.budgets.size() == 4);
  CHECK(s.budgets[0].quantity == "train_flop_exact");
  CHECK(s.budgets[0].limit == 4.2e24);
  CHECK(s.budgets[1].limit == 75 * 86400.0);
  CHECK(s.budgets[2].limit == 4.5e6);
  CHECK(s.budgets[3].limit == 12e6);
  CHECK(s.targets.at(0).limit == 1.95);
  CHECK(s.data.unique_tokens->value == 6e12);
  CHECK(s.data.repetition_constant == 10);
  CHECK(s.model.family.id == "llama2");
  CHECK(s.model.family.base.vocabulary == 64000);
  CHECK(s.model.family.hidden_multiple_of == 256);
  CHECK(s.model.experts->value == 1);
  CHECK(s.training->devices == 2000);
  CHECK(s.training->mfu == 0.35);
  CHECK(s.training->precision == "fp8");
  CHECK(s.pinned_tokens->value == 2e12);
  CHECK(s.search.seed == 9);
  CHECK(s.assumed.empty());
}

TEST_CASE("defaults are echoed") {
  const Scenario s = scenario(R"("budgets":{"train_flop":"1e24"})");
  std::vector<std::string> keys;
  for (const Assumed& a : s.assumed) keys.push_back(a.key);
  CHECK(keys == std::vector<std::string>{"laws.loss", "model.family", "data.sequence_length"});
  CHECK(s.loss.name == "chinchilla:epoch240");
  CHECK(s.data.sequence_length == 8192);
}

TEST_CASE("bad values are refused with place and remedy") {
  CHECK(says(refused(R"("budgets":{"train_flop":0})"),
             {"/budgets/train_flop", "scenario.json:1:", "greater than 0"}));
  CHECK(says(refused(R"("budgets":{"train_flop":"7 apples"})"), {"/budgets/train_flop", "apples"}));
  CHECK(says(refused(R"("budgets":{"train_flop":"30d"})"), {"/budgets/train_flop"}));
  CHECK(says(refused(R"("budgets":{"train_time_s":"80GB"})"), {"/budgets/train_time_s"}));
  CHECK(says(refused(R"("budgets":{"train_flops":1e24})"), {"/budgets/train_flops", "train_flop"}));
  CHECK(says(refused(R"("budget":{"train_flop":1e24})"), {"/budget", "budgets"}));
  CHECK(says(refused(R"("budgets":{"loss":2})"), {"/budgets/loss", "targets"}));
  CHECK(says(refused(R"("budgets":{})"), {"/budgets", "nothing bounds"}));
  CHECK(says(refused(""), {"nothing bounds"}));
  CHECK(says(refused(R"("budgets":{"train_flop":1e24},"objective":"los")"), {"/objective", "loss"}));
  CHECK(says(refused(R"("objective":"train_flop","budgets":{"train_flop":1e24})"), {"no target"}));
  CHECK(says(refused(R"("budgets":{"train_time_s":"3d"})"), {"/budgets/train_time_s", "assumed"}));
  CHECK(says(
      refused(R"("budgets":{"cost_usd":"$3M"},"training":{"assumed":{"device":"a100-sxm-80","devices":8}})"),
      {"/budgets/cost_usd", "usd_per_device_hour"}));
  CHECK(says(refused(R"("budgets":{"train_flop":1e24},"training":{"assumed":{"device":"h100","devices":8}})"),
             {"/training/assumed/device", "h100"}));
  CHECK(says(
      refused(R"("budgets":{"train_flop":1e24},"training":{"assumed":{"device":"v100-sxm-32","devices":8}})"),
      {"bf16", "fp16"}));
  CHECK(says(
      refused(
          R"("budgets":{"train_flop":1e24},"training":{"assumed":{"device":"h100-sxm-80","devices":8,"mfu":1.4}})"),
      {"/training/assumed/mfu", "at most 1"}));
  CHECK(says(refused(R"("budgets":{"train_flop":1e24},"model":{"family":"lama3"})"),
             {"/model/family", "llama3"}));
  CHECK(says(refused(R"("budgets":{"train_flop":1e24},"model":{"familly":"llama3"})"),
             {"/model/familly", "family"}));
  CHECK(says(refused(R"("budgets":{"train_flop":1e24},"model":{"params":{"min":"9B","max":"8B"}})"),
             {"/model/params/min"}));
  CHECK(says(refused(R"("budgets":{"train_flop":1e24},"data":{"max_epochs":4})"),
             {"/data/max_epochs", "unique_tokens"}));
  CHECK(says(refused(R"("budgets":{"train_flop":1e24},"confidence":1)"), {"/confidence"}));
  CHECK(says(
      refused(R"("budgets":{"train_flop":1e24},"model":{"experts":100000,"hidden_multiple_of":2097152})"),
      {"/model", "1e18"}));
  CHECK(says(refused(R"("budgets":{"train_flop":{"max":1e24,"counts":"mine"}})"),
             {"/budgets/train_flop/counts"}));
}

TEST_CASE("parts of a scenario that say nothing together are refused by name") {
  const std::string text = refused(R"(
      "budgets":{"train_flop":1e24,"lifetime_cost_usd":"$60M"},"demand":{"lifetime":"18mo"},
      "data":{"stages":[{"name":"x"}]},
      "training":{"sites":{"count":4},"schedule":{"kind":"wd"},"done":{"tokens":5}},
      "laws":{"score":{"id":"x"}},"pins":{"layout.tp":8,"layout.vp":2})");
  CHECK(says(text, {"/demand: the key \"tokens_per_day\"", "/data/stages/0: the key \"tokens\"",
                    "/training/sites: the key \"bandwidth_bytes_per_s\"", "/training/schedule/kind",
                    "/laws/score", "/pins/layout.tp: a pin on machines", "no decision 'layout.vp'"}));
  CHECK(says(refused(R"("objective":"energy_j","budgets":{"train_flop":1e24})"),
             {"energy_j needs to know the machines"}));
}

TEST_CASE("a score is a target through its law") {
  const std::string named =
      R"("laws":{"score":"gadre2024-downstream:redpajama-17-tasks"},"objective":"train_flop",)";
  const Plan plan =
      planned(scenario(named + R"("targets":{"score":{"max":0.5}})"), law("chinchilla:hoffmann2022"));
  REQUIRE(plan.decision);
  CHECK(outcome(plan, "score") == Approx(0.5).epsilon(1e-6));
  // 0.857 − 2.2065·exp(−0.7146·L) = 0.5 (arXiv:2403.08540)
  CHECK(outcome(plan, "loss") == Approx(std::log(2.2065 / 0.357) / 0.7146).epsilon(1e-6));
  CHECK(says(refused(named + R"("targets":{"score":{"max":0.9}})"), {"has no loss with a score of 0.9"}));
  CHECK(says(refused(R"("objective":"train_flop","targets":{"score":{"min":0.5}})"), {"which score?"}));
  CHECK(says(refused(R"("laws":{"score":"chinchilla"},"budgets":{"train_flop":1e24})"),
             {"no law of a score over the loss alone"}));
}

TEST_CASE("lists of vocabularies and experts are enumerated") {
  const Plan one = planned(R"("budgets":{"train_flop":1e22},"model":{"vocabulary":32000})");
  const Plan two = planned(R"("budgets":{"train_flop":1e22},"model":{"vocabulary":[256000,32000]})");
  REQUIRE(two.decision);
  // a law of total parameters and no vocabulary: neither can lose to being one of two
  CHECK(two.certificate->value <= one.certificate->value + 1e-15);
  REQUIRE(!two.alternatives.empty());
  CHECK(two.alternatives.front().shape.vocabulary != two.decision->shape.vocabulary);
}

TEST_CASE("schema and kind are checked") {
  for (const char* text :
       {R"({"schema":"scaleplan/scenario/9"})", R"({"schema":"scaleplan/policy/1"})", "{}", "[]", "7"}) {
    auto document = json::parse(text, "s.json");
    REQUIRE(document);
    INFO(text);
    CHECK(!read_scenario(*document, catalogue));
  }
}

TEST_CASE("settings change a scenario before it is read") {
  auto document =
      json::parse(R"({"schema":"scaleplan/scenario/1","budgets":{"train_flop":"1e24"},"oops":1})", "s.json");
  REQUIRE(document);
  auto changed = with_settings(
      *document, {"budgets.train_flop=5.76e23", "data.unique_tokens=25e9", "name=a=b", "laws.loss.group=web",
                  "pins.layout.tp=8", "model.experts=[8]", "budgets.train_time_s=75d"});
  REQUIRE(changed);
  const json::Value& root = changed->root();
  CHECK(root.find("budgets")->find("train_flop")->number() == 5.76e23);
  CHECK(root.find("budgets")->find("train_time_s")->string() == "75d");
  CHECK(root.find("data")->find("unique_tokens")->number() == 25e9);
  CHECK(root.find("name")->string() == "a=b");
  CHECK(root.find("pins")->find("layout.tp")->number() == 8);
  CHECK(root.find("model")->find("experts")->array().size() == 1);
  CHECK(document->root().find("name") == nullptr);  // the original stays
  // places of what was written survive, and settings have none
  Result<Scenario> read = read_scenario(*changed, catalogue);
  REQUIRE(!read);
  CHECK(says(all(read.errors()), {"s.json:1:", "/oops", "/pins/layout.tp"}));

  auto bad = with_settings(*document, {"budgets", "=3", "a..b=1", "budgets.train_flop.max=3"});
  REQUIRE(!bad);
  CHECK(bad.errors().size() == 4);
  CHECK(says(all(bad.errors()), {"--set", "\"budgets\"", "\"=3\"", "\"a..b=1\"", "train_flop is a string"}));
}

TEST_CASE("a scenario that names a fit keeps its path for the caller") {
  const Scenario s =
      scenario(R"("budgets":{"train_flop":1e24},"laws":{"loss":{"fit":"small.fit.json","group":"web"}})");
  CHECK(s.loss.kind == LossChoice::Kind::fit);
  CHECK(s.loss.path == "small.fit.json");
  CHECK(s.loss.group == "web");
  CHECK(says(refused(R"("budgets":{"train_flop":1e24},"laws":{"loss":{"fit":"a","id":"b"}})"),
             {"/laws/loss/fit"}));
}

TEST_CASE("an unknown law is named at its place") {
  const Scenario s = scenario(R"("budgets":{"train_flop":1e24},"laws":{"loss":"chinchila"})");
  Result<fit::Predictor> predictor = find_predictor(s, catalogue);
  REQUIRE(!predictor);
  CHECK(says(all(predictor.errors()), {"/laws/loss", "chinchilla"}));
}

TEST_CASE("every scenario in configs reads and plans") {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(PROJECT_DIR "/configs")) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path());
    std::stringstream text;
    text << file.rdbuf();
    auto document = json::parse(text.str(), entry.path().filename().string());
    REQUIRE(document);
    const json::Value* schema = document->root().find("schema");
    if (schema == nullptr || schema->string().find("/scenario/") == std::string::npos) continue;
    INFO(entry.path().filename().string());
    ++count;
    Result<Scenario> read = read_scenario(*document, catalogue);
    if (!read) FAIL(all(read.errors()));
    Result<fit::Predictor> predictor = find_predictor(*read, catalogue);
    if (!predictor) FAIL(all(predictor.errors()));
    const Plan plan = planned(*read, *predictor);
    // the bound on machines is that of their best multiplications, far from what layouts reach
    CHECK((plan.status == Status::optimal || (read->fleet && plan.status == Status::feasible)));
    CHECK(plan.name == entry.path().stem().string());
  }
  CHECK(count >= 5);
  auto embedded = json::parse(std::string(json::Catalogue::default_scenario()), "default");
  REQUIRE(embedded);
  CHECK(read_scenario(*embedded, catalogue));
}
