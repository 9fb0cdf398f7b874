#include "scaleplan/plan/evaluate.hpp"

#include "support.hpp"

namespace scaleplan::plan::test {

namespace {

// What a plan decided, as somebody would propose it.
model::Proposal proposal_of(const Plan& plan) {
  const Decision& decision = *plan.decision;
  model::Proposal out;
  out.file = "plan.json";
  out.origin = "plan";
  out.shape = decision.shape;
  out.tokens = static_cast<double>(decision.tokens);
  out.batch_tokens = decision.batch_tokens;
  out.sequence_length = decision.sequence_length;
  out.learning_rate = decision.learning_rate;
  if (decision.run) {
    out.cluster = decision.run->cluster;
    out.devices = decision.run->devices;
    out.precision = decision.run->precision;
    out.optimizer = decision.run->optimizer;
    out.layout = decision.run->layout.layout;
  }
  if (decision.served) out.deployment = decision.served->deployed.cut;
  return out;
}

Evaluation evaluated(const Scenario& s, const model::Proposal& proposal, const fit::Predictor& predictor) {
  Control control;
  control.threads = 1;
  Result<Evaluation> found = evaluate(s, proposal, predictor, catalogue, control);
  if (!found) FAIL(all(found.errors()));
  return *found;
}

// Every outcome, interval and limit that the plan has, to `tolerance`.
void same_as_planned(const Evaluation& evaluation, const Plan& plan, double tolerance = 1e-9) {
  REQUIRE(evaluation.plan.outcomes.size() == plan.outcomes.size());
  for (std::size_t i = 0; i < plan.outcomes.size(); ++i) {
    const Outcome& ours = evaluation.plan.outcomes[i];
    const Outcome& theirs = plan.outcomes[i];
    INFO(theirs.quantity->key);
    REQUIRE(ours.value.has_value() == theirs.value.has_value());
    if (theirs.value) CHECK(*ours.value == Approx(*theirs.value).epsilon(tolerance));
    CHECK(ours.interval.known == theirs.interval.known);
    CHECK(ours.interval.low == Approx(theirs.interval.low).epsilon(tolerance));
    CHECK(ours.interval.high == Approx(theirs.interval.high).epsilon(tolerance));
  }
  for (const Constraint& theirs : plan.constraints) {
    if (theirs.name.starts_with("params.") || theirs.name == "memory_bytes") continue;
    INFO(theirs.name);
    const Constraint& ours = constraint(evaluation.plan, theirs.name);
    CHECK(ours.used == Approx(theirs.used).epsilon(tolerance));
    CHECK(ours.limit == theirs.limit);
    CHECK(ours.probability_kept == Approx(theirs.probability_kept));
  }
}

const std::string small_fleet =
    R"("model":{"params":{"min":"0.9B","max":"1.3B"}},"data":{"sequence_length":4096},)"
    R"("training":{"clusters":[{"id":"dgx-h100","devices":[8,16],"region":"us-or","pue":1.2,)"
    R"("usd_per_device_hour":2.0}],"precision":["bf16","fp8"]})";

}  // namespace

TEST_CASE("a plan's own decision has the plan's own outcomes", "[evaluate]") {
  for (
      const char* members :
      {R"("budgets":{"train_flop":"1e22"})",
       R"("budgets":{"train_flop":"1e22"},"data":{"unique_tokens":"30B","max_epochs":10})",
       R"("budgets":{"train_flop":"1e22"},"pins":{"batch_tokens":16777216})",
       R"("budgets":{"train_time_s":"20d"},"training":{"assumed":{"device":"h100-sxm-80","devices":256,"mfu":0.4}})",
       R"("budgets":{"train_flop":"1e22"},"targets":{"loss":{"max":2.5}},"confidence":0.9)"}) {
    INFO(members);
    const Scenario s = scenario(members);
    const fit::Predictor predictor = uncertain_law(60);
    const Plan plan = planned(s, predictor);
    REQUIRE(plan.decision);
    const Evaluation evaluation = evaluated(s, proposal_of(plan), predictor);
    CHECK(evaluation.loss_unknown.empty());
    same_as_planned(evaluation, plan);
    CHECK(evaluation.plan.decades_outside == plan.decades_outside);
  }
}

TEST_CASE("so has a decision on machines, layout and all", "[evaluate]") {
  for (const char* budgets :
       {R"("budgets":{"train_time_s":"6d","cost_usd":1e6,"energy_j":"1GWh","site_peak_power_w":"1MW"},)",
        R"("budgets":{"train_time_s":"3d"},"confidence":0.9,)"}) {
    INFO(budgets);
    const Scenario s = scenario(budgets + small_fleet);
    const fit::Predictor predictor = uncertain_law(60);
    const Plan plan = planned(s, predictor);
    REQUIRE(plan.decision);
    const Evaluation evaluation = evaluated(s, proposal_of(plan), predictor);
    CHECK(evaluation.illegal.empty());
    CHECK(evaluation.machines_unknown.empty());
    same_as_planned(evaluation, plan);
    CHECK(*evaluation.memory == plan.decision->run->layout.memory.safe);
  }
}

TEST_CASE("so has a decision that is served", "[evaluate]") {
  const Scenario s = scenario(
      R"("objective":"lifetime_cost_usd","targets":{"loss":{"max":2.3}},"budgets":{"train_flop":"1e23"},)"
      R"("training":{"assumed":{"device":"h100-sxm-80","devices":512,"mfu":0.4,"usd_per_device_hour":2.4}},)"
      R"("demand":{"lifetime":"12mo","tokens_per_day":{"input":"4B","output":"800M"},)"
      R"("request":{"input":{"mean":1800,"p95":8000},"output":{"mean":360,"p95":1200}},"peak_to_mean":2,)"
      R"("slo":{"percentile":0.95,"ttft_s":1.0,"tpot_s":0.05},"serving":{"clusters":[)"
      R"({"id":"dgx-h200","usd_per_device_hour":2.9,"region":"us-or","pue":1.15}]}})");
  const fit::Predictor predictor = law("chinchilla:hoffmann2022");
  const Plan plan = planned(s, predictor);
  REQUIRE(plan.decision);
  REQUIRE(plan.decision->served);
  const Evaluation evaluation = evaluated(s, proposal_of(plan), predictor);
  CHECK_FALSE(evaluation.service_miss);
  REQUIRE(evaluation.served);
  CHECK(evaluation.served->deployed.cut == plan.decision->served->deployed.cut);
  same_as_planned(evaluation, plan);
}

TEST_CASE("regret is the loss above the law's own optimum at the same compute", "[evaluate]") {
  const fit::Predictor predictor = law("chinchilla:hoffmann2022");
  const Scenario s = scenario(R"("budgets":{"train_flop":"1e22"})");
  const Plan plan = planned(s, predictor);
  model::Proposal proposal = proposal_of(plan);
  const Evaluation best = evaluated(s, proposal, predictor);
  REQUIRE(best.regret);
  CHECK(best.regret->nats >= 0);
  CHECK(best.regret->nats < 2e-4);  // shapes come in steps
  // a tenth of the tokens: the closed form of chinchilla (arXiv:2203.15556 eq. 4) by hand
  *proposal.tokens /= 10;
  const Evaluation starved = evaluated(s, proposal, predictor);
  const double n = static_cast<double>(plan.decision->params.total);
  const double d = std::round(static_cast<double>(plan.decision->tokens) / 10);
  const double e = 1.6934, a = 406.4, b = 410.7, alpha = 0.3392, beta = 0.2849;
  const auto& values = predictor.members.front().values;
  const auto names = predictor.members.front().law.parameter_names();
  const auto value = [&](const char* name, double usual) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] == name) return values[i];
    }
    return usual;
  };
  const double E = value("E", e), A = value("A", a), B = value("B", b);
  const double p = value("alpha", alpha), q = value("beta", beta);
  const double c = n * d;  // C/6
  const double g = std::pow(p * A / (q * B), 1 / (p + q));
  const double size = g * std::pow(c, q / (p + q));
  const double least = E + A / std::pow(size, p) + B / std::pow(c / size, q);
  const double loss = E + A / std::pow(n, p) + B / std::pow(d, q);
  CHECK(starved.regret->of_split == Approx(loss - least).epsilon(1e-6));
  CHECK(starved.regret->best_size == Approx(size).epsilon(1e-4));
  // the compute at which the best split reaches this loss, by the closed form of L*(C)
  const double nats = starved.regret->nats;
  double low = 1e-6 * c, high = c;
  for (int i = 0; i < 200; ++i) {
    const double middle = std::sqrt(low * high);
    const double at = g * std::pow(middle, q / (p + q));
    (E + A / std::pow(at, p) + B / std::pow(middle / at, q) > least + nats ? low : high) = middle;
  }
  CHECK(1 + starved.regret->extra_compute == Approx(c / low).epsilon(1e-4));
}

