#include "plan/relaxation.hpp"

#include "plan/loss_model.hpp"
#include "support.hpp"

using namespace scaleplan;
using namespace scaleplan::plan;
using namespace scaleplan::plan::test;

namespace {

struct Solved {
  Scenario given;
  LossModel model;
  Problem problem;
  Relaxed relaxed;
};

std::unique_ptr<Solved> relax(const std::string& members, const fit::Predictor& predictor) {
  Scenario given = scenario(members);
  Result<LossModel> model = LossModel::build(given, predictor);
  if (!model) FAIL(all(model.errors()));
  auto solved =
      std::unique_ptr<Solved>(new Solved{given, *model, Problem(given, *model, resources_of(given)), {}});
  const Problem problem(solved->given, solved->model, resources_of(solved->given));
  solved->relaxed = solve_relaxation(problem, {});
  return solved;
}

Relaxed relaxed(const std::string& members, const std::string& name = "chinchilla:hoffmann2022") {
  return relax(members, law(name))->relaxed;
}

constexpr const char* budget = R"("budgets":{"train_flop":5.76e23})";

// Hoffmann et al. 2022, arXiv:2203.15556 eq. 10
double hoffmann(double n, double d) {
  return 1.69 + 406.4 * std::pow(n, -0.34) + 410.7 * std::pow(d, -0.28);
}

}  // namespace

TEST_CASE("a FLOP budget alone is the closed form") {
  // N* = G·(C/6)^(b/(a+b)), G = (aA/bB)^(1/(a+b)); dL*/dlnC = −ab/(a+b)·(L* − E), arXiv:2203.15556 eq. 4
  const double g = std::pow(0.34 * 406.4 / (0.28 * 410.7), 1 / 0.62);
  const double n = g * std::pow(5.76e23 / 6, 0.28 / 0.62);
  const double d = 5.76e23 / 6 / n;
  const Relaxed r = relaxed(budget);
  CHECK(r.outcome == Relaxed::Outcome::found);
  CHECK(r.at.size == Approx(n).epsilon(1e-10));
  CHECK(r.at.size == Approx(3.219e10).epsilon(1e-4));
  CHECK(r.at.tokens == Approx(2.982e12).epsilon(2e-4));
  CHECK(r.at.value == Approx(1.9307481).epsilon(1e-8));
  CHECK(r.at.value == Approx(hoffmann(n, d)).epsilon(1e-12));
  CHECK(r.per_log_limit.at("train_flop") == Approx(-0.0369664827).epsilon(1e-8));
  CHECK(r.kkt_residual < 1e-9);
}

TEST_CASE("the numeric path agrees with the closed form") {
  // a second limit that never binds takes the closed form away
  const Relaxed closed = relaxed(budget);
  const Relaxed numeric =
      relaxed(R"("budgets":{"train_flop":5.76e23},"data":{"unique_tokens":1e19,"max_epochs":1})");
  CHECK(closed.method == "closed form");
  CHECK(numeric.method != "closed form");
  CHECK(numeric.at.size == Approx(closed.at.size).epsilon(1e-6));
  CHECK(numeric.at.tokens == Approx(closed.at.tokens).epsilon(1e-6));
  CHECK(numeric.at.value == Approx(closed.at.value).epsilon(1e-12));
  CHECK(numeric.per_log_limit.at("train_flop") == Approx(-0.0369664827).epsilon(1e-6));
  CHECK(numeric.per_log_limit.at("max_epochs") == 0);
  CHECK(numeric.converged);
}

TEST_CASE("data-constrained and mixture-of-experts laws reach the published optima") {
  // Muennighoff et al. 2023, arXiv:2305.16264, both decays: C 1e22, U 25e9
  const Relaxed m =
      relaxed(R"("budgets":{"train_flop":1e22},"data":{"unique_tokens":25e9})", "muennighoff2023");
  CHECK(m.at.size == Approx(7.026e9).epsilon(1e-4));
  CHECK(m.at.tokens == Approx(2.372e11).epsilon(1e-4));
  CHECK(m.at.tokens / 25e9 == Approx(9.49).epsilon(1e-3));
  CHECK(m.at.value == Approx(2.222129).epsilon(1e-6));
  // Ludziejewski et al. 2025, arXiv:2502.05172: 8 experts, C 1e22 = 6·N_act·D
  const Relaxed e = relaxed(R"("budgets":{"train_flop":1e22},"model":{"experts":[8]})", "ludziejewski2025");
  CHECK(e.at.size == Approx(1.44798e10).epsilon(1e-5));
  CHECK(e.at.tokens == Approx(1.15103e11).epsilon(1e-5));
  CHECK(e.at.value == Approx(2.107132).epsilon(1e-6));
}

