#include "scaleplan/plan/hyperparameters.hpp"

#include "support.hpp"

namespace scaleplan::plan::test {

namespace {

HyperparameterLaws laws_of(const std::string& members = {}) {
  static const std::string budget = R"("budgets":{"train_flop":"1e22"})";
  const Scenario s = scenario(members.empty() ? budget : budget + "," + members);
  Result<HyperparameterLaws> laws = HyperparameterLaws::build(s, catalogue);
  if (!laws) FAIL(all(laws.errors()));
  return *laws;
}

RunSize dense(double params, double tokens) {
  return {params, params, params, params, params, tokens, 2.0};
}

const Hyperparameters& said(const Plan& plan) {
  REQUIRE(plan.hyperparameters);
  return *plan.hyperparameters;
}

const std::string budget = R"("budgets":{"train_flop":"1e22"})";

}  // namespace

TEST_CASE("the default batch is that of arXiv:2503.04715 eq. 1", "[hyperparameters]") {
  // 0.58·D^0.571, the means of the published bootstrap rows
  CHECK(laws_of().batch(dense(1e9, 1e11)).value == Approx(0.58 * std::pow(1e11, 0.571)).epsilon(1e-12));
  CHECK(laws_of().batch(dense(7e9, 2e12)).value == Approx(6.13e6).epsilon(0.01));
}

TEST_CASE("the critical batch doubles the data and follows the tokens", "[hyperparameters]") {
  // arXiv:2410.21676: 93.2·(N/1e6)^0.47 sequences of 512 at D = 20 N, 20 % more steps: a fifth of the
  // hyperbola's critical batch; 93.2 / 20^0.47 = 22.80
  const double sequences = 22.80 * std::pow(2e10 / 1e6, 0.47);
  CHECK(laws_of().critical_batch(dense(1e9, 2e10)).value == Approx(5 * 512 * sequences).epsilon(2e-4));
  CHECK(laws_of().critical_batch(dense(7e10, 2e10)).value ==
        laws_of().critical_batch(dense(1e9, 2e10)).value);
}

TEST_CASE("small runs take the learning rate of the sweep, large ones that of the compute laws",
          "[hyperparameters]") {
  const HyperparameterLaws laws = laws_of();
  CHECK(laws.learning_rate(dense(5e8, 2e10)).value == Approx(0.001632689601).epsilon(1e-8));
  // 7B on 2T tokens: DeepSeek 0.3118·C^-0.125 and Moonlight 0.0127339·C^-0.0574752 at C = 8.4e22
  const double c = 6 * 7e9 * 2e12;
  const double mean = std::sqrt(0.3118 * std::pow(c, -0.125) * 0.0127339 * std::pow(c, -0.0574752));
  const Recommendation large = laws.learning_rate(dense(7e9, 2e12));
  CHECK(large.value == Approx(mean).epsilon(1e-9));
  CHECK(large.spread() > 2);
  CHECK(disagreement("learning rate", large).find("bi2024-learning-rate") != std::string::npos);
  // the sweep's law falls faster with size: 405B on 15.6T
  CHECK(laws.learning_rate(dense(4.05e11, 1.56e13)).value ==
        Approx(1.79 * std::pow(4.05e11, -0.713) * std::pow(1.56e13, 0.307)).epsilon(1e-9));
}

TEST_CASE("a sparse mixture counts all its experts for the learning rate", "[hyperparameters]") {
  RunSize run = dense(2.15e9, 2e9);
  run.active_params = run.active_non_embedding_params = 1.88e8;
  const double all_experts = 1.79 * std::pow(2.15e9, -0.713) * std::pow(2e9, 0.307);
  // the law's published check: 1-of-89 experts, 2.85e-4
  CHECK(all_experts == Approx(2.85e-4).epsilon(0.02));
  const Recommendation rate = laws_of().learning_rate(run);
  CHECK(rate.advice.front().value == Approx(all_experts).epsilon(1e-9));
}

TEST_CASE("a plan says batch, steps and learning rate", "[hyperparameters]") {
  const Plan plan = planned(budget);
  const Decision& d = *plan.decision;
  CHECK(d.batch_tokens % d.sequence_length == 0);
  CHECK(static_cast<double>(d.batch_tokens) ==
        Approx(said(plan).reference_batch.value).margin(static_cast<double>(d.sequence_length) / 2));
  CHECK(d.steps == (d.tokens + d.batch_tokens - 1) / d.batch_tokens);
  CHECK(said(plan).token_worth == 1);
  CHECK(said(plan).loss_excess == 0);
  CHECK(outcome(plan, "loss") == outcome(planned(budget + R"(,"search":{"seed":9})"), "loss"));
}

TEST_CASE("a pinned batch above the reference is paid for in tokens", "[hyperparameters]") {
  const Plan plan = planned(budget + R"(,"pins":{"batch_tokens":"64M"})");
  const Decision& d = *plan.decision;
  CHECK(d.batch_tokens == 64'000'000);
  const HyperparameterLaws laws = laws_of();
  const RunSize run = run_size(d.params, static_cast<double>(d.tokens), 2);
  const double critical = laws.critical_batch(run).value;
  const double worth = (1 + laws.batch(run).value / critical) / (1 + 64e6 / critical);
  CHECK(said(plan).token_worth == Approx(worth).epsilon(1e-6));
  const fit::Predictor chinchilla = law("chinchilla:hoffmann2022");
  const auto& v = chinchilla.members.front().values;
  const double seen = worth * static_cast<double>(d.tokens);
  const double expected =
      v[0] + v[1] / std::pow(static_cast<double>(d.params.total), v[3]) + v[2] / std::pow(seen, v[4]);
  CHECK(outcome(plan, "loss") == Approx(expected).epsilon(1e-6));
  CHECK(outcome(plan, "loss") > outcome(planned(budget), "loss"));
}

TEST_CASE("a pinned batch below the reference earns nothing", "[hyperparameters]") {
  const Plan plan = planned(budget + R"(,"pins":{"batch_tokens":"100k"})");
  CHECK(said(plan).token_worth == 1);
  CHECK(outcome(plan, "loss") == Approx(outcome(planned(budget), "loss")).epsilon(1e-9));
}

TEST_CASE("a learning rate twice off costs 0.31 % of the loss", "[hyperparameters]") {
  const double best = planned(budget).decision->learning_rate;
  const Plan plan = planned(budget + fmt::format(R"(,"pins":{{"learning_rate":{}}})", 2 * best));
  // ½·0.0129·ln²2, the median over the 17 cells of the sweep
  CHECK(said(plan).loss_excess == Approx(0.0031).epsilon(0.05));
  CHECK(outcome(plan, "loss") == Approx(outcome(planned(budget), "loss") * 1.0031).epsilon(2e-4));
  CHECK(plan.relaxation.kkt_residual < 1e-5);
}

TEST_CASE("the trade between batch and tokens holds with repeated data", "[hyperparameters]") {
  const std::string data = budget + R"(,"data":{"unique_tokens":"5B"})";
  const Plan plain = planned(data);
  const Plan pinned = planned(data + R"(,"pins":{"batch_tokens":"64M"})");
  CHECK(outcome(pinned, "loss") > outcome(plain, "loss"));
  CHECK(pinned.relaxation.kkt_residual < 1e-5);
}

TEST_CASE("the scenario names laws of batch and learning rate", "[hyperparameters]") {
  const Plan plan =
      planned(budget + R"(,"laws":{"batch":"bi2024-batch","learning_rate":"bi2024-learning-rate"})");
  const Decision& d = *plan.decision;
  const double c = 6 * static_cast<double>(d.params.non_embedding) * static_cast<double>(d.tokens);
  CHECK(said(plan).reference_batch.value == Approx(0.292 * std::pow(c, 0.3271)).epsilon(1e-9));
  CHECK(said(plan).learning_rate.value == Approx(0.3118 * std::pow(c, -0.125)).epsilon(1e-9));
  CHECK(said(plan).reference_batch.advice.front().used);
}

TEST_CASE("a law of another kind, or none, is refused at its key", "[hyperparameters]") {
  auto wrong = [](const std::string& laws) {
    const Scenario s = scenario(budget + R"(,"laws":{)" + laws + "}");
    Result<HyperparameterLaws> found = HyperparameterLaws::build(s, catalogue);
    REQUIRE_FALSE(found);
    return all(found.errors());
  };
  const std::string kind = wrong(R"("batch":"bi2024-learning-rate")");
  CHECK(kind.find("/laws/batch") != std::string::npos);
  CHECK(kind.find("is of kind learning_rate, not batch") != std::string::npos);
  CHECK(wrong(R"("learning_rate":"li2025-learning-rates")").find("li2025-learning-rate") !=
        std::string::npos);
  CHECK(wrong(R"("batch":"rybkin2025-batch")").find("does not say how many tokens") != std::string::npos);
  CHECK(wrong(R"("learning_rate":"dey2023-learning-rate")").find("which a plan does not know") !=
        std::string::npos);
}

}  // namespace scaleplan::plan::test