TEST_CASE("regret is paired over the draws", "[evaluate]") {
  const fit::Predictor predictor = uncertain_law(100);
  const Scenario s = scenario(R"("budgets":{"train_flop":"1e22"})");
  const Plan plan = planned(s, predictor);
  model::Proposal proposal = proposal_of(plan);
  *proposal.tokens /= 30;
  const Evaluation starved = evaluated(s, proposal, predictor);
  REQUIRE(starved.regret->draws.size() == 100);
  CHECK(*starved.regret->probability() == 1);
  CHECK(starved.regret->quantile(0.1) <= starved.regret->quantile(0.9));
  // paired: the spread of the difference is far below that of either loss
  const double spread = starved.regret->quantile(0.95) - starved.regret->quantile(0.05);
  const Interval loss = starved.plan.outcomes.front().interval;
  CHECK(spread < 0.5 * (loss.high - loss.low));
}

TEST_CASE("a batch and a rate off their best cost what the laws say, and no more", "[evaluate]") {
  const fit::Predictor predictor = law("chinchilla:hoffmann2022");
  const Scenario s = scenario(R"("budgets":{"train_flop":"1e22"})");
  const Plan plan = planned(s, predictor);
  model::Proposal proposal = proposal_of(plan);
  *proposal.learning_rate *= 2;
  const Evaluation fast = evaluated(s, proposal, predictor);
  CHECK(fast.plan.hyperparameters->loss_excess ==
        Approx(0.5 * 0.0129 * std::log(2.0) * std::log(2.0)).epsilon(1e-4));
  CHECK(outcome(fast.plan, "loss") == Approx(outcome(plan, "loss") * 1.0031).epsilon(1e-4));
  CHECK(fast.regret->of_learning_rate == Approx(0.0031 * outcome(plan, "loss")).epsilon(1e-2));
  CHECK(*fast.best_learning_rate == Approx(*proposal.learning_rate / 2).epsilon(1e-6));
  proposal.learning_rate.reset();
  proposal.batch_tokens = *proposal.batch_tokens * 64;
  const Evaluation wide = evaluated(s, proposal, predictor);
  CHECK(wide.regret->of_batch > 0.01);
  CHECK(wide.plan.hyperparameters->token_worth < 0.9);
  CHECK(wide.regret->nats ==
        Approx(wide.regret->of_split + wide.regret->of_batch + wide.regret->of_learning_rate).margin(1e-12));
  proposal.batch_tokens = *proposal.batch_tokens / 64 / 8;
  CHECK(evaluated(s, proposal, predictor).regret->of_batch ==
        Approx(0).margin(1e-12));  // smaller earns nothing
}

