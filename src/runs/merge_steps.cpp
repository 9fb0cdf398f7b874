#include "runs/merge_steps.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <unordered_map>

namespace scaleplan::runs {
namespace {

constexpr double absent = std::numeric_limits<double>::quiet_NaN();

using Column = std::vector<double>;

bool is_loss(const std::string& name) {
  return name.find("loss") != std::string::npos || name.find("Loss") != std::string::npos ||
         name.find("CrossEntropy") != std::string::npos;
}

/// Columns in which a step must not stand twice: the losses, or all when there is none.
std::vector<const Column*> watched(const Table& rows) {
  std::vector<const Column*> losses;
  std::vector<const Column*> all;
  for (const auto& [name, column] : rows.columns) {
    if (name == "step") {
      continue;
    }
    all.push_back(&column);
    if (is_loss(name)) {
      losses.push_back(&column);
    }
  }
  return losses.empty() ? all : losses;
}

/// What the order of a file shows about its steps.
struct Order {
  std::size_t values = 0;      ///< loss values at distinct steps
  std::size_t repeats = 0;     ///< values beyond the first at their step
  std::size_t turns = 0;       ///< places where a loss column does not go on to a later step
  std::size_t first_turn = 0;  ///< row of the first of them
};

Order order_of(const Column& step, const std::vector<const Column*>& losses) {
  Order out;
  for (const Column* loss : losses) {
    std::unordered_map<double, int> seen;
    double last = -std::numeric_limits<double>::infinity();
    for (std::size_t row = 0; row < step.size(); ++row) {
      if (std::isnan((*loss)[row])) {
        continue;
      }
      const bool repeated = seen[step[row]]++ > 0;
      out.repeats += repeated ? 1U : 0U;
      out.values += repeated ? 0U : 1U;
      if (step[row] <= last) {
        out.first_turn = out.turns == 0 ? row : std::min(out.first_turn, row);
        ++out.turns;
      }
      last = step[row];
    }
  }
  return out;
}

/// Rows of the result while they are collected.
struct Joined {
  std::vector<std::string> names;
  std::vector<Column> columns;
  std::vector<Column> counts;  ///< values behind each mean
  Column step;
  std::vector<std::size_t> source;  ///< row that began each step

  std::size_t position(double at) const {
    return static_cast<std::size_t>(std::lower_bound(step.begin(), step.end(), at) - step.begin());
  }
  std::size_t open(double at, std::size_t row) {
    const std::size_t where = position(at);
    if (where == step.size() || step[where] != at) {
      const auto offset = static_cast<std::ptrdiff_t>(where);
      step.insert(step.begin() + offset, at);
      source.insert(source.begin() + offset, row);
      for (std::size_t c = 0; c < columns.size(); ++c) {
        columns[c].insert(columns[c].begin() + offset, absent);
        counts[c].insert(counts[c].begin() + offset, 0);
      }
    }
    return where;
  }
  /// Forget all steps after `at`.
  std::size_t cut_after(double at) {
    const std::size_t keep =
        static_cast<std::size_t>(std::upper_bound(step.begin(), step.end(), at) - step.begin());
    const std::size_t lost = step.size() - keep;
    step.resize(keep);
    source.resize(keep);
    for (std::size_t c = 0; c < columns.size(); ++c) {
      columns[c].resize(keep);
      counts[c].resize(keep);
    }
    return lost;
  }
};

enum class Rule { keep_last, average };

Joined join(const Table& rows, const std::vector<std::size_t>& order, Rule rule, bool resumes,
            std::size_t& left_out) {
  Joined out;
  std::vector<const Column*> columns;
  std::vector<bool> losses;
  for (const auto& [name, column] : rows.columns) {
    if (name != "step") {
      out.names.push_back(name);
      columns.push_back(&column);
      losses.push_back(is_loss(name));
    }
  }
  if (std::find(losses.begin(), losses.end(), true) == losses.end()) {
    losses.assign(losses.size(), true);
  }
  out.columns.resize(columns.size());
  out.counts.resize(columns.size());
  Column last(columns.size(), -std::numeric_limits<double>::infinity());
  const Column& step = rows.columns.at("step");
  for (const std::size_t row : order) {
    for (std::size_t c = 0; resumes && c < columns.size(); ++c) {
      if (losses[c] && !std::isnan((*columns[c])[row]) && step[row] < last[c]) {
        left_out += out.cut_after(step[row]);
        std::fill(last.begin(), last.end(), -std::numeric_limits<double>::infinity());
      }
    }
    const std::size_t at = out.open(step[row], row);
    bool replaced = false;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const double value = (*columns[c])[row];
      if (std::isnan(value)) {
        continue;
      }
      last[c] = step[row];
      double& count = out.counts[c][at];
      replaced = replaced || (losses[c] && count > 0 && rule == Rule::keep_last);
      count = rule == Rule::average ? count + 1 : 1;
      double& mean = out.columns[c][at];
      mean = count == 1 ? value : mean + (value - mean) / count;
    }
    left_out += replaced ? 1U : 0U;
  }
  return out;
}

}  // namespace

Table merge_steps(Table rows, std::vector<Dropped>& mended) {
  const Column& step = rows.columns.at("step");
  if (std::adjacent_find(step.begin(), step.end(), std::greater_equal<>()) == step.end()) {
    return rows;
  }
  const Order found = order_of(step, watched(rows));
  std::vector<std::size_t> order(rows.rows);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const bool ranks = found.repeats * 2 >= found.values && found.turns * 2 >= found.repeats;
  const bool resumes = found.repeats > 0 && !ranks;
  if (!resumes) {
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return step[a] < step[b]; });
  }
  std::size_t left_out = 0;
  Joined joined =
      join(rows, order, ranks && found.repeats > 0 ? Rule::average : Rule::keep_last, resumes, left_out);
  const Place first = rows.places.empty() ? Place{} : rows.places[found.first_turn];
  if (resumes) {
    add(mended, {"repeated after a restart, the later attempt counts", left_out, first});
  } else if (found.repeats > 0) {
    add(mended, {"the same step from several ranks, averaged", found.repeats, first});
  } else if (found.turns > 0) {
    add(mended, {"not in the order of steps, sorted", found.turns, first});
  }
  Table out = select(rows, joined.source);
  for (std::size_t c = 0; c < joined.names.size(); ++c) {
    out.columns[joined.names[c]] = std::move(joined.columns[c]);
  }
  return out;
}

}  // namespace scaleplan::runs
