#include "plan/machines.hpp"

#include "plan/option.hpp"
#include "support.hpp"

namespace scaleplan::plan::test {

namespace {

// Members of a scenario: a small family of sizes on one or two nodes.
std::string fleet(const std::string& budgets, const std::string& entry = {}, const std::string& rest = {}) {
  return R"("budgets":{)" + budgets +
         R"(},"model":{"params":{"min":"0.9B","max":"1.3B"}},)"
         R"("data":{"sequence_length":4096},"search":{"shape_tolerance":0},)"
         R"("training":{"clusters":[{"id":"dgx-h100","devices":[8,16],"region":"us-or","pue":1.2,)"
         R"("usd_per_device_hour":2.0)" +
         entry + R"(}],"layouts":{"engine":"megatron"})" + rest + "}";
}

const Constraint* find_constraint(const Plan& plan, const std::string& name) {
  for (const Constraint& c : plan.constraints) {
    if (c.name == name) return &c;
  }
  return nullptr;
}

training::Efficiency efficiency() {
  Result<training::Efficiency> found = training::default_efficiency(catalogue);
  if (!found) FAIL(all(found.errors()));
  return *found;
}

}  // namespace

TEST_CASE("a deadline on machines is spent, and its parts add up", "[machines]") {
  const Plan plan = planned(fleet(R"("train_time_s":"10d")"));
  REQUIRE(plan.decision);
  REQUIRE(plan.decision->run);
  const Run& run = *plan.decision->run;
  CHECK(run.devices == 16);
  CHECK(outcome(plan, "train_time_s") == Approx(10 * 86400).epsilon(1e-6));
  CHECK(outcome(plan, "train_time_s") <= 10 * 86400 * (1 + 1e-9));
  const double steps =
      static_cast<double>(plan.decision->tokens) / static_cast<double>(plan.decision->batch_tokens);
  CHECK(outcome(plan, "train_time_s") == Approx(steps * run.step_s / run.goodput.fraction).epsilon(1e-9));
  CHECK(outcome(plan, "device_hours") == Approx(16 * 240).epsilon(1e-6));
  CHECK(outcome(plan, "cost_usd") == Approx(16 * 240 * 2.0).epsilon(1e-6));
  CHECK(outcome(plan, "energy_j") == Approx(outcome(plan, "mean_power_w") * 10 * 86400).epsilon(1e-6));
  // two nodes rated 10.2 kW at a PUE of 1.2
  CHECK(outcome(plan, "site_peak_power_w") == Approx(2 * 10200 * 1.2).epsilon(1e-12));
  CHECK(run.layout.layout.devices() == 16);
  CHECK(run.sequences * 4096 == plan.decision->batch_tokens);
  CHECK(find_constraint(plan, "train_time_s")->binding);
  CHECK(find_constraint(plan, "memory_bytes")->probability_kept == 1);
}

TEST_CASE("no shape on any option, searched in full, beats the joint plan by a thousandth", "[machines]") {
  const std::string members = fleet(R"("train_time_s":"4d")", {}, R"(,"precision":["bf16","fp8"])");
  const Plan plan = planned(members);
  REQUIRE(plan.decision);
  const Scenario s = scenario(members);
  const fit::Predictor predictor = law("chinchilla:hoffmann2022");
  Result<LossModel> model = LossModel::build(s, predictor);
  REQUIRE(model);
  Result<HyperparameterLaws> laws = HyperparameterLaws::build(s, catalogue);
  REQUIRE(laws);
  Result<Options> options = options_of(s);
  REQUIRE(options);
  const training::Efficiency constants = efficiency();
  double best = 1e300;
  for (const Option& option : options->list) {
    const Machines machines(s, option, constants);
    model::enumerate(s.model.family, model::Count::total, 0.9e9, 1.3e9,
                     [&](const model::Shape& shape, const model::Parameters& params) {
                       const auto n = static_cast<double>(params.total);
                       for (double b = 0.25e6; b < 17e6; b *= 1.1) {
                         const auto offer =
                             searched(machines, s, constants, shape, machines.sequences_near(b));
                         if (!offer) continue;
                         const double tokens = 4 * 86400 / offer->cost.seconds;
                         const RunSize run = run_size(params, tokens, 2);
                         const double critical = laws->critical_batch(run).value;
                         const double reference = laws->batch(run).value;
                         const double worth =
                             std::min(1.0, (1 + reference / critical) / (1 + offer->batch_tokens / critical));
                         best = std::min(best, model->loss(LossModel::point, n, tokens * worth));
                       }
                     });
  }
  INFO("decided " << outcome(plan, "loss") << ", exhaustive " << best);
  // batches of the exhaustive search are 10 % apart, those of the plan √2: a loss within the gap
  CHECK(outcome(plan, "loss") <= best * (1 + 1e-3));
  CHECK(plan.certificate->bound <= best * (1 + 1e-12));
}

TEST_CASE("more time, money or power never gives a worse plan", "[machines]") {
  double last = 1e300;
  for (const char* days : {"2d", "4d", "8d", "16d"}) {
    const double loss = outcome(planned(fleet(std::string(R"("train_time_s":")") + days + "\"")), "loss");
    CHECK(loss < last);
    last = loss;
  }
  last = 1e300;
  for (double dollars : {1e3, 3e3, 1e4}) {
    const double loss = outcome(planned(fleet(fmt::format(R"("cost_usd":{})", dollars))), "loss");
    CHECK(loss < last);
    last = loss;
  }
}

TEST_CASE("energy and carbon are budgets", "[machines]") {
  const Plan plan = planned(fleet(R"("energy_j":"1MWh")"));
  CHECK(outcome(plan, "energy_j") == Approx(3.6e9).epsilon(1e-6));
  const double grams_per_joule = outcome(plan, "carbon_g") / outcome(plan, "energy_j");
  const Plan green = planned(fleet(fmt::format(R"("carbon_g":{})", 3.6e9 * grams_per_joule)));
  CHECK(outcome(green, "loss") == Approx(outcome(plan, "loss")).epsilon(1e-9));
}

TEST_CASE("a power feed rules machines out", "[machines]") {
  const Plan one = planned(fleet(R"("train_time_s":"10d","site_peak_power_w":"13kW")"));
  CHECK(one.decision->run->devices == 8);
  CHECK(one.options_pruned.front().reason == "site peak power above the budget");
  const Plan none = planned(fleet(R"("train_time_s":"10d","site_peak_power_w":"5kW")"));
  CHECK(none.status == Status::infeasible);
  CHECK_FALSE(none.decision);
  CHECK(none.warnings.front().find("site peak power above the budget") != std::string::npos);
}

TEST_CASE("a power cap costs speed and saves energy", "[machines]") {
  const Plan plain = planned(fleet(R"("train_time_s":"10d")"));
  const Plan capped = planned(fleet(R"("train_time_s":"10d")", {}, R"(,"power_cap_w":500)"));
  CHECK(outcome(capped, "loss") > outcome(plain, "loss"));
  CHECK(outcome(capped, "mean_power_w") < outcome(plain, "mean_power_w"));
  CHECK(outcome(capped, "site_peak_power_w") == Approx(outcome(plain, "site_peak_power_w") - 1.2 * 16 * 200));
}

TEST_CASE("spare devices and other work are paid for", "[machines]") {
  const Plan plan = planned(fleet(R"("train_time_s":"10d")", R"(,"spare_devices":4)",
                                  R"(,"other_device_hours":{"ablations":1000})"));
  CHECK(outcome(plan, "device_hours") == Approx(20 * 240 + 1000).epsilon(1e-6));
  CHECK(outcome(plan, "cost_usd") == Approx(2 * (20 * 240 + 1000)).epsilon(1e-6));
}

TEST_CASE("with confidence the deadline holds for that share of step times", "[machines]") {
  const std::string members = fleet(R"("train_time_s":"10d")") + R"(,"confidence":0.9)";
  const Plan plan = planned(scenario(members), uncertain_law(200));
  CHECK(find_constraint(plan, "train_time_s")->probability_kept == Approx(0.9).margin(0.01));
  const double clean = static_cast<double>(plan.decision->tokens) /
                       static_cast<double>(plan.decision->batch_tokens) * plan.decision->run->step_s /
                       plan.decision->run->goodput.fraction;
  // the calibration's spread of ln(time), 90 % quantile of a normal
  const training::Efficiency e = efficiency();
  const double sd = std::hypot(e.between_sources, e.within_source);
  CHECK(clean * std::exp(1.2816 * sd) == Approx(10 * 86400).epsilon(0.05));
}

TEST_CASE("machines give the same plan on any number of threads", "[machines]") {
  const std::string members =
      fleet(R"("train_time_s":"4d","cost_usd":5000)", {}, R"(,"precision":["bf16","fp8"])");
  const fit::Predictor predictor = uncertain_law(40);
  const std::string one = json::write(to_json(planned(scenario(members), predictor, 1)), true);
  CHECK(one == json::write(to_json(planned(scenario(members), predictor, 3)), true));
}

TEST_CASE("owned machines cost capital and electricity", "[machines]") {
  const std::string entry =
      R"(,"purchase":{"usd_per_device":30000,"usd_per_kwh":0.08,"years":4,"server_over_device":1,"network_share":0})";
  const std::string rented = fleet(R"("train_time_s":"10d")");
  std::string members = fleet(R"("train_time_s":"10d")", entry);
  members.replace(members.find(R"(,"usd_per_device_hour":2.0)"), 26, "");
  const Plan plan = planned(members);
  // straight-line: 30,000 over 4 years of 8,766 hours
  const double capital = 16 * 240 * 30000 / (4 * 8766.0);
  const double energy = outcome(plan, "energy_j") / 3.6e6 * 0.08;
  CHECK(outcome(plan, "cost_usd") == Approx(capital + energy).epsilon(1e-4));
}

TEST_CASE("bad descriptions of machines are refused at their place", "[machines]") {
  auto one = [](const std::string& entry, const std::string& rest = {}) {
    return refused(R"("budgets":{"train_time_s":"10d"},"training":{"clusters":[{)" + entry + "}]" + rest +
                   "}");
  };
  auto has = [](const std::string& text, const std::string& part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
  };
  has(one(R"("id":"dgx-h1000","devices":8)"), "dgx-h100");
  has(one(R"("id":"dgx-h100")"), "how many devices?");
  has(one(R"("id":"dgx-h100","devices":0)"), "/training/clusters/0/devices");
  has(one(R"("id":"dgx-h100","devices":[8,1.5])"), "1.5 is no number of devices");
  has(one(R"("id":"dgx-h100","devices":8,"pue":0.9)"), "/training/clusters/0/pue");
  has(one(R"("id":"dgx-h100","devices":8,"usd_per_device_hour":-1)"), "usd_per_device_hour");
  has(one(R"("id":"dgx-h100","devices":8,"region":"us-xx")"), "/training/clusters/0/region");
  has(one(R"("id":"dgx-h100","devices":8)", R"(,"power_cap_w":900)"), "/training/power_cap_w");
  has(one(R"("id":"dgx-h100","devices":8)", R"(,"precision":"bf17")"), "bf16");
  has(one(R"("id":"dgx-h100","devices":8)", R"(,"failures":{"checkpoint":"sync"})"), "storage_bytes_per_s");
  has(one(R"("id":"dgx-h100","devices":8)", R"(,"assumed":{"device":"h100-sxm-80","devices":8})"),
      "although machines are given");
  has(refused(R"("budgets":{"train_time_s":"10d"},"pins":{"batch_tokens":1000000},)"
              R"("data":{"sequence_length":4096},"training":{"clusters":[{"id":"dgx-h100","devices":8}]})"),
      "/pins/batch_tokens: a step on machines has whole sequences of 4096 tokens; the nearest batch is "
      "999424");
  has(refused(R"("budgets":{"energy_j":"1GWh"})"), "energy_j needs to know the machines");
  has(refused(R"("budgets":{"cost_usd":"$1M"},"training":{"clusters":[{"id":"dgx-h100","devices":8}]})"),
      "the price of a device-hour of dgx-h100 is not known");
  has(refused(R"("budgets":{"carbon_g":"1t"},"training":{"clusters":[{"id":"dgx-h100","devices":8}]})"),
      "the grid of dgx-h100 is not known");
}

TEST_CASE("part-filled nodes are pruned with the reason", "[machines]") {
  const Plan plan = planned(R"("budgets":{"train_time_s":"10d"},"model":{"params":{"max":"2B"}},)"
                            R"("training":{"clusters":[{"id":"dgx-h100","devices":[12,16]}]})");
  CHECK(plan.decision->run->devices == 16);
  CHECK(plan.options_pruned.front().reason.find("12 devices are not whole nodes") != std::string::npos);
}

}  // namespace scaleplan::plan::test