TEST_CASE("what a layout breaks is said, and what is over the memory is still timed", "[evaluate]") {
  const Scenario s = scenario(R"("budgets":{"train_time_s":"6d"},)" + small_fleet);
  const fit::Predictor predictor = law("chinchilla:hoffmann2022");
  const Plan plan = planned(s, predictor);
  model::Proposal proposal = proposal_of(plan);
  proposal.layout = model::Layout{};
  proposal.layout->tp = 5;
  proposal.devices = 8;
  const Evaluation broken = evaluated(s, proposal, predictor);
  CHECK(broken.illegal.find("tp") != std::string::npos);
  CHECK(broken.illegal_path == "layout");
  CHECK_FALSE(broken.memory);
  CHECK(outcome(broken.plan, "loss") > 0);  // which needs no layout
  proposal.layout = model::Layout{};
  proposal.layout->dp = 8;
  proposal.layout->micro_batch = 16;
  proposal.batch_tokens = std::int64_t{8} * 16 * 4096;
  const Evaluation large = evaluated(s, proposal, predictor);
  CHECK(large.illegal.empty());
  REQUIRE(large.memory);
  CHECK(*large.memory > large.memory_offered);
  CHECK(outcome(large.plan, "train_time_s") > 0);
  proposal.batch_tokens = *proposal.batch_tokens + 1;
  CHECK(evaluated(s, proposal, predictor).illegal_path == "batch_tokens");
}