TEST_CASE("repetition in effective tokens equals a search by brute force") {
  for (double unique : {2e9, 25e9, 3e11}) {
    const double c = 1e22;
    const Relaxed r =
        relaxed(fmt::format(R"("budgets":{{"train_flop":{}}},"data":{{"unique_tokens":{}}})", c, unique));
    // D_r of arXiv:2305.16264 eq. 5 with R = 15.387756, written out once more
    auto loss = [&](double n) {
      const double d = c / (6 * n);
      const double u = std::min(d, unique);
      return hoffmann(n, u * (1 + 15.387756 * (1 - std::exp(-(d / u - 1) / 15.387756))));
    };
    double best = 1e9;
    double best_n = 0;
    for (double x = std::log(1e8); x < std::log(1e12); x += 1e-5) {
      if (loss(std::exp(x)) < best) {
        best = loss(std::exp(x));
        best_n = std::exp(x);
      }
    }
    INFO("unique tokens " << unique);
    CHECK(r.at.value == Approx(best).epsilon(1e-11));
    CHECK(r.at.size == Approx(best_n).epsilon(3e-5));
  }
}

TEST_CASE("prices equal what solving again at a moved limit gives") {
  struct Case {
    const char* name;
    std::string (*text)(double limit);
    double limit;
  };
  const std::vector<Case> cases{
      {"train_flop",
       [](double x) {
         return fmt::format(
             R"("budgets":{{"train_flop":{}}},"data":{{"unique_tokens":2e10,"max_epochs":30}})", x);
       },
       1e22},
      {"max_epochs",
       [](double x) {
         return fmt::format(
             R"("budgets":{{"train_flop":1e23}},"data":{{"unique_tokens":2e10,"max_epochs":{}}})", x);
       },
       3},
      {"train_flop",
       [](double x) {
         return fmt::format(R"("budgets":{{"train_flop":{}}},"data":{{"unique_tokens":2e10,"max_epochs":3}})",
                            x);
       },
       1e23},
      {"train_time_s",
       [](double x) { return fmt::format(R"("budgets":{{"train_time_s":{}}},{})", x, h100s); }, 3e6},
      {"cost_usd",
       [](double x) {
         return fmt::format(
             R"("budgets":{{"cost_usd":{},"train_time_s":"40d"}},"model":{{"params":{{"max":1e10}}}},{})", x,
             h100s);
       },
       1e6},
      {"params.max",
       [](double x) {
         return fmt::format(R"("budgets":{{"train_flop":1e24}},"model":{{"params":{{"max":{}}}}})", x);
       },
       2e10},
      {"params.min",
       [](double x) {
         return fmt::format(R"("budgets":{{"train_flop":1e22}},"model":{{"params":{{"min":{}}}}})", x);
       },
       2e10},
      {"loss",
       [](double x) { return fmt::format(R"("objective":"train_flop_exact","targets":{{"loss":{}}})", x); },
       2.0},
      {"loss",
       [](double x) {
         return fmt::format(
             R"("objective":"cost_usd","targets":{{"loss":{{"max":{}}}}},"model":{{"params":{{"max":"8B"}}}},{})",
             x, h100s);
       },
       2.0},
  };
  for (const Case& c : cases) {
    INFO(c.name << ": " << c.text(c.limit));
    const double step = 1e-4;
    const Relaxed here = relaxed(c.text(c.limit));
    const Relaxed above = relaxed(c.text(c.limit * std::exp(step)));
    const Relaxed below = relaxed(c.text(c.limit * std::exp(-step)));
    REQUIRE(here.outcome == Relaxed::Outcome::found);
    const double price = (above.at.value - below.at.value) / (2 * step);
    CHECK(price != 0);
    CHECK(here.per_log_limit.at(c.name) == Approx(price).epsilon(1e-4));
    CHECK(here.converged);
    if (std::string_view(c.name) == "loss")
      continue;  // one percent of a loss is far: its price itself changes
    const double far = (relaxed(c.text(c.limit * 1.01)).at.value - relaxed(c.text(c.limit / 1.01)).at.value) /
                       (2 * std::log(1.01));
    CHECK(here.per_log_limit.at(c.name) == Approx(far).epsilon(2e-3));
  }
}

TEST_CASE("minimising FLOP at the loss of a FLOP budget gives that budget back") {
  const Relaxed r = relaxed(
      fmt::format(R"("objective":"train_flop","targets":{{"loss":{:.17g}}})", relaxed(budget).at.value));
  CHECK(r.at.value == Approx(5.76e23).epsilon(1e-6));
  CHECK(r.at.size == Approx(relaxed(budget).at.size).epsilon(1e-4));
  // the two prices are inverse: dlnC/dL = 1 / (dL/dlnC)
  const double target = relaxed(budget).at.value;
  CHECK(r.per_log_limit.at("loss") / r.at.value / target == Approx(1 / -0.0369664827).epsilon(1e-5));
}

