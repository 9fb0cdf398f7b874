// Variable projection of the start grid, and descents whose optimum lies where a term has vanished.
#include "fit/starts.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "rows.hpp"

using namespace scaleplan;
using namespace scaleplan::fit;

namespace {

/// 48 rows of E + A/N^alpha + B/D^beta with residuals of half a percent that do not follow the inputs.
runs::Table made(double floor, double a, double b) {
  runs::Table table;
  for (int i = 0; i < 8; ++i) {
    for (int j = 0; j < 6; ++j) {
      const double size = 1e7 * std::pow(2.0, i);
      const double tokens = 1e9 * std::pow(3.0, j);
      const double loss = floor + a / std::pow(size, 0.34) + b / std::pow(tokens, 0.28);
      table.columns["params"].push_back(size);
      table.columns["tokens"].push_back(tokens);
      table.columns["loss"].push_back(loss * std::exp(0.005 * std::sin(7.0 * i * i + 3.0 * j)));
      table.outlier.push_back(false);
      table.places.push_back({"made", ++table.rows, 1, ""});
    }
  }
  return table;
}

/// Σ (L̂/L − 1)² at working coordinates of E, A, B, alpha, beta.
double relative_squares(const runs::Table& table, const std::vector<double>& theta) {
  double sum = 0;
  for (std::size_t i = 0; i < table.rows; ++i) {
    const double loss = std::exp(theta[0]) +
                        std::exp(theta[1]) / std::pow(table.columns.at("params")[i], theta[3]) +
                        std::exp(theta[2]) / std::pow(table.columns.at("tokens")[i], theta[4]);
    sum += std::pow(loss / table.columns.at("loss")[i] - 1, 2);
  }
  return sum;
}

LawFit fitted(const runs::Table& table) {
  Options options;
  options.bootstrap = 0;
  const auto fit = fit_law(rows::law("chinchilla"), table, options, {});
  if (!fit) {
    FAIL(to_text(fit.errors()[0]));
  }
  return *fit;
}

}  // namespace

TEST_CASE("starts stand for the whole grid, and no linear parameter can be bettered", "[fit][starts]") {
  const laws::Law law = rows::law("chinchilla");
  const runs::Table table = made(1.7, 400, 410);
  const auto model = build_model(law, table, {});
  REQUIRE(model);
  CHECK(linear_parameters(*model) == std::vector<std::size_t>{0, 1, 2});
  const std::vector<Start> starts = start_grid(*model, {});
  CHECK(std::accumulate(starts.begin(), starts.end(), std::size_t{0},
                        [](std::size_t sum, const Start& s) { return sum + s.times; }) == 4500);
  for (const Start& start : starts) {
    const double here = relative_squares(table, start.theta);
    for (std::size_t j = 0; j < 3; ++j) {
      for (const double step : {-0.3, -0.03, 0.03, 0.3}) {
        std::vector<double> moved = start.theta;
        moved[j] += step;
        INFO("alpha " << start.theta[3] << " beta " << start.theta[4] << " coordinate " << j << " by "
                      << step);
        CHECK(relative_squares(table, moved) > here * (1 - 1e-3) - 1e-6);
      }
    }
  }
}

TEST_CASE("a law without linear parameters keeps every start", "[fit][starts]") {
  const laws::Law law = rows::law("kaplan2020");
  runs::Table table = made(0, 400, 410);
  table.columns["non_embedding_params"] = table.columns["params"];
  const auto model = build_model(law, table, {});
  REQUIRE(model);
  for (const Start& start : start_grid(*model, {})) {
    CHECK(start.times == 1);
  }
}

TEST_CASE("rows without irreducible loss put E on its bound, whatever the start", "[fit][starts]") {
  const LawFit fit = fitted(made(0, 400, 410));
  CHECK(fit.verdict == Verdict::at_bound);
  CHECK(fit.verdict_reason.find("E fell to zero") != std::string::npos);
  CHECK(fit.parameters.at("alpha").value == Approx(0.34).margin(0.01));
  CHECK(fit.starts.agree > fit.starts.given / 2);
}

TEST_CASE("rows that do not feel the size say so", "[fit][starts]") {
  runs::Table table = made(2, 0, 4000);
  for (std::size_t i = 0; i < table.rows; ++i) {
    table.columns["loss"][i] = table.columns["loss"][i % 6];  // the same for every size
  }
  const LawFit fit = fitted(table);
  INFO(fit.verdict_reason << " alpha " << fit.parameters.at("alpha").value << " A "
                          << fit.parameters.at("A").value);
  CHECK(fit.verdict == Verdict::not_identified);
}
