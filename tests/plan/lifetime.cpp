#include "plan/lifetime.hpp"

#include "plan/loss_model.hpp"
#include "support.hpp"

namespace scaleplan::plan::test {

namespace {

struct Worked {
  double quality_of;  ///< parameters of the compute-optimal model whose loss is wanted
  double served;      ///< tokens over the lifetime
  double params;      ///< expected
  double tokens;
};

struct Pair {
  double size = 0;
  double tokens = 0;
};

// The law of the worked examples, written down here a second time.
constexpr double e = 1.69;
constexpr double a = 406.4;
constexpr double b = 410.7;
constexpr double alpha = 0.336;
constexpr double beta = 0.283;

// Hoffmann et al. 2022: tokens of the compute-optimal model of this size.
double optimal_tokens(double size) {
  return std::pow(beta * b / (alpha * a) * std::pow(size, alpha), 1 / beta);
}

double loss_at(double size, double tokens) {
  return e + a * std::pow(size, -alpha) + b * std::pow(tokens, -beta);
}

// min 6·N·D + 2·N·served subject to the loss, by ternary search in ln N.
Pair cheapest(double target, double served) {
  auto tokens = [&](double n) { return std::pow(b / (target - e - a * std::pow(n, -alpha)), 1 / beta); };
  auto cost = [&](double x) {
    const double n = std::exp(x);
    return 6 * n * tokens(n) + 2 * n * served;
  };
  double low = std::log(std::pow(a / (target - e), 1 / alpha)) + 1e-6;
  double high = low + 8;
  for (int i = 0; i < 300; ++i) {
    const double left = low + (high - low) / 3;
    const double right = high - (high - low) / 3;
    (cost(left) < cost(right) ? high : low) = cost(left) < cost(right) ? right : left;
  }
  const double n = std::exp((low + high) / 2);
  return {n, tokens(n)};
}

// A demand of so many tokens over 100 days, four fifths of them prompts.
std::string demand_of(double served, const std::string& rest = {}) {
  return fmt::format(R"("demand":{{"lifetime":"100d","tokens_per_day":{{"input":{},"output":{}}},)"
                     R"("request":{{"input":800,"output":200}},"peak_to_mean":2{}}})",
                     served / 100 * 0.8, served / 100 * 0.2, rest);
}

std::string site(double usd) {
  return fmt::format(
      R"("serving":{{"clusters":[{{"id":"dgx-h100","usd_per_device_hour":{},"price_date":"2025-09",)"
      R"("region":"us-or","pue":1.15}}]}})",
      usd);
}

// Train and serve at least money, with a loss of 2.1 to reach.
std::string lifetime(const std::string& objective, double served, double usd, const std::string& more = {}) {
  return R"("objective":")" + objective + R"(","targets":{"loss":2.1},)" +
         R"("data":{"sequence_length":8192},)" +
         R"("training":{"assumed":{"device":"h100-sxm-80","devices":256,"mfu":0.4,)" +
         R"("usd_per_device_hour":2.5}},)" + demand_of(served, "," + site(usd)) + more;
}

}  // namespace

TEST_CASE("inference-aware plans are those of Sardana et al. 2024", "[lifetime]") {
  // arXiv:2401.00448: the first row is the paper's worked example (6B on 1.18 times the data); the others
  // follow from its coefficients
  const Worked rows[] = {
      {7e9, 1e11, 6.000e9, 3.25e11}, {13e9, 2e12, 6.969e9, 1.248e12}, {30e9, 1e13, 1.361e10, 4.426e12}};
  for (const Worked& row : rows) {
    const double target = loss_at(row.quality_of, optimal_tokens(row.quality_of));
    const std::string members =
        fmt::format(R"("objective":"lifetime_flop","targets":{{"loss":{:.17g}}},)", target) +
        demand_of(row.served);
    const Plan plan = planned(scenario(members), law("chinchilla:sardana2024"));
    REQUIRE(plan.relaxation.found);
    const Pair twin = cheapest(target, row.served);
    CHECK(plan.relaxation.size == Approx(twin.size).epsilon(1e-4));
    CHECK(plan.relaxation.tokens == Approx(twin.tokens).epsilon(1e-4));
    CHECK(plan.relaxation.value ==
          Approx(6 * twin.size * twin.tokens + 2 * twin.size * row.served).epsilon(1e-6));
    CHECK(plan.relaxation.size == Approx(row.params).epsilon(0.003));
    CHECK(plan.relaxation.tokens == Approx(row.tokens).epsilon(0.003));
    // what is printed is 6·N·D + 2·N·served of the chosen shape
    REQUIRE(plan.decision);
    const auto n = static_cast<double>(plan.decision->params.total);
    const auto d = static_cast<double>(plan.decision->tokens);
    CHECK(outcome(plan, "lifetime_flop") == Approx(6 * n * d + 2 * n * row.served).epsilon(1e-12));
    CHECK(loss_at(n, d) <= target * (1 + 1e-12));
  }
}

TEST_CASE("samples and the prefix cache change what is served", "[lifetime]") {
  const Scenario s = scenario(R"("objective":"lifetime_flop","targets":{"loss":2.2},)" +
                              demand_of(1e12, R"(,"samples_per_query":5,"prefix_hit_rate":0.5)"));
  Result<std::unique_ptr<Lifetime>> life = Lifetime::build(s, model::Count::total, catalogue);
  REQUIRE(life);
  CHECK((*life)->inference_tokens() == Approx(1e12 * (0.8 * 0.5 + 0.2 * 5)).epsilon(1e-12));
  CHECK_FALSE((*life)->has_sites());
}

TEST_CASE("growth adds up over the lifetime", "[lifetime]") {
  // two years, doubling each: ∫ 2^t dt = 3 / ln 2 first years
  const Scenario s =
      scenario(R"("objective":"lifetime_flop","targets":{"loss":2.2},"demand":{"lifetime":"730.5d",)"
               R"("growth_per_year":2,"tokens_per_day":{"input":"1B","output":"1B"},)"
               R"("request":{"input":500,"output":500}})");
  Result<std::unique_ptr<Lifetime>> life = Lifetime::build(s, model::Count::total, catalogue);
  REQUIRE(life);
  CHECK((*life)->inference_tokens() == Approx(2e9 * 365.25 * 3 / std::log(2.0)).epsilon(1e-9));
}

TEST_CASE("the lifetime's money is that of training and of serving", "[lifetime]") {
  const Plan plan =
      planned(scenario(lifetime("lifetime_cost_usd", 2e13, 2.5)), law("chinchilla:hoffmann2022"));
  REQUIRE(plan.decision);
  REQUIRE(plan.decision->served);
  const ServedModel& served = *plan.decision->served;
  CHECK(served.usd == Approx(served.deployed.lifetime_device_hours * 2.5).epsilon(1e-12));
  CHECK(outcome(plan, "lifetime_cost_usd") == Approx(outcome(plan, "cost_usd") + served.usd).epsilon(1e-9));
  CHECK(served.joules ==
        Approx(served.deployed.energy_j_per_token * served.deployed.lifetime_tokens).epsilon(1e-12));
  CHECK(outcome(plan, "loss") <= 2.1 * (1 + 1e-9));
}

TEST_CASE("more demand makes the model smaller and its training longer", "[lifetime]") {
  double last_size = 1e300;
  double last_tokens = 0;
  for (double usd : {0.01, 2.5, 50.0}) {
    const Plan plan =
        planned(scenario(lifetime("lifetime_cost_usd", 2e13, usd)), law("chinchilla:hoffmann2022"));
    REQUIRE(plan.relaxation.found);
    CHECK(plan.relaxation.size < last_size);
    CHECK(plan.relaxation.tokens > last_tokens);
    last_size = plan.relaxation.size;
    last_tokens = plan.relaxation.tokens;
  }
}

TEST_CASE("the least lifetime cost is that of a search over sizes", "[lifetime]") {
  const Scenario s = scenario(lifetime("lifetime_cost_usd", 2e13, 2.5, R"(,"search":{"shape_tolerance":0})"));
  const fit::Predictor predictor = law("chinchilla:hoffmann2022");
  const Plan plan = planned(s, predictor);
  REQUIRE(plan.decision);
  Result<std::unique_ptr<Lifetime>> life = Lifetime::build(s, model::Count::total, catalogue);
  REQUIRE(life);
  const double at = plan.relaxation.params;
  double best = 1e300;
  model::enumerate(s.model.family, model::Count::total, at * 0.75, at * 1.25,
                   [&](const model::Shape& shape, const model::Parameters& params) {
                     const auto n = static_cast<double>(params.total);
                     const double d = std::pow(410.7 / (2.1 - 1.69 - 406.4 * std::pow(n, -0.34)), 1 / 0.28);
                     const double flop = model::flop_per_token(shape, 8192).training.raw();
                     const double hours = d * flop / (256 * 0.4 * 989.4e12) / 3600 * 256;
                     const auto served = (*life)->serve(shape);
                     if (served) best = std::min(best, hours * 2.5 + served->cost.usd);
                   });
  CHECK(plan.certificate->value <= best * (1 + 1e-3));
  CHECK(plan.certificate->value >= best * (1 - 1e-9));
}

TEST_CASE("latency limits bound the size", "[lifetime]") {
  const std::string slow = lifetime("lifetime_cost_usd", 2e13, 2.5);
  auto with_slo = [&](const char* tpot) {
    std::string members = slow;
    const std::string key = R"("peak_to_mean":2)";
    members.replace(members.find(key), key.size(), key + R"(,"slo":{"tpot_s":)" + tpot + "}");
    return planned(scenario(members), law("chinchilla:hoffmann2022"));
  };
  const Plan easy = with_slo("0.05");
  REQUIRE(easy.decision);
  CHECK(easy.decision->served->deployed.peak.tpot_s <= 0.05);
  const Plan never = with_slo("1e-6");
  CHECK(never.status == Status::infeasible);
  CHECK(never.conflicts.front() == "demand.slo");
}

TEST_CASE("an uncertain demand widens the lifetime's cost, and confidence plans on more", "[lifetime]") {
  std::string members = lifetime("lifetime_cost_usd", 2e13, 2.5);
  const std::string key = R"("output":)" + fmt::format("{}", 2e13 / 100 * 0.2);
  REQUIRE(members.find(key) != std::string::npos);
  members.replace(members.find(key), key.size(), R"("output":{"p10":2e10,"p50":4e10,"p90":8e10})");
  const Plan plan = planned(scenario(members), uncertain_law(100));
  for (const Outcome& found : plan.outcomes) {
    if (found.quantity->key != "lifetime_cost_usd") continue;
    REQUIRE(found.interval.known);
    CHECK(found.interval.low < 0.9 * *found.value);
    CHECK(found.interval.high > 1.2 * *found.value);
  }
}

TEST_CASE("demands that cannot be planned are refused with a remedy", "[lifetime]") {
  CHECK_THAT(refused(R"("objective":"lifetime_cost_usd","targets":{"loss":2.1})"),
             Catch::Contains("lifetime_cost_usd needs a demand"));
  CHECK_THAT(refused(R"("budgets":{"train_flop":"1e22"},)" + demand_of(1e12)),
             Catch::Contains("a demand without a place to serve it"));
  CHECK_THAT(refused(R"("budgets":{"train_flop":"1e22"},)" +
                     demand_of(1e12, R"(,"serving":{"clusters":[{"id":"dgx-h10"}]})")),
             Catch::Contains("dgx-h100"));
}

}  // namespace scaleplan::plan::test
