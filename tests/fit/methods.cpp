// Expected exponents: closed forms of the law that made the rows, β/(α+β) and α/(α+β).
#include "scaleplan/fit/methods.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "rows.hpp"
#include "scaleplan/fit/envelope.hpp"
#include "scaleplan/fit/fit.hpp"

using namespace scaleplan;
using namespace scaleplan::fit;

namespace {

constexpr double alpha = 0.34;
constexpr double beta = 0.28;

double law_loss(double size, double tokens) {
  return 1.69 + 406.4 * std::pow(size, -alpha) + 410.7 * std::pow(tokens, -beta);
}

double best_size(double compute) {
  const double g = std::pow(alpha * 406.4 / (beta * 410.7), 1 / (alpha + beta));
  return g * std::pow(compute / 6, beta / (alpha + beta));
}

void add(runs::Table& table, double size, double tokens, double loss) {
  table.columns["params"].push_back(size);
  table.columns["tokens"].push_back(tokens);
  table.columns["flops"].push_back(6 * size * tokens);
  table.columns["loss"].push_back(loss);
  table.outlier.push_back(false);
  table.places.push_back({"made.jsonl", table.rows + 1, 1, ""});
  ++table.rows;
}

/// Sizes e^0.25 apart, each trained to many lengths: a grid whose rows of one size are a curve.
runs::Table curves() {
  runs::Table table;
  for (double size = 3e7; size < 1e10; size *= std::exp(0.25)) {
    for (double compute = 1e18; compute < 1e21; compute *= 1.5) {
      const double tokens = compute / 6 / size;
      if (tokens > 1e8 && tokens < 1e12) {
        add(table, size, tokens, law_loss(size, tokens));
      }
    }
  }
  return table;
}

Options without_draws() {
  Options options;
  options.bootstrap = 0;
  options.starts_from_data = true;
  return options;
}

LawFit fitted(const runs::Table& table, const Options& options) {
  auto fit = fit_law(rows::law("chinchilla"), table, options, {});
  REQUIRE(fit);
  return std::move(*fit);
}

}  // namespace

TEST_CASE("three methods find the exponents of the law that made the rows", "[fit][methods]") {
  const std::vector<MethodRecord> methods = fitted(curves(), without_draws()).methods;
  REQUIRE(methods.size() == 3);
  const double top = 1e18 * std::pow(1.5, 17);
  // The law is exact. Parabolas miss the asymmetry of the valley, the envelope takes sizes that were trained.
  const double margins[] = {1e-5, 0.01, 0.01};
  for (std::size_t m = 0; m < methods.size(); ++m) {
    INFO(methods[m].method);
    CHECK(methods[m].reason.empty());
    CHECK(methods[m].size.exponent == Approx(beta / (alpha + beta)).margin(margins[m]));
    CHECK(methods[m].tokens.exponent == Approx(alpha / (alpha + beta)).margin(margins[m]));
    CHECK(std::log(methods[m].size.at_top) == Approx(std::log(best_size(top))).margin(m == 0 ? 1e-3 : 0.12));
    CHECK(6 * methods[m].size.at_top * methods[m].tokens.at_top == Approx(top).epsilon(m == 2 ? 0.05 : 1e-3));
  }
}

TEST_CASE("the envelope interpolates along curves and refuses budgets where an end size wins",
          "[fit][methods]") {
  CurvePoints points;
  const auto curve = [&](std::size_t id, double size, const std::vector<std::pair<double, double>>& at) {
    for (const auto& [compute, ln_loss] : at) {
      points.compute.push_back(compute);
      points.size.push_back(size);
      points.tokens.push_back(compute / 6 / size);
      points.ln_loss.push_back(ln_loss);
      points.curve.push_back(id);
    }
  };
  curve(0, 1e7, {{1e18, 1.00}, {1.5e18, 0.99}});
  curve(1, 2e7, {{0.8e18, 1.03}, {1.25e18, 0.95}});  // 0.9900 at 1e18: half way in ln C
  curve(2, 4e7, {{1e18, 1.10}, {1.5e18, 0.90}});
  const std::vector<EnvelopePoint> found = Envelope(points).points();
  REQUIRE(found.size() == 2);  // at 1.5e18 the largest wins, at 0.8e18 one curve stands alone
  CHECK(found[0].compute == 1e18);
  CHECK(std::exp(found[0].ln_size) == Approx(2e7));
  CHECK(std::exp(found[0].ln_tokens) == Approx(1e18 / 6 / 2e7).epsilon(1e-9));
  CHECK(found[0].curves == 3);
  CHECK(found[1].compute == 1.25e18);
  CHECK(Envelope(points).points({1, 0, 1}).empty());  // without the middle size two compete
}

TEST_CASE("methods say why they have no answer", "[fit][methods]") {
  runs::Table table;
  for (double compute = 1e18; compute < 2e20; compute *= 3) {
    // Every size below the best: the loss falls to the edge of each budget.
    for (const double share : {0.05, 0.08, 0.12, 0.2, 0.3}) {
      const double size = share * best_size(compute);
      add(table, size, compute / 6 / size, law_loss(size, compute / 6 / size));
    }
  }
  const std::vector<MethodRecord> methods = fitted(table, without_draws()).methods;
  REQUIRE(methods.size() == 3);
  CHECK(methods[1].reason.find("fewer than three budgets") != std::string::npos);
  CHECK(methods[1].rejected.size() == methods[1].tried);
  REQUIRE_FALSE(methods[1].rejected.empty());
  CHECK_FALSE(methods[1].rejected.front().reason.empty());
  CHECK(methods[2].reason.find("too few budgets") != std::string::npos);
  CHECK(std::isnan(methods[2].size.exponent));
}

TEST_CASE("a disagreement of methods shows", "[fit][methods]") {
  MethodRecord a;
  MethodRecord b;
  a.size.exponent_interval = {0.45, 0.50, true};
  b.size.exponent_interval = {0.51, 0.55, true};
  CHECK(disagree(a, b));
  CHECK(disagree(b, a));
  b.size.exponent_interval.low = 0.49;
  CHECK_FALSE(disagree(a, b));
  b.size.exponent_interval = {};
  CHECK_FALSE(disagree(a, b));
}

TEST_CASE("methods on the published Chinchilla rows agree, with intervals", "[fit][methods]") {
  Options options;
  options.bootstrap = 100;
  options.starts_from_data = true;
  const LawFit fit = fitted(rows::chinchilla(), options);
  for (const MethodRecord& method : fit.methods) {
    INFO(method.method);
    // Hoffmann et al. 2022, table 2: 0.50, 0.49 and 0.46 by their three approaches.
    CHECK(method.size.exponent > 0.45);
    CHECK(method.size.exponent < 0.55);
    REQUIRE(method.size.exponent_interval.known);
    CHECK(method.size.exponent_interval.low < method.size.exponent);
    CHECK(method.size.exponent < method.size.exponent_interval.high);
    CHECK(method.size.exponent + method.tokens.exponent == Approx(1).margin(2e-3));
    CHECK_FALSE(disagree(method, fit.methods.front()));
  }
  const LawFit again = fitted(rows::chinchilla(), options);
  CHECK(again.methods[2].size.exponent_interval.low == fit.methods[2].size.exponent_interval.low);
}
