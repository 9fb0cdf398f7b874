#include "fit/model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "fit/cluster.hpp"
#include "fit/working.hpp"
#include "scaleplan/base/quantity.hpp"
#include "scaleplan/base/suggest.hpp"

namespace scaleplan::fit {
namespace {

std::string column_of(const laws::Input& input, const Options& options) {
  const auto mapped = options.map.find(input.name);
  return mapped == options.map.end() ? input.column : mapped->second;
}

Diagnostic missing_column(const laws::Law& law, const laws::Input& input, const std::string& column,
                          const runs::Table& table) {
  std::vector<std::string> known;
  for (const auto& [name, values] : table.columns) {
    known.push_back(name);
  }
  const std::string hint = did_you_mean(column, known);
  std::string list;
  for (const std::string& name : known) {
    list += (list.empty() ? "" : ", ") + name;
  }
  return error(fmt::format("law \"{}\" needs {} ({}), but the runs have no column \"{}\"; they have {}",
                           law.id, input.name, input.unit, column, list),
               hint.empty() ? fmt::format("name the column with --map {}=COLUMN", input.name) : hint);
}

/// Copy one column for the chosen rows; every row without a usable value is named in one error.
Result<std::vector<double>> take_column(const runs::Table& table, const std::string& column,
                                        const std::vector<std::size_t>& rows, std::optional<double> fallback,
                                        bool positive) {
  const auto found = table.columns.find(column);
  std::vector<double> values;
  std::vector<std::size_t> bad;
  for (const std::size_t row : rows) {
    double value =
        found == table.columns.end() ? std::numeric_limits<double>::quiet_NaN() : found->second[row];
    if (std::isnan(value) && fallback) {
      value = *fallback;
    }
    if (!std::isfinite(value) || (positive && value <= 0)) {
      bad.push_back(row);
    }
    values.push_back(value);
  }
  if (!bad.empty()) {
    const bool absent = std::isnan(found->second[bad[0]]);
    return error(fmt::format("{} of {} rows have {} \"{}\"", bad.size(), rows.size(),
                             absent ? "no" : "an unusable", column),
                 "leave them out with --where, or read another column with --map", table.places[bad[0]]);
  }
  return values;
}

/// Smaller values than any run has: a sign of another unit.
double least_count(const laws::Input& input) {
  return input.unit == "parameters" ? 100 : input.unit == "tokens" ? 1e4 : input.unit == "FLOP" ? 1e6 : 0;
}

std::optional<Diagnostic> wrong_unit(const laws::Input& input, const std::string& column,
                                     const std::vector<double>& values, const std::vector<std::size_t>& rows,
                                     const runs::Table& table) {
  const double least = least_count(input);
  const auto small = std::find_if(values.begin(), values.end(), [&](double v) { return v < least; });
  if (small == values.end()) {
    return {};
  }
  const auto count = std::count_if(values.begin(), values.end(), [&](double v) { return v < least; });
  const std::size_t row = rows[static_cast<std::size_t>(small - values.begin())];
  return error(fmt::format("\"{}\" is {} in this row and below {:g} in {} of {}: no run has so few {}",
                           column, format_number(*small), least, count, rows.size(), input.unit),
               fmt::format("give plain {}; if these are billions, multiply them by 1e9", input.unit),
               table.places[row]);
}

/// Rows that take part, and the ones left out with the reason.
std::vector<std::size_t> choose_rows(const runs::Table& table, const Options& options, Points& points) {
  std::vector<std::size_t> rows;
  points.read = table.rows;
  runs::Dropped flagged{"flagged as outlier in the file (--include-outliers keeps them)", 0, {}};
  for (const std::size_t row : runs::canonical_order(table)) {
    if (table.outlier[row] && !options.include_outliers) {
      if (flagged.count++ == 0) {
        flagged.first = table.places[row];
      }
    } else {
      rows.push_back(row);
    }
  }
  if (flagged.count > 0) {
    points.dropped.push_back(flagged);
  }
  points.used = rows.size();
  return rows;
}

}  // namespace

Objective Model::objective() const {
  return {rows, weights, delta, {}, over};
}

expr::Bound Model::bound_to(std::span<const double> outputs) const {
  expr::Columns columns;
  columns.rows = outputs.size();
  columns.inputs.assign(inputs.begin(), inputs.end());
  columns.inputs.push_back(outputs);
  return {program, columns};
}

std::vector<double> Model::compute() const {
  if (law->compute.empty()) {
    return {};
  }
  expr::Columns columns;
  columns.rows = size();
  columns.inputs.assign(inputs.begin(), inputs.end());
  return expr::Program::compile(law->compute, {law->input_names(), {}, {}, {}}).evaluate(columns, {});
}

std::vector<double> Model::natural(std::span<const double> theta) const {
  return natural_values(*law, free, theta);
}

Result<Model> build_model(const laws::Law& law, const runs::Table& table, const Options& options) {
  Model model;
  model.law = &law;
  const std::vector<std::size_t> rows = choose_rows(table, options, model.points);
  scaleplan::Diagnostics problems;
  const auto take = [&](const std::string& column, std::optional<double> fallback, bool positive,
                        std::vector<double>& out) {
    auto values = take_column(table, column, rows, fallback, positive);
    if (values) {
      out = std::move(*values);
    } else {
      problems.insert(problems.end(), values.errors().begin(), values.errors().end());
    }
  };
  for (const laws::Input& input : law.inputs) {
    const std::string column = column_of(input, options);
    model.inputs.emplace_back();
    if (input.vector) {
      problems.push_back(error(
          fmt::format("law \"{}\" takes the vector \"{}\", which run rows cannot give", law.id, input.name)));
    } else if (!table.has(column) && !input.fallback) {
      problems.push_back(missing_column(law, input, column, table));
    } else {
      const bool positive = input.unit == "parameters" || input.unit == "tokens" || input.unit == "FLOP";
      take(column, input.fallback, positive, model.inputs.back());
      if (auto unit = wrong_unit(input, column, model.inputs.back(), rows, table)) {
        problems.push_back(std::move(*unit));
      }
    }
  }
  const auto loss_column = options.map.find(law.output.name);
  const std::string output = loss_column == options.map.end() ? "loss" : loss_column->second;
  if (!table.has(output)) {
    problems.push_back(error(fmt::format("the runs have no column \"{}\" to fit", output),
                             fmt::format("name the column with --map {}=COLUMN", output)));
  } else {
    take(output, {}, law.fit.residual == laws::Residual::log, model.observed);
  }
  if (options.weight.empty()) {
    model.weights.assign(rows.size(), 1.0);
  } else if (table.has(options.weight)) {
    take(options.weight, {}, true, model.weights);
  } else {
    problems.push_back(error(fmt::format("the runs have no column \"{}\" to weigh them by", options.weight),
                             "name it with --map weight=COLUMN"));
  }
  if (!problems.empty()) {
    return problems;
  }

  WorkingLaw working = working_law(law, law.fit.residual);
  model.free = std::move(working.free);
  model.box = std::move(working.box);
  if (model.free.empty()) {
    return error(fmt::format("law \"{}\" has no free parameter to fit", law.id),
                 fmt::format("evaluate it as it is: scaleplan predict --law {} --at POINTS", law.id));
  }
  if (rows.size() < model.free.size() + 1) {
    return error(fmt::format("law \"{}\" has {} free parameters, but only {} rows can be used", law.id,
                             model.free.size(), rows.size()),
                 "give more runs, or tie or fix parameters in the law");
  }
  model.program = std::move(working.residual);
  model.rows = model.bound_to(model.observed);
  model.delta = law.fit.loss == laws::Loss::squares ? std::numeric_limits<double>::infinity() : law.fit.delta;
  model.over = law.fit.loss == laws::Loss::asymmetric ? law.fit.asymmetry : 1;
  model.table_rows = rows;
  const auto run = table.labels.find("run");
  for (const std::size_t row : rows) {
    model.runs.push_back(run == table.labels.end() ? "" : run->second[row]);
    model.places.push_back(table.places[row]);
  }
  auto clusters = clusters_of(model, table, options);
  if (!clusters) {
    return clusters.errors();
  }
  model.clusters = std::move(*clusters);
  if (options.equal_clusters) {
    weigh_clusters_alike(model.clusters, model.weights);
  }
  return model;
}

}  // namespace scaleplan::fit
