#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "plan/loss_model.hpp"
#include "scaleplan/fit/blend.hpp"
#include "scaleplan/num/random.hpp"

using namespace scaleplan;

namespace {

laws::Law law(const std::string& id) {
  auto selection = laws::select_law(json::Catalogue{}, id);
  REQUIRE(selection);
  return selection->law;
}

/// isoFLOP runs of a known law with noise; `unique` not zero: repeated tokens, worth less with every epoch.
runs::Table made_runs(double unique = 0) {
  runs::Table table;
  num::Random random(3, 0);
  for (int budget = 0; budget < 6; ++budget) {
    for (int arm = -4; arm <= 4; ++arm) {
      const double compute = 1e18 * std::pow(4.0, budget);
      const double size = 0.09 * std::sqrt(compute) * std::exp(0.35 * arm);
      const double tokens = compute / (6 * size);
      const double worth = unique > 0 ? plan::repeated_tokens(tokens, unique, 15, nullptr) : tokens;
      if (unique > 0) table.columns["unique_tokens"].push_back(std::min(unique, tokens));
      const double loss = (1.8 + 480 / std::pow(size, 0.35) + 2100 / std::pow(worth, 0.37)) *
                          std::exp(0.002 * random.normal());
      table.columns["params"].push_back(size);
      table.columns["tokens"].push_back(tokens);
      table.columns["flops"].push_back(compute);
      table.columns["loss"].push_back(loss);
      table.outlier.push_back(false);
      table.places.push_back({"made", ++table.rows, 1, ""});
    }
  }
  return table;
}

fit::LawFit fitted_blend() {
  fit::Options options;
  options.bootstrap = 20;
  options.at_flop = {3e21, 1e22, 1e24};
  auto fitted = fit::fit_blend(law("chinchilla"), {law("chinchilla"), law("blend-ratio"), law("blend-outer")},
                               made_runs(), options, {{}, {}, 2});
  REQUIRE(fitted);
  return std::move(*fitted);
}

fit::Predictor blend() {
  return fitted_blend().predictor;
}

plan::Scenario scenario(const std::string& text) {
  const auto document = json::parse(text, "scenario.json");
  REQUIRE(document);
  auto read = plan::read_scenario(*document, json::Catalogue{});
  REQUIRE(read);
  return *read;
}

}  // namespace

TEST_CASE("draws of a blend have exact gradients and are spread over all of them") {
  const fit::Predictor predictor = blend();
  REQUIRE(predictor.allocation.member.size() == 200);
  const auto model = plan::LossModel::build(
      scenario(R"({"schema":"scaleplan/scenario/1","budgets":{"train_flop":"1e22"},"search":{"draws":150}})"),
      predictor);
  REQUIRE(model);
  CHECK(model->draws() == 150);
  for (const int draw : {-1, 0, 7, 80, 149}) {
    const double size = 3.3e9;
    const double tokens = 4.1e11;
    double gradient[2];
    model->loss(draw, size, tokens, gradient);
    const double h = 1e-6;
    const double by_size =
        (model->loss(draw, size * (1 + h), tokens) - model->loss(draw, size * (1 - h), tokens)) /
        (2 * h * size);
    const double by_tokens =
        (model->loss(draw, size, tokens * (1 + h)) - model->loss(draw, size, tokens * (1 - h))) /
        (2 * h * tokens);
    INFO("draw " << draw);
    CHECK(gradient[0] == Approx(by_size).epsilon(1e-5));
    CHECK(gradient[1] == Approx(by_tokens).epsilon(1e-5));
  }
  // The last draw of the model is one of the last of the predictor, not the 150th.
  double last = 0;
  double half = 0;
  for (std::size_t k = 0; k < 9; ++k) {
    last += std::abs(predictor.allocation.move[198].shift[k]);
    half += std::abs(predictor.allocation.move[149].shift[k]);
  }
  CHECK(last != half);
}

