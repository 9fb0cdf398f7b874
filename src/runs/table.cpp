#include "scaleplan/runs/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>

#include "scaleplan/base/quantity.hpp"
#include "scaleplan/base/suggest.hpp"
#include "scaleplan/base/text.hpp"

namespace scaleplan::runs {
namespace {

template <class Column>
Column taken(const Column& column, const std::vector<std::size_t>& rows) {
  Column out;
  out.reserve(rows.size());
  for (const std::size_t row : rows) {
    out.push_back(column[row]);
  }
  return out;
}

/// −1, 0 or 1; a value that is not there stands after every number.
int compare(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) {
    return static_cast<int>(std::isnan(a)) - static_cast<int>(std::isnan(b));
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

std::string names_of(const std::vector<std::string>& keys) {
  std::string listed;
  for (const std::string& key : keys) {
    listed += (listed.empty() ? "" : ", ") + key;
  }
  return listed;
}

}  // namespace

std::string label_text(double number) {
  return std::isnan(number) ? std::string{} : format_number(number, 10);
}

Table select(const Table& table, const std::vector<std::size_t>& rows) {
  Table out;
  out.rows = rows.size();
  for (const auto& [name, column] : table.columns) {
    out.columns.emplace(name, taken(column, rows));
  }
  for (const auto& [name, label] : table.labels) {
    out.labels.emplace(name, taken(label, rows));
  }
  out.outlier = table.outlier.empty() ? table.outlier : taken(table.outlier, rows);
  out.places = table.places.empty() ? table.places : taken(table.places, rows);
  return out;
}

void append(Table& all, const Table& more) {
  constexpr double absent = std::numeric_limits<double>::quiet_NaN();
  const std::size_t rows = all.rows + more.rows;
  for (const auto& [name, column] : more.columns) {
    if (!all.labels.contains(name)) {
      auto& joined = all.columns[name];
      joined.resize(all.rows, absent);
      joined.insert(joined.end(), column.begin(), column.end());
    } else {
      auto& joined = all.labels[name];
      std::transform(column.begin(), column.end(), std::back_inserter(joined), label_text);
    }
  }
  for (const auto& [name, label] : more.labels) {
    auto& joined = all.labels[name];
    if (const auto column = all.columns.find(name); column != all.columns.end()) {
      std::transform(column->second.begin(), column->second.end(), std::back_inserter(joined), label_text);
      all.columns.erase(column);
    }
    joined.resize(all.rows);
    joined.insert(joined.end(), label.begin(), label.end());
  }
  for (auto& [name, column] : all.columns) {
    column.resize(rows, absent);
  }
  for (auto& [name, label] : all.labels) {
    label.resize(rows);
  }
  all.outlier.insert(all.outlier.end(), more.outlier.begin(), more.outlier.end());
  all.places.insert(all.places.end(), more.places.begin(), more.places.end());
  all.rows = rows;
}

std::vector<std::size_t> canonical_order(const Table& table) {
  std::vector<std::size_t> order(table.rows);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto before = [&](std::size_t a, std::size_t b) {
    for (const auto& [name, column] : table.columns) {
      if (const int sign = compare(column[a], column[b]); sign != 0) {
        return sign < 0;
      }
    }
    for (const auto& [name, label] : table.labels) {
      if (const int sign = label[a].compare(label[b]); sign != 0) {
        return sign < 0;
      }
    }
    return !table.outlier.empty() && !table.outlier[a] && table.outlier[b];
  };
  std::stable_sort(order.begin(), order.end(), before);
  return order;
}

Result<std::map<std::string, std::vector<std::size_t>>> group_by(const Table& table, const std::string& key) {
  std::map<std::string, std::vector<std::size_t>> groups;
  if (const auto label = table.labels.find(key); label != table.labels.end()) {
    for (std::size_t row = 0; row < table.rows; ++row) {
      groups[label->second[row]].push_back(row);
    }
    return groups;
  }
  if (const auto column = table.columns.find(key); column != table.columns.end()) {
    for (std::size_t row = 0; row < table.rows; ++row) {
      groups[label_text(column->second[row])].push_back(row);
    }
    return groups;
  }
  std::vector<std::string> labels;
  for (const auto& [name, values] : table.labels) {
    labels.push_back(name);
  }
  std::vector<std::string> names = labels;
  for (const auto& [name, values] : table.columns) {
    names.push_back(name);
  }
  const std::string listed =
      labels.empty() ? "the rows have no labels" : fmt::format("the labels are {}", names_of(labels));
  const std::string guess = did_you_mean(key, names);
  return error(fmt::format("the rows have no \"{}\"", excerpt(key)),
               guess.empty() ? listed : guess + " " + listed);
}

void add(std::vector<Dropped>& all, const Dropped& more) {
  const auto same =
      std::find_if(all.begin(), all.end(), [&](const Dropped& d) { return d.reason == more.reason; });
  if (same == all.end()) {
    all.push_back(more);
  } else {
    same->count += more.count;
  }
}

}  // namespace scaleplan::runs