TEST_CASE("what a proposal leaves open comes from the scenario, or is unknown", "[evaluate]") {
  const fit::Predictor predictor = law("chinchilla:hoffmann2022");
  const Scenario open = open_scenario(catalogue);
  const Evaluation nothing = evaluated(open, {}, predictor);
  CHECK(nothing.loss_unknown == "the proposal says no shape of a model");
  CHECK_FALSE(nothing.plan.decision);
  const Scenario s =
      scenario(R"("budgets":{"train_time_s":"6d","cost_usd":1e5},"pins":{"tokens":"20B"},)"
               R"("training":{"clusters":[{"id":"dgx-h100","devices":8,"usd_per_device_hour":2}]})");
  model::Proposal proposal = proposal_of(planned(R"("budgets":{"train_flop":"1e20"})"));
  proposal.tokens.reset();
  proposal.learning_rate.reset();
  proposal.layout = model::Layout{};
  proposal.layout->dp = 8;
  const Evaluation filled = evaluated(s, proposal, predictor);
  CHECK(filled.loss_unknown.empty());
  CHECK(filled.plan.decision->tokens == 20'000'000'000);
  CHECK(outcome(filled.plan, "cost_usd") > 0);
  const auto assumed = [&](const char* key) {
    return std::any_of(filled.plan.assumed.begin(), filled.plan.assumed.end(),
                       [&](const Assumed& a) { return a.key == key; });
  };
  for (const char* key : {"tokens", "cluster", "precision", "optimizer"}) {
    INFO(key);
    CHECK(assumed(key));
  }
  CHECK_FALSE(assumed("batch_tokens"));
  // a cluster that no scenario describes, without a price: time is known, money is not
  model::Proposal elsewhere = proposal;
  elsewhere.tokens = 1e10;
  elsewhere.cluster = "dgx-a100";
  elsewhere.devices = 8;
  const Evaluation a100 = evaluated(s, elsewhere, predictor);
  CHECK(outcome(a100.plan, "train_time_s") > 0);
  CHECK(std::isnan(outcome(a100.plan, "cost_usd")));
  elsewhere.cluster = "dgx-a1000";
  elsewhere.places["cluster"] = Place{"run.json", 7, 3, "/cluster"};
  const auto refused = evaluate(s, elsewhere, predictor, catalogue, {});
  REQUIRE_FALSE(refused);
  CHECK(all(refused.errors()).find("run.json:7:3") != std::string::npos);
  CHECK(all(refused.errors()).find("dgx-a100") != std::string::npos);
}

}  // namespace scaleplan::plan::test