TEST_CASE("time on devices is a budget of exact FLOP") {
  // 2048 H100 at 40 % of 989.4 TFLOP/s for 30 days
  const double flop = 2048 * 0.4 * 989.4e12 * 30 * 86400;
  const Relaxed time = relaxed(R"("budgets":{"train_time_s":"30d"},)" + h100s);
  const Relaxed exact =
      relaxed(fmt::format(R"("budgets":{{"train_flop":{{"max":{:.17g},"counts":"exact"}}}})", flop));
  CHECK(time.at.size == Approx(exact.at.size).epsilon(1e-9));
  CHECK(time.at.value == Approx(exact.at.value).epsilon(1e-13));
  CHECK(time.per_log_limit.at("train_time_s") ==
        Approx(exact.per_log_limit.at("train_flop_exact")).epsilon(1e-7));
  // device-hours and money at a price per device-hour are the same budget again
  const Relaxed hours = relaxed(fmt::format(R"("budgets":{{"device_hours":{}}},{})", 2048 * 24 * 30, h100s));
  const Relaxed money = relaxed(fmt::format(R"("budgets":{{"cost_usd":{}}},{})", 2 * 2048 * 24 * 30, h100s));
  CHECK(hours.at.size == Approx(exact.at.size).epsilon(1e-9));
  CHECK(money.at.size == Approx(exact.at.size).epsilon(1e-9));
}

TEST_CASE("where exact FLOP equal the law's, so do the optima") {
  // tied tables are looked up and multiplied once; with one position of context exact FLOP per token are 6·N
  // but for norms, so that a law over the total meets its own closed form
  const Relaxed exact = relaxed(
      R"("budgets":{"train_flop":{"max":5.76e23,"counts":"exact"}},"model":{"family":"gpt2"},"data":{"sequence_length":1})");
  const Relaxed law_flop = relaxed(budget);
  CHECK(exact.at.size == Approx(law_flop.at.size).epsilon(2e-3));
  CHECK(exact.at.value == Approx(law_flop.at.value).epsilon(1e-5));
}

TEST_CASE("a blend of equal members is that member, and averages ln L otherwise") {
  fit::Predictor one = law("chinchilla:hoffmann2022");
  fit::Predictor blend = one;
  blend.members.push_back(one.members.front());
  blend.members.front().weight = 3;
  const auto single = relax(budget, one);
  const auto twice = relax(budget, blend);
  CHECK(twice->relaxed.method != "closed form");
  CHECK(twice->relaxed.at.size == Approx(single->relaxed.at.size).epsilon(1e-6));
  CHECK(twice->relaxed.at.value == Approx(single->relaxed.at.value).epsilon(1e-12));

  blend.members.back() = law("chinchilla:besiroglu2024").members.front();
  const auto mixed = relax(budget, blend);
  const double n = 1e10;
  const double d = 1e12;
  const double expected =
      0.75 * std::log(single->model.loss(LossModel::point, n, d)) +
      0.25 * std::log(relax(budget, law("chinchilla:besiroglu2024"))->model.loss(-1, n, d));
  CHECK(std::log(mixed->model.loss(LossModel::point, n, d)) == Approx(expected).epsilon(1e-12));
  double gradient[2];
  mixed->model.loss(LossModel::point, n, d, gradient);
  const double e = 1e-5;
  CHECK(gradient[0] * n ==
        Approx((mixed->model.loss(-1, n * std::exp(e), d) - mixed->model.loss(-1, n * std::exp(-e), d)) /
               (2 * e))
            .epsilon(1e-6));
  CHECK(gradient[1] * d ==
        Approx((mixed->model.loss(-1, n, d * std::exp(e)) - mixed->model.loss(-1, n, d * std::exp(-e))) /
               (2 * e))
            .epsilon(1e-6));
}

TEST_CASE("the flat region ends where the loss has risen by its width") {
  const auto solved = relax(budget, law("chinchilla:hoffmann2022"));
  const Problem problem(solved->given, solved->model, resources_of(solved->given));
  const auto [low, high] = flat_sizes(problem, {}, solved->relaxed.at, 0.001);
  for (double n : {low, high}) CHECK(hoffmann(n, 5.76e23 / 6 / n) == Approx(1.9307481 * 1.001).epsilon(1e-7));
  CHECK(low < solved->relaxed.at.size);
  CHECK(high > solved->relaxed.at.size);
}
