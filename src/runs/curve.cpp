#include "scaleplan/runs/curve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "scaleplan/base/quantity.hpp"

namespace scaleplan::runs {
namespace {

constexpr double absent = std::numeric_limits<double>::quiet_NaN();

const std::vector<double>* find(const Curve& curve, const std::string& name) {
  const auto found = curve.points.columns.find(name);
  return found == curve.points.columns.end() ? nullptr : &found->second;
}

/// Where a column has its last value; its size when it has none.
std::size_t last_row(const std::vector<double>& column) {
  std::size_t row = column.size();
  while (row > 0 && std::isnan(column[row - 1])) {
    --row;
  }
  return row == 0 ? column.size() : row - 1;
}

/// NaN when there is none.
double last_value(const std::vector<double>* column) {
  const std::size_t row = column == nullptr ? 0 : last_row(*column);
  return column == nullptr || row == column->size() ? absent : (*column)[row];
}

double largest(const std::vector<double>& column) {
  double out = absent;
  for (const double value : column) {
    out = std::isnan(out) || value > out ? value : out;
  }
  return out;
}

/// `known` where it is a number, else in proportion to `at` between and beyond its neighbours.
std::vector<double> filled(const std::vector<double>& at, const std::vector<double>& known) {
  std::vector<std::size_t> anchors;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (!std::isnan(known[i])) {
      anchors.push_back(i);
    }
  }
  std::vector<double> out = known;
  std::size_t next = 0;
  for (std::size_t i = 0; i < out.size() && !anchors.empty(); ++i) {
    next += next < anchors.size() && anchors[next] == i ? 1U : 0U;
    if (!std::isnan(out[i])) {
      continue;
    }
    if (anchors.size() == 1) {
      out[i] = known[anchors[0]] * (at[anchors[0]] > 0 ? at[i] / at[anchors[0]] : 1);
      continue;
    }
    const std::size_t right = std::clamp<std::size_t>(next, 1, anchors.size() - 1);
    const std::size_t a = anchors[right - 1];
    const std::size_t b = anchors[right];
    out[i] = std::max(0.0, known[a] + (known[b] - known[a]) * (at[i] - at[a]) / (at[b] - at[a]));
  }
  return out;
}

}  // namespace

std::string loss_column(const Curve& curve) {
  for (const char* name : {"loss", "eval_loss", "train_loss"}) {
    if (!std::isnan(last_value(find(curve, name)))) {
      return name;
    }
  }
  return {};
}

std::vector<double> tokens_at(const Curve& curve) {
  const std::vector<double>& step = curve.points.columns.at("step");
  const std::vector<double>* tokens = find(curve, "tokens");
  if (!std::isnan(last_value(tokens))) {
    return filled(step, *tokens);
  }
  std::vector<double> out(step.size(), absent);
  const double batch = last_value(find(curve, "batch_tokens"));
  std::transform(step.begin(), step.end(), out.begin(), [batch](double at) { return at * batch; });
  return out;
}

double final_loss(const Curve& curve) {
  const std::string name = loss_column(curve);
  if (name.empty()) {
    return absent;
  }
  const std::vector<double>& loss = *find(curve, name);
  if (name != "train_loss") {
    return last_value(&loss);
  }
  constexpr double share = 0.99;
  const std::vector<double>& step = curve.points.columns.at("step");
  double sum = 0;
  double count = 0;
  for (std::size_t i = loss.size(); i-- > 0 && (count == 0 || step[i] > share * step.back());) {
    if (!std::isnan(loss[i])) {
      sum += loss[i];
      count += 1;
    }
  }
  return sum / count;
}

Table final_row(const Curve& curve) {
  Table out;
  if (curve.points.rows == 0) {
    return out;
  }
  out.rows = 1;
  for (const auto& [name, column] : curve.points.columns) {
    out.columns[name] = {name == "learning_rate" ? largest(column) : last_value(&column)};
  }
  const std::string loss = loss_column(curve);
  const std::size_t end = loss.empty() ? curve.points.rows - 1 : last_row(*find(curve, loss));
  out.columns["steps"] = {curve.points.columns.at("step")[end]};
  out.columns.erase("step");
  out.columns["tokens"] = {tokens_at(curve)[end]};
  out.columns["loss"] = {final_loss(curve)};
  for (const char* name : {"tokens", "loss"}) {
    if (std::isnan(out.columns[name][0])) {
      out.columns.erase(name);
    }
  }
  for (const auto& [name, label] : curve.points.labels) {
    if (std::adjacent_find(label.begin(), label.end(), std::not_equal_to<>()) == label.end()) {
      out.labels[name] = {label.front()};
    }
  }
  out.labels["run"] = {curve.run};
  out.outlier = {false};
  out.places = {curve.points.places.empty() ? Place{} : curve.points.places[end]};
  return out;
}

Table final_rows(const std::vector<Curve>& curves) {
  Table out;
  for (const Curve& curve : curves) {
    append(out, final_row(curve));
  }
  return out;
}

bool is_unfinished(const Curve& curve) {
  const double planned = last_value(find(curve, "planned_steps"));
  // a loop that counts from 0 ends one step early
  return !std::isnan(planned) && curve.points.columns.at("step").back() + 1 < planned;
}

Diagnostics add_facts(const Table& facts, Curve* curve, Table& row) {
  constexpr double tolerance = 1e-6;
  const auto batch = facts.columns.find("batch_tokens");
  if (curve != nullptr && batch != facts.columns.end() && find(*curve, "batch_tokens") == nullptr) {
    curve->points.columns["batch_tokens"].assign(curve->points.rows, batch->second[0]);
    row = final_row(*curve);
  }
  Diagnostics errors;
  for (const auto& [name, column] : facts.columns) {
    const double fact = column[0];
    const auto [own, fresh] = row.columns.try_emplace(name, std::vector<double>{fact});
    const double logged = own->second[0];
    if (std::isnan(logged)) {
      own->second[0] = fact;
    } else if (name != "learning_rate" && std::abs(logged - fact) > tolerance * std::abs(fact)) {
      errors.push_back(error(fmt::format("{} is {}, but the log says {}", name, format_number(fact, 10),
                                         format_number(logged, 10)),
                             "correct it, or leave it out", facts.places[0]));
    }
  }
  for (const auto& [name, label] : facts.labels) {
    row.labels[name] = label;
  }
  return errors;
}

}  // namespace scaleplan::runs
