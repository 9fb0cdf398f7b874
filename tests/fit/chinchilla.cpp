// Expected numbers: the refit of the 245 published rows recomputed independently (SciPy, analytic gradient,
// gradient below 5e-9) and tabulated with its intervals, conditioning and flatness; D is the `tokens` column.
#include <catch2/catch.hpp>
#include <cmath>

#include "fit/conditioning.hpp"
#include "fit/multistart.hpp"
#include "rows.hpp"
#include "scaleplan/fit/document.hpp"
#include "scaleplan/fit/fit.hpp"

using namespace scaleplan;
using namespace scaleplan::fit;

namespace {

LawFit fitted(const runs::Table& table, Options options, int threads = 2) {
  auto fit = fit_law(rows::law("chinchilla"), table, options, {{}, {}, threads});
  if (!fit) {
    FAIL(to_text(fit.errors()[0]));
  }
  return *fit;
}

Options point_only() {
  Options options;
  options.bootstrap = 0;
  return options;
}

std::string bytes(const runs::Table& table, int threads) {
  Options options;
  options.bootstrap = 200;
  Fit fit;
  fit.options = options;
  fit.fits.push_back(fitted(table, options, threads));
  return json::write(to_json(fit));
}

void matches(double value, double expected, double relative) {
  INFO(value << " against " << expected);
  CHECK(std::abs(value / expected - 1) <= relative);
}

}  // namespace

TEST_CASE("the Chinchilla rows give the reference optimum", "[fit][chinchilla]") {
  const LawFit fit = fitted(rows::chinchilla(), point_only());
  matches(fit.objective, 1.01827399765e-3, 1e-8);
  matches(fit.parameters.at("E").value, 1.8172181, 1e-5);
  matches(fit.parameters.at("A").value, 477.826, 1e-5);
  matches(fit.parameters.at("B").value, 2143.42, 1e-5);
  matches(fit.parameters.at("alpha").value, 0.3473105, 1e-5);
  matches(fit.parameters.at("beta").value, 0.3671724, 1e-5);
  CHECK(fit.points.read == 245);
  CHECK(fit.points.used == 240);
  CHECK(fit.points.dropped.at(0).count == 5);
  CHECK(fit.verdict == Verdict::converged);
  CHECK(fit.starts.given == 4500);
  CHECK(fit.starts.distinct == 25);  // alpha × beta: E, A and B are eliminated
  CHECK(fit.starts.converged + fit.starts.merged + fit.starts.failed == 4500);
  CHECK(fit.starts.failed == 0);
  CHECK(fit.starts.agree == 4500);
  CHECK(fit.diagnostics.gradient_norm < 1e-6);
  CHECK(fit.diagnostics.inside_delta == 39);
  matches(fit.diagnostics.residual_rms, 0.0075, 0.01);
  matches(fit.methods.front().size.exponent, 0.5139, 1e-4);
}

TEST_CASE("all 245 rows, outliers included, give the other tabulated optimum", "[fit][chinchilla]") {
  Options options = point_only();
  options.include_outliers = true;
  const LawFit fit = fitted(rows::chinchilla(), options);
  matches(fit.objective, 1.826011e-3, 1e-5);
  matches(fit.parameters.at("E").value, 1.891338, 1e-5);
  matches(fit.parameters.at("A").value, 495.726, 1e-4);
  matches(fit.parameters.at("B").value, 12845.6, 1e-3);
  matches(fit.parameters.at("beta").value, 0.453053, 1e-4);
  CHECK(fit.points.used == 245);
}

TEST_CASE("conditioning reproduces the table", "[fit][chinchilla]") {
  const Conditioning c = fitted(rows::chinchilla(), point_only()).diagnostics.conditioning;
  matches(c.full, 4.0e6, 0.02);
  matches(c.scaled, 4.8e4, 0.02);
  matches(c.projected, 1.24, 0.01);
  CHECK(c.nonlinear == std::vector<std::string>{"alpha", "beta"});
  const double expected[] = {1.4e-3, 1.5e-3, 9.6, 239, 5556};
  for (std::size_t k = 0; k < 5; ++k) {
    matches(c.eigenvalues.at(k), expected[k], 0.04);
  }
}