TEST_CASE("a blend decides at the centre of its draws, where the fit puts the size") {
  const fit::LawFit fitted = fitted_blend();
  const auto model = plan::LossModel::build(
      scenario(R"({"schema":"scaleplan/scenario/1","budgets":{"train_flop":"1e22"},"search":{"draws":200}})"),
      fitted.predictor);
  REQUIRE(model);
  const auto best = [&](int draw, double compute) {
    double least = std::numeric_limits<double>::infinity();
    double at = 0;
    for (double x = 19; x < 28; x += 0.002) {
      const double size = std::exp(x);
      const double loss = model->loss(draw, size, compute / (6 * size));
      at = loss < least ? x : at;
      least = std::min(least, loss);
    }
    return std::pair{at, least};
  };
  for (const fit::Optimum& wanted : fitted.optimum) {
    INFO(wanted.compute);
    const auto [size, loss] = best(plan::LossModel::point, wanted.compute);
    CHECK(size == Approx(std::log(wanted.size.value)).margin(0.01));  // linear between knots
    CHECK(loss == Approx(wanted.loss.value).epsilon(1e-3));
    std::vector<double> sizes;
    std::vector<double> losses;
    for (int draw = 0; draw < 200; draw += 2) {
      const auto [own, least] = best(draw, wanted.compute);
      sizes.push_back(own);
      losses.push_back(least);
    }
    std::sort(sizes.begin(), sizes.end());
    std::sort(losses.begin(), losses.end());
    const double half = std::log(wanted.size.interval.high / wanted.size.value);
    CHECK(std::abs(sizes[50] - size) < 0.25 * half);
    CHECK(sizes[94] - sizes[5] == Approx(2 * half).epsilon(0.25));
    CHECK(losses[50] == Approx(loss).epsilon(2e-3));
  }
}

TEST_CASE("each draw's best size on the budget is its member's, moved by its shift") {
  const fit::Predictor predictor = blend();
  const auto model = plan::LossModel::build(
      scenario(R"({"schema":"scaleplan/scenario/1","budgets":{"train_flop":"1e22"},"search":{"draws":200}})"),
      predictor);
  REQUIRE(model);
  const fit::AllocationDraws& draws = predictor.allocation;
  const std::size_t knot = 4;
  const double compute = std::exp(draws.ln_compute[knot]);
  for (const int draw : {0, 33, 111, 199}) {
    const auto k = static_cast<std::size_t>(draw);
    const fit::Member& member = predictor.members[draws.member[k]];
    const laws::Allocation own = laws::Allocator(member.law, {}).solve(member.values, compute);
    REQUIRE(own.found);
    const double moved = own.size * std::exp(draws.move[k].shift[knot]);
    const auto at = [&](double size) { return model->loss(draw, size, compute / (6 * size)); };
    CHECK(at(moved) < at(moved * 1.01));
    CHECK(at(moved) < at(moved / 1.01));
    CHECK(at(moved) == Approx(own.loss * std::exp(draws.move[k].level[knot])).epsilon(1e-9));
  }
}

TEST_CASE("a blend of laws that see repetition and laws that do not plans on limited data") {
  fit::Options options;
  options.bootstrap = 20;
  std::vector<laws::Law> all;
  for (const char* id : {"chinchilla", "blend-ratio", "blend-outer", "blend-repeated-outer"}) {
    all.push_back(law(id));
  }
  const auto fitted = fit::fit_blend(all.front(), all, made_runs(1e10), options, {{}, {}, 2});
  REQUIRE(fitted);
  const auto& members = fitted->predictor.members;
  REQUIRE(std::any_of(members.begin(), members.end(),
                      [](const fit::Member& m) { return m.law.id == "blend-repeated-outer"; }));
  const auto with = [&](const std::string& data) {
    auto model = plan::LossModel::build(
        scenario(R"({"schema":"scaleplan/scenario/1","budgets":{"train_flop":"1e22"})" + data + "}"),
        fitted->predictor);
    REQUIRE(model);
    return std::move(*model);
  };
  const plan::LossModel fresh = with("");
  const plan::LossModel scarce = with(R"(,"data":{"unique_tokens":"50B"})");
  const double size = 3e9;
  CHECK(scarce.loss(-1, size, 4e10) == Approx(fresh.loss(-1, size, 4e10)).epsilon(1e-9));
  CHECK(scarce.loss(-1, size, 4e11) > fresh.loss(-1, size, 4e11) * 1.001);
  CHECK(scarce.loss(-1, size, 4e11) < scarce.loss(-1, size, 1e11));
  for (const int draw : {-1, 0, 50, 199}) {
    double gradient[2];
    scarce.loss(draw, size, 4e11, gradient);
    const double h = 1e-6;
    INFO("draw " << draw);
    CHECK(gradient[1] ==
          Approx((scarce.loss(draw, size, 4e11 * (1 + h)) - scarce.loss(draw, size, 4e11 * (1 - h))) /
                 (2 * h * 4e11))
              .epsilon(1e-5));
  }
}
