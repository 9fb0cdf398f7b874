// Laws with further inputs in a blend. Rows are made by published laws with half a percent of noise: the
// blend must know them again, and foretell larger runs better than laws that do not see the input.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>

#include "rows.hpp"
#include "scaleplan/expr/program.hpp"
#include "scaleplan/fit/blend.hpp"

using namespace scaleplan;
using namespace scaleplan::fit;

namespace {

/// Runs of 6 sizes, 3 token counts each, for every value of one column; `law` makes the losses from the
/// columns, `total` the size that counts everything.
runs::Table made(const laws::Law& law, const std::string& column, const std::vector<double>& values,
                 const std::function<double(double, double)>& total) {
  const expr::Program program =
      expr::Program::compile(law.form, {law.input_names(), law.parameter_names(), {}, {}});
  runs::Table table;
  for (int k = 0; k < 18 * static_cast<int>(values.size()); ++k) {
    const double size = 2e7 * std::pow(2.5, k % 6);
    const double tokens = size * 12 * std::pow(2.5, k / 6 % 3);
    const double value = values[static_cast<std::size_t>(k / 18)];
    std::vector<double> inputs;
    for (const laws::Input& input : law.inputs) {
      inputs.push_back(&input == law.size()     ? size
                       : &input == law.tokens() ? tokens
                       : input.column == column ? value
                                                : input.fallback.value_or(1));
    }
    const double loss = program.at(inputs, law.sets.front().values, {});
    table.columns["params"].push_back(total(size, value));
    table.columns["tokens"].push_back(tokens);
    table.columns["flops"].push_back(6 * size * tokens);
    table.columns["loss"].push_back(loss * std::exp(0.002 * std::sin(static_cast<double>(k * k))));
    table.columns[column].push_back(value);
    table.outlier.push_back(false);
    table.places.push_back({"made", ++table.rows, 1, ""});
  }
  return table;
}

struct Outcome {
  double weight = 0;  ///< of the members of the law with the input
  double error = 0;   ///< mean over the rows of the upper 0.8 decades
};

Outcome outcome(const runs::Table& table, const std::vector<std::string>& laws) {
  const std::vector<double>& compute = table.columns.at("flops");
  const double limit = *std::max_element(compute.begin(), compute.end()) / std::pow(10, 0.8);
  Options options;
  options.bootstrap = 0;
  std::vector<laws::Law> members;
  members.reserve(laws.size());
  for (const std::string& id : laws) {
    members.push_back(rows::law(id));
  }
  const auto fit = fit_blend(members.front(), members, rows::below(table, limit), options, {{}, {}, 2});
  REQUIRE(fit);
  Outcome out;
  for (const Member& member : fit->predictor.members) {
    out.weight += member.law.id == laws.back() ? member.weight : 0;
  }
  std::vector<Query> queries;
  for (std::size_t row = 0; row < table.rows; ++row) {
    if (compute[row] > limit) {
      Query& query = queries.emplace_back();
      for (const Member& member : fit->predictor.members) {
        for (const laws::Input& input : member.law.inputs) {
          if (table.has(input.column)) {
            query.inputs[input.name] = table.columns.at(input.column)[row];
          }
        }
      }
      query.compute = compute[row];
      query.observed = table.columns.at("loss")[row];
    }
  }
  const auto predictions = predict(fit->predictor, queries, 0.9, {});
  REQUIRE(predictions);
  for (const Prediction& p : *predictions) {
    out.error += std::abs(p.value / p.query.observed - 1) / static_cast<double>(queries.size());
  }
  return out;
}

}  // namespace

TEST_CASE("experts are a member's input where they vary", "[fit][blend]") {
  // half of a size is in experts, of which the rest is a copy each
  const auto total = [](double active, double experts) { return active * (0.5 + 0.5 * experts); };
  const runs::Table table = made(rows::law("ludziejewski2025"), "experts", {1, 4, 16}, total);
  const Outcome with = outcome(table, {"chinchilla", "blend-outer", "blend-ratio", "blend-experts"});
  const Outcome without = outcome(table, {"chinchilla", "blend-outer", "blend-ratio"});
  CHECK(with.weight > 0.8);
  CHECK(with.error < 0.5 * without.error);
  const runs::Table dense = made(rows::law("ludziejewski2025"), "experts", {4, 4, 4}, total);
  CHECK(outcome(dense, {"chinchilla", "blend-experts"}).weight == 0);
}

TEST_CASE("bits are a member's input where they vary", "[fit][blend]") {
  const runs::Table table = made(rows::law("kumar2024"), "weight_bits", {16, 6, 3},
                                 [](double size, double /*bits*/) { return size; });
  const Outcome with = outcome(table, {"chinchilla", "blend-outer", "blend-ratio", "blend-precision"});
  const Outcome without = outcome(table, {"chinchilla", "blend-outer", "blend-ratio"});
  CHECK(with.weight > 0.8);
  CHECK(with.error < 0.5 * without.error);
}