TEST_CASE("row-bootstrap intervals agree with the table to Monte-Carlo error", "[fit][chinchilla]") {
  Options options;
  options.bootstrap = 4000;
  options.level = 0.95;
  options.at_flop = {1e20, 1e22, 5.76e23, 1e24, 1e26};
  const LawFit fit = fitted(rows::chinchilla(), options);
  CHECK(fit.draws_failed == 0);
  CHECK(fit.diagnostics.draws_gradient_norm < 1e-6);
  const auto ends = [&](const std::string& name, double low, double high, double tolerance) {
    INFO(name);
    matches(fit.parameters.at(name).interval.low, low, tolerance);
    matches(fit.parameters.at(name).interval.high, high, tolerance);
  };
  ends("A", 291, 738, 0.04);
  ends("B", 1097, 5944, 0.12);
  ends("E", 1.772, 1.872, 0.002);
  ends("alpha", 0.318, 0.373, 0.006);
  ends("beta", 0.334, 0.417, 0.008);
  matches(fit.standard_error.at("beta"), 0.0203, 0.08);
  matches(fit.standard_error.at("E"), 0.0253, 0.06);
  const auto& at = fit.optimum;
  const auto size = [&](std::size_t k, double value, double low, double high) {
    matches(at[k].size.value, value, 0.004);
    matches(at[k].size.interval.low, low, 0.05);
    matches(at[k].size.interval.high, high, 0.06);
  };
  size(0, 8.55e8, 7.91e8, 9.18e8);
  size(1, 9.12e9, 7.38e9, 11.8e9);
  size(2, 73.2e9, 52.1e9, 112e9);
  size(3, 97.2e9, 68.1e9, 152e9);
  size(4, 1.04e12, 0.63e12, 1.96e12);
  matches(at[3].tokens_per_parameter.value, 17.65, 0.001);
  matches(at[3].loss.interval.low, 1.936, 0.003);
  matches(at[3].loss.interval.high, 1.989, 0.003);
  matches(at[3].within_0_1_percent.low, 61e9, 0.01);
  matches(at[3].within_0_1_percent.high, 154e9, 0.01);
  matches(at[3].within_0_5_percent.low, 34e9, 0.02);
  matches(at[3].within_0_5_percent.high, 272e9, 0.01);
  CHECK(at[3].decades_outside == Approx(std::log10(1e24 / 1.2956e22)).margin(0.01));
}

TEST_CASE("which rows are in moves the allocation as tabulated", "[fit][chinchilla]") {
  Options options = point_only();
  options.at_flop = {1e24};
  const auto ratio = [&](double limit) {
    return fitted(rows::below(rows::chinchilla(), limit), options).optimum[0].tokens_per_parameter.value;
  };
  // Two digits are tabulated; rows on the limit itself differ by how C is rounded.
  matches(ratio(1e20), 2.3, 0.05);
  matches(ratio(3e20), 4.0, 0.05);
  matches(ratio(1e21), 8.1, 0.05);
}

TEST_CASE("threads and row order do not change a byte", "[fit][chinchilla]") {
  const runs::Table table = rows::chinchilla();
  std::vector<std::size_t> order;
  for (std::size_t k = 0; k < table.rows; ++k) {
    order.push_back(k * 101 % table.rows);
  }
  const std::string one = bytes(table, 1);
  CHECK(one == bytes(table, 2));
  CHECK(one == bytes(table, 5));
  CHECK(one == bytes(select(table, order), 2));
}

