#include "scaleplan/runs/curve.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numeric>

#include "scaleplan/runs/curve_builder.hpp"

namespace scaleplan::runs {
namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();
using Numbers = std::vector<double>;

Table steps(std::map<std::string, Numbers> columns) {
  Table table;
  table.rows = columns.at("step").size();
  for (std::size_t i = 0; i < table.rows; ++i) {
    table.places.push_back({"f", i + 1, 1, ""});
  }
  table.outlier.assign(table.rows, false);
  table.columns = std::move(columns);
  return table;
}

TEST_CASE("records of one step join", "[curve]") {
  const Curve curve = make_curve(
      steps(
          {{"step", {1, 2, 2, 3}}, {"train_loss", {5, 4, none, 3}}, {"eval_loss", {none, none, 4.5, none}}}),
      "r");
  CHECK(curve.points.rows == 3);
  CHECK(curve.points.columns.at("train_loss") == Numbers{5, 4, 3});
  CHECK(curve.points.columns.at("eval_loss")[1] == 4.5);
  CHECK(curve.mended.empty());
}

TEST_CASE("a run that was resumed forgets what came after", "[curve]") {
  // crashed at 6, resumed at 3, so far at 4: what steps 5 and 6 gave is of another run
  const Curve curve = make_curve(
      steps({{"step", {1, 2, 3, 4, 5, 6, 3, 4}}, {"train_loss", {9, 8, 7, 6, 5, 4, 7.1, 6.1}}}), "r");
  CHECK(curve.points.columns.at("step") == Numbers{1, 2, 3, 4});
  CHECK(curve.points.columns.at("train_loss") == Numbers{9, 8, 7.1, 6.1});
  REQUIRE(curve.mended.size() == 1);
  CHECK(curve.mended[0].count == 4);
  CHECK(curve.mended[0].first.line == 7);
}

TEST_CASE("resumed nearly from the start is no second rank", "[curve]") {
  std::map<std::string, Numbers> columns;
  for (int attempt = 0; attempt < 2; ++attempt) {
    for (int step = 1; step <= 90 + 10 * attempt; ++step) {
      columns["step"].push_back(step);
      columns["train_loss"].push_back(attempt);
    }
  }
  const Curve curve = make_curve(steps(columns), "r");
  CHECK(curve.points.rows == 100);
  CHECK(curve.points.columns.at("train_loss") == Numbers(100, 1.0));
  CHECK(curve.mended[0].count == 90);
}

TEST_CASE("a late evaluation is no restart", "[curve]") {
  const Curve curve = make_curve(steps({{"step", {1, 2, 3, 2, 4}},
                                        {"train_loss", {5, 4, 3, none, 2}},
                                        {"eval_loss", {none, none, none, 4, none}}}),
                                 "r");
  CHECK(curve.points.columns.at("train_loss") == Numbers{5, 4, 3, 2});
  CHECK(curve.points.columns.at("eval_loss")[1] == 4);
}

TEST_CASE("a file with its newest record first is sorted, and says so", "[curve]") {
  const Curve curve = make_curve(steps({{"step", {3, 2, 1}}, {"train_loss", {1, 2, 3}}}), "r");
  CHECK(curve.points.columns.at("train_loss") == Numbers{3, 2, 1});
  REQUIRE(curve.mended.size() == 1);
  CHECK(curve.mended[0].reason == "not in the order of steps, sorted");
}

TEST_CASE("records without a step are counted", "[curve]") {
  const Curve curve = make_curve(steps({{"step", {1, none, 2}}, {"train_loss", {3, 2.5, 2}}}), "r");
  CHECK(curve.points.rows == 2);
  CHECK(curve.mended[0].reason == "no step, left out");
}

Table piece(const Table& rows, std::size_t first, std::size_t last) {
  std::vector<std::size_t> these(last - first);
  std::iota(these.begin(), these.end(), first);
  return select(rows, these);
}

TEST_CASE("a curve does not depend on the pieces it comes in", "[curve]") {
  Numbers step(1000);
  std::iota(step.begin(), step.end(), 1);
  std::rotate(step.begin() + 700, step.begin() + 720, step.end());
  step[500] = 490;  // a restart
  Numbers loss(step.size());
  std::transform(step.begin(), step.end(), loss.begin(), [](double s) { return 2 + 1 / s; });
  const Table rows = steps({{"step", step}, {"train_loss", loss}});
  const Curve whole = make_curve(rows, "r");
  CurveBuilder builder("r");
  for (std::size_t at = 0; at < rows.rows; at += 250) {
    builder.add(piece(rows, at, at + 250));
  }
  const Curve pieces = builder.finish();
  CHECK(pieces.points.columns == whole.points.columns);
  REQUIRE(pieces.mended.size() == whole.mended.size());
  CHECK(pieces.mended[0].count == whole.mended[0].count);
}

TEST_CASE("a long curve keeps a bounded number of points and its means", "[curve]") {
  constexpr std::size_t pieces = 13;
  constexpr std::size_t length = 100000;
  CurveBuilder builder("r");
  double sum = 0;
  for (std::size_t p = 0; p < pieces; ++p) {
    Numbers step(length);
    std::iota(step.begin(), step.end(), static_cast<double>(p * length + 1));
    std::swap(step[length / 2], step[length / 2 + 1]);  // a little out of order
    Numbers loss(length);
    std::transform(step.begin(), step.end(), loss.begin(), [](double s) { return 2 + 5 / std::sqrt(s); });
    sum += std::accumulate(loss.begin(), loss.end(), 0.0);
    builder.add(steps({{"step", step}, {"train_loss", loss}}));
  }
  const Curve curve = builder.finish();
  CHECK(curve.points.rows <= (1U << 18U) + 1);
  CHECK(curve.points.rows > (1U << 16U));
  CHECK(curve.points.columns.at("step").back() == pieces * length);
  const Numbers& loss = curve.points.columns.at("train_loss");
  const double mean = std::accumulate(loss.begin(), loss.end(), 0.0) / static_cast<double>(loss.size());
  CHECK(mean == Approx(sum / (pieces * length)).epsilon(1e-4));
}

TEST_CASE("a long file with its newest stretch first is sorted", "[curve]") {
  constexpr std::size_t length = 600000;
  Numbers step(2 * length);
  std::iota(step.begin(), step.end(), 1);
  std::reverse(step.begin(), step.end());
  const Curve curve = make_curve(steps({{"step", step}, {"train_loss", step}}), "r");
  const Numbers& at = curve.points.columns.at("step");
  CHECK(std::adjacent_find(at.begin(), at.end(), std::greater_equal<>()) == at.end());
  CHECK(at.front() < 16);
  CHECK(at.back() == 2 * length);
  CHECK(curve.mended[0].reason == "not in the order of steps, sorted");
}

TEST_CASE("tokens follow the log, then the batch", "[curve]") {
  const auto tokens = [](std::map<std::string, Numbers> columns) {
    return tokens_at(make_curve(steps(std::move(columns)), "r"));
  };
  CHECK(tokens({{"step", {0, 10, 20, 40}}, {"tokens", {none, 100, none, 400}}}) == Numbers{0, 100, 200, 400});
  CHECK(tokens({{"step", {10, 20, 30}}, {"tokens", {100, 200, none}}}) == Numbers{100, 200, 300});
  CHECK(tokens({{"step", {10, 20}}, {"tokens", {none, 200}}}) == Numbers{100, 200});
  CHECK(tokens({{"step", {10, 20}}, {"batch_tokens", {8, 8}}}) == Numbers{80, 160});
  CHECK(std::isnan(tokens({{"step", {10, 20}}, {"train_loss", {8, 8}}})[0]));
}

TEST_CASE("the final loss is an evaluation, else a mean of the last batches", "[curve]") {
  std::map<std::string, Numbers> columns;
  for (int step = 1; step <= 1000; ++step) {
    columns["step"].push_back(step);
    columns["train_loss"].push_back(step % 2 == 0 ? 3.0 : 2.0);
  }
  CHECK(final_loss(make_curve(steps(columns), "r")) == 2.5);  // steps 991 to 1000
  columns["eval_loss"] = Numbers(1000, none);
  columns["eval_loss"][499] = 2.7;
  const Curve curve = make_curve(steps(columns), "r");
  CHECK(final_loss(curve) == 2.7);
  CHECK(final_row(curve).columns.at("steps")[0] == 500);
}

TEST_CASE("facts complete a row and must not contradict it", "[curve]") {
  Curve curve =
      make_curve(steps({{"step", {10, 20}}, {"train_loss", {3, 2}}, {"learning_rate", {1e-3, 1e-4}}}), "r");
  Table row = final_row(curve);
  Table facts = steps({{"step", {0}}, {"params", {1e8}}, {"batch_tokens", {1e5}}, {"learning_rate", {2e-3}}});
  facts.columns.erase("step");
  CHECK(add_facts(facts, &curve, row).empty());
  CHECK(row.columns.at("params")[0] == 1e8);
  CHECK(row.columns.at("tokens")[0] == 2e6);
  CHECK(row.columns.at("learning_rate")[0] == 1e-3);
  facts.columns = {{"tokens", {3e6}}};
  const Diagnostics errors = add_facts(facts, &curve, row);
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].message == "tokens is 3000000, but the log says 2000000");
}

}  // namespace
}  // namespace scaleplan::runs
