#include "scaleplan/gate/rule.hpp"

#include <cmath>

#include "support.hpp"

namespace scaleplan::gate::test {

namespace {

const std::string machines =
    R"("training":{"clusters":[{"id":"dgx-h100","devices":8,"region":"us-or","pue":1.2,)"
    R"("usd_per_device_hour":2.0}]})";

}  // namespace

TEST_CASE("a sound run passes every rule that its scenario allows to judge", "[gate]") {
  const Findings findings =
      checked(small_run(), setting_of(R"("budgets":{"train_time_s":"60d","cost_usd":1e5},)" + machines));
  CHECK(findings.status == Status::pass);
  for (const char* rule : {"SP101", "SP102", "SP201", "SP202", "SP301", "SP302", "SP402", "SP403"}) {
    INFO(rule);
    CHECK(state(findings, rule) == State::passed);
  }
  CHECK(state(findings, "SP203") == State::not_checked);  // it says no learning rate
  CHECK(state(findings, "SP404") == State::not_applicable);
  CHECK(state(findings, "SP602") == State::passed);
}

TEST_CASE("each budget fires on its own, with what is used and allowed", "[gate]") {
  struct Case {
    const char* rule;
    std::string budget;
    double limit;
  };
  for (const Case& c :
       {Case{"SP401", R"("train_flop":"1e20")", 1e20}, Case{"SP402", R"("train_time_s":"1h")", 3600},
        Case{"SP402", R"("device_hours":10)", 10}, Case{"SP403", R"("cost_usd":10)", 10},
        Case{"SP404", R"("energy_j":"1kWh")", 3.6e6}, Case{"SP405", R"("carbon_g":"1kg")", 1000},
        Case{"SP406", R"("train_flop":1e25,"site_peak_power_w":"5kW")", 5000}}) {
    INFO(c.rule << " " << c.budget);
    const Findings findings = checked(small_run(), setting_of(R"("budgets":{)" + c.budget + "}," + machines));
    CHECK(findings.status == Status::fail);
    const Finding* finding = find(findings, c.rule);
    REQUIRE(finding != nullptr);
    CHECK(finding->limit == c.limit);
    CHECK(finding->value > c.limit);
    CHECK(finding->severity == Level::error);
  }
}

TEST_CASE("time is judged at the confidence of the scenario", "[gate]") {
  Setting setting = setting_of(R"("budgets":{"train_time_s":"60d"},)" + machines);
  setting.scenario.confidence = 0.9;
  const plan::Evaluation clean = checked(small_run(), setting).proposals.front().evaluation;
  double time = 0;
  double high = 0;
  for (const plan::Outcome& outcome : clean.plan.outcomes) {
    if (outcome.quantity->key == "train_time_s") {
      time = *outcome.value;
      high = outcome.interval.high;
    }
  }
  REQUIRE(high > time * 1.02);
  // above the point estimate, below what nine draws in ten keep
  setting.scenario.budgets.front().limit = time * 1.01;
  CHECK(find(checked(small_run(), setting), "SP402") != nullptr);
  setting.scenario.confidence.reset();
  CHECK(find(checked(small_run(), setting), "SP402") == nullptr);
}

TEST_CASE("memory, layout, batch, rate and split fire where they are wrong", "[gate]") {
  const Setting setting = setting_of(R"("budgets":{"train_time_s":"600d"},)" + machines);
  model::Proposal run = small_run();
  run.layout->micro_batch = 16;
  const Findings memory = checked(run, setting);
  REQUIRE(find(memory, "SP101") != nullptr);
  CHECK(find(memory, "SP101")->place.pointer == "/layout");
  CHECK(state(memory, "SP102") == State::passed);

  run = small_run();
  run.layout->dp = 1;
  run.layout->tp = 8;  // four groups of keys and values
  run.shape->kv_heads = 4;
  run.shape->heads = 12;
  const Findings layout = checked(run, setting);
  REQUIRE(find(layout, "SP102") != nullptr);
  CHECK(state(layout, "SP101") == State::not_checked);

  run = small_run();
  run.batch_tokens = std::int64_t{8} * 2048 * 4096;
  const Findings batch = checked(run, setting);
  REQUIRE(find(batch, "SP202") != nullptr);
  CHECK(find(batch, "SP202")->severity == Level::warning);
  CHECK(find(batch, "SP202")->place.pointer == "/batch_tokens");

  run = small_run();
  run.learning_rate = 0.05;
  const Findings rate = checked(run, setting);
  REQUIRE(find(rate, "SP203") != nullptr);
  CHECK(find(rate, "SP203")->place.line == 3);

  run = small_run();
  run.tokens = 1e9;
  const Findings split = checked(run, setting);
  REQUIRE(find(split, "SP201") != nullptr);
  CHECK(find(split, "SP201")->place.line == 11);
  CHECK(find(split, "SP201")->limit == 0.005);
  CHECK(split.status == Status::fail);
}

TEST_CASE("sizes 2.5 times apart at the same compute are equally good: the rule looks at the loss",
          "[gate]") {
  const Setting setting =
      setting_of(R"("budgets":{"train_flop":1e25})", R"("rules":{"SP201":{"max_regret":0.012}})");
  const auto params = [](const model::Shape& shape) {
    return static_cast<double>(model::count_parameters(shape).total);
  };
  const double compute = params(*small_run().shape) * 24e9;
  const double best = checked(small_run(), setting).proposals.front().evaluation.regret->best_size;
  std::vector<double> sizes;
  std::vector<double> regrets;
  for (double wanted : {best / std::sqrt(2.5), best * std::sqrt(2.5)}) {
    model::Proposal run = small_run();
    while (params(*run.shape) > wanted) --run.shape->layers;
    while (params(*run.shape) < wanted) ++run.shape->layers;
    sizes.push_back(params(*run.shape));
    run.tokens = compute / sizes.back();
    run.batch_tokens = std::int64_t{32} * 4096;  // below the reference batch: costs nothing
    const Findings findings = checked(run, setting);
    CHECK(find(findings, "SP201") == nullptr);
    regrets.push_back(findings.proposals.front().evaluation.regret->nats);
    CHECK(regrets.back() > 0.005);  // at 1.6e20 FLOP
  }
  CHECK(sizes[1] / sizes[0] > 2.4);
  CHECK(std::abs(regrets[1] - regrets[0]) < 1e-3 * 2.5);  // a thousandth of the loss
}

TEST_CASE("repetition, extrapolation, targets and the trust in a fit", "[gate]") {
  Setting setting =
      setting_of(R"("budgets":{"train_flop":1e25},"data":{"unique_tokens":"2B"},"targets":{"loss":2.0})",
                 R"("rules":{"SP301":{"decades":0.5}})");
  model::Proposal run = small_run();
  const Findings findings = checked(run, setting);
  REQUIRE(find(findings, "SP204") != nullptr);
  CHECK(find(findings, "SP204")->value == Approx(12));
  CHECK(find(findings, "SP204")->limit == 4);
  REQUIRE(find(findings, "SP205") != nullptr);
  CHECK(find(findings, "SP205")->limit == 2.0);
  run.shape->layers = 80;
  run.shape->hidden = 8192;
  run.shape->heads = 64;
  run.tokens = 2e12;
  setting.loss.caveat = "not-identified: alpha and beta cannot be told apart";
  const Findings far = checked(run, setting);
  REQUIRE(find(far, "SP301") != nullptr);
  CHECK(find(far, "SP301")->limit == 0.5);
  REQUIRE(find(far, "SP302") != nullptr);
  CHECK(find(far, "SP302")->message.find("alpha and beta") != std::string::npos);
}

TEST_CASE("drift is told by the digest of the fit and the version of the catalogue", "[gate]") {
  Setting setting =
      setting_of(R"("budgets":{"train_flop":1e25})",
                 R"("requires":{"catalogue":"0.0.1","fit_sha256":")" + std::string(64, 'a') + R"("})");
  const Findings findings = checked(small_run(), setting);
  REQUIRE(find(findings, "SP601") != nullptr);
  CHECK(find(findings, "SP601")->place.file == "policy.json");
  setting.loss_digest = std::string(64, 'a');
  setting.policy.pins.catalogue.clear();
  CHECK(state(checked(small_run(), setting), "SP601") == State::passed);
  Candidate plan{small_run(), "run.json", Reference{"run.json", {{"loss", 2}}, "", "kaplan2020", ""}};
  const Findings drifted = checked({plan}, setting);
  REQUIRE(find(drifted, "SP601") != nullptr);
  CHECK(find(drifted, "SP601")->message.find("kaplan2020") != std::string::npos);
}

TEST_CASE("a plan to compare with lists every difference, and its utilisation is the bar", "[gate]") {
  Setting setting = setting_of(R"("budgets":{"train_time_s":"60d"},)" + machines);
  setting.against = Reference{"plan.json", {{"loss", 2.4}, {"mfu", 0.9}, {"cost_usd", 1e5}}, "", "", ""};
  const Findings findings = checked(small_run(), setting);
  CHECK(findings.proposals.front().differences.size() == 3);
  REQUIRE(find(findings, "SP103") != nullptr);
  CHECK(find(findings, "SP103")->value < find(findings, "SP103")->limit);
  for (const Difference& difference : findings.proposals.front().differences) {
    CHECK(difference.relative() == Approx(difference.proposed / difference.planned - 1));
  }
}

TEST_CASE("what a reader did not understand is told at its place", "[gate]") {
  model::Proposal run = small_run();
  run.notices.push_back({"flag --mystery may change the cost and is not understood", {"train.sh", 9, 1, ""}});
  const Findings findings = checked(run, setting_of(R"("budgets":{"train_flop":1e25})"));
  REQUIRE(find(findings, "SP303") != nullptr);
  CHECK(find(findings, "SP303")->place.line == 9);
  CHECK(find(findings, "SP303")->severity == Level::note);
}

}  // namespace scaleplan::gate::test