TEST_CASE("ending starts early in known basins does not change where they end", "[fit][chinchilla]") {
  const laws::Law law = rows::law("chinchilla");
  const auto model = build_model(law, rows::chinchilla(), point_only());
  REQUIRE(model);
  const Objective objective(model->rows, model->weights, model->delta);
  Descender scratch(model->program);
  std::vector<Start> grid;
  const auto& parameters = law.parameters;
  for (std::size_t k = 0; k < 4500; k += 7) {
    Start& start = grid.emplace_back();
    for (std::size_t p = 0, rest = k; p < parameters.size(); rest /= parameters[p++].start.size()) {
      start.theta.push_back(parameters[p].start[rest % parameters[p].start.size()]);
    }
  }
  std::size_t reach_best = 0;
  for (const auto& start : grid) {
    const Descent alone = descend(objective, model->box, start.theta, true, {}, scratch);
    reach_best += alone.ending == Ending::converged && alone.value < 1.018274e-3 * (1 + 1e-6) ? 1U : 0U;
  }
  const fit::Search found = fit::search(*model, grid, {{}, {}, 2});
  CHECK(found.starts.merged > grid.size() / 4);
  CHECK(found.starts.agree == reach_best);
}

TEST_CASE("a fit reads back as the same predictor", "[fit][document]") {
  Options options;
  options.bootstrap = 50;
  Fit fit;
  fit.options = options;
  fit.fits.push_back(fitted(rows::chinchilla(), options));
  const auto document = json::parse(json::write(to_json(fit)), "fit.json");
  REQUIRE(document);
  const auto predictors = read_fit(*document);
  if (!predictors) {
    FAIL(to_text(predictors.errors()[0]));
  }
  const Member& member = predictors->at(0).members.at(0);
  const Member& original = fit.fits[0].predictor.members[0];
  REQUIRE(member.draws.size() == 50);
  for (std::size_t p = 0; p < member.values.size(); ++p) {
    matches(member.values[p], original.values[p], 1e-9);
    matches(member.draws[17][p], original.draws[17][p], 1e-7);
  }
  CHECK(predictors->at(0).range.at("C").high == Approx(fit.fits[0].predictor.range.at("C").high));
  Query point;
  point.inputs = {{"N", 7e10}, {"D", 1.4e12}};
  const std::vector<Query> points{point};
  const auto prediction = predict(predictors->at(0), points, 0.9, {});
  REQUIRE(prediction);
  const double expected = member.values[0] + member.values[1] / std::pow(7e10, member.values[3]) +
                          member.values[2] / std::pow(1.4e12, member.values[4]);
  matches(prediction->at(0).value, expected, 1e-12);
  CHECK(prediction->at(0).interval.low < expected);
  CHECK(prediction->at(0).interval.high > expected);
}

TEST_CASE("rows without noise are fitted exactly", "[fit]") {
  runs::Table table;
  for (int i = 0; i < 8; ++i) {
    for (int j = 0; j < 6; ++j) {
      const double size = 1e7 * std::pow(2.0, i);
      const double tokens = 1e9 * std::pow(3.0, j);
      table.columns["params"].push_back(size);
      table.columns["tokens"].push_back(tokens);
      table.columns["loss"].push_back(1.7 + 400 / std::pow(size, 0.34) + 410 / std::pow(tokens, 0.28));
      table.outlier.push_back(false);
      table.places.push_back({"made", ++table.rows, 1, ""});
    }
  }
  const LawFit fit = fitted(table, point_only());
  matches(fit.parameters.at("A").value, 400, 1e-5);
  matches(fit.parameters.at("alpha").value, 0.34, 1e-6);
  matches(fit.parameters.at("E").value, 1.7, 1e-6);
}

TEST_CASE("sizes in billions are refused, not rescaled", "[fit]") {
  runs::Table table = rows::chinchilla();
  for (double& size : table.columns["params"]) {
    size /= 1e9;
  }
  const auto fit = fit_law(rows::law("chinchilla"), table, point_only(), {});
  REQUIRE_FALSE(fit);
  const std::string text = to_text(fit.errors().at(0));
  CHECK(text.find("no run has so few parameters") != std::string::npos);
  CHECK(text.find("multiply them by 1e9") != std::string::npos);
  CHECK(fit.errors().at(0).place.line > 0);
}
