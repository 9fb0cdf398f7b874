#include "scaleplan/runs/curve_builder.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include "runs/merge_steps.hpp"

namespace scaleplan::runs {
namespace {

constexpr std::size_t most_points = 1UL << 18U;
constexpr std::size_t most_pending = 1UL << 19U;
constexpr std::size_t most_settled = 1UL << 19U;
constexpr std::size_t held_back = 1UL << 12U;  // records of a few steps or a late evaluation stay together

std::vector<std::size_t> span_of(std::size_t first, std::size_t last) {
  std::vector<std::size_t> rows(last - first);
  std::iota(rows.begin(), rows.end(), first);
  return rows;
}

/// Means of groups of rows, the first label where a group has several; the last row stays as it is.
Table averaged(Table rows, std::size_t group) {
  if (group <= 1 || rows.rows < 2) {
    return rows;
  }
  const std::size_t groups = (rows.rows - 1 + group - 1) / group;
  for (auto& [name, column] : rows.columns) {
    for (std::size_t g = 0; g < groups; ++g) {
      double sum = 0;
      double count = 0;
      for (std::size_t row = g * group; row < std::min(rows.rows - 1, (g + 1) * group); ++row) {
        sum += std::isnan(column[row]) ? 0 : column[row];
        count += std::isnan(column[row]) ? 0 : 1;
      }
      column[g] = count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
    }
    column[groups] = column[rows.rows - 1];
    column.resize(groups + 1);
    column.shrink_to_fit();
  }
  std::vector<std::size_t> first;
  first.reserve(groups + 1);
  for (std::size_t g = 0; g < groups; ++g) {
    first.push_back(g * group);
  }
  first.push_back(rows.rows - 1);
  std::map<std::string, std::vector<double>> columns;
  columns.swap(rows.columns);
  Table out = select(rows, first);
  out.columns = std::move(columns);
  return out;
}

Table with_steps(Table rows, std::vector<Dropped>& mended) {
  const auto found = rows.columns.find("step");
  const bool known = found != rows.columns.end();
  if (known &&
      std::none_of(found->second.begin(), found->second.end(), [](double s) { return std::isnan(s); })) {
    return rows;
  }
  std::vector<std::size_t> good;
  for (std::size_t row = 0; row < rows.rows; ++row) {
    if (known && !std::isnan(found->second[row])) {
      good.push_back(row);
    } else {
      add(mended, {"no step, left out", 1, rows.places.empty() ? Place{} : rows.places[row]});
    }
  }
  return select(rows, good);
}

/// The last place within `held_back` rows of the end where every row before has an earlier step than every
/// row behind; the end when there is none.
std::size_t divide(std::span<const double> step) {
  const std::size_t from = step.size() - held_back;
  std::vector<double> least_behind(step.begin() + static_cast<std::ptrdiff_t>(from), step.end());
  for (std::size_t row = least_behind.size() - 1; row-- > 0;) {
    least_behind[row] = std::min(least_behind[row], least_behind[row + 1]);
  }
  double most = *std::max_element(step.begin(), step.begin() + static_cast<std::ptrdiff_t>(from));
  std::size_t at = step.size();
  for (std::size_t row = from; row < step.size(); ++row) {
    at = most < least_behind[row - from] ? row : at;
    most = std::max(most, step[row]);
  }
  return at;
}

}  // namespace

void CurveBuilder::add(Table rows) {
  rows = with_steps(std::move(rows), curve_.mended);
  if (pending_.rows == 0) {
    pending_ = std::move(rows);
  } else {
    append(pending_, rows);
  }
  while (pending_.rows > most_pending) {
    const std::size_t at = divide(std::span(pending_.columns.at("step")).first(most_pending));
    settle(select(pending_, span_of(0, at)));
    pending_ = select(pending_, span_of(at, pending_.rows));
  }
}

void CurveBuilder::settle(Table rows) {
  if (rows.rows == 0) {
    return;
  }
  rows = merge_steps(std::move(rows), curve_.mended);
  rows_ += rows.rows;
  join(std::move(rows));
  while (curve_.points.rows > most_settled) {
    curve_.points = averaged(std::move(curve_.points), 2);
    stride_ *= 2;
  }
}

/// Mended rows and the points of what stood before them in the file.
void CurveBuilder::join(Table rows) {
  Table& points = curve_.points;
  const Place first = rows.places.empty() ? Place{} : rows.places.front();
  const double begins = rows.columns.at("step").front();
  const double ends = rows.columns.at("step").back();
  rows = averaged(std::move(rows), stride_);
  if (points.rows == 0) {
    points = std::move(rows);
    return;
  }
  const std::vector<double>& step = points.columns.at("step");
  if (ends < step.front()) {
    runs::add(curve_.mended, {"not in the order of steps, sorted", 1, first});
    append(rows, points);
    points = std::move(rows);
    return;
  }
  const auto keep =
      static_cast<std::size_t>(std::lower_bound(step.begin(), step.end(), begins) - step.begin());
  if (keep < points.rows) {
    runs::add(curve_.mended,
              {"repeated after a restart, the later attempt counts", (points.rows - keep) * stride_, first});
    points = select(points, span_of(0, keep));
  }
  append(points, rows);
}

Curve CurveBuilder::finish() {
  settle(std::move(pending_));
  pending_ = {};
  const std::size_t group = (curve_.points.rows + most_points - 1) / most_points;
  curve_.points = averaged(std::move(curve_.points), group);
  if (stride_ > 1 || group > 1) {
    runs::add(curve_.mended, {"averaged in groups, a curve keeps 262144 points", rows_, {}});
  }
  return std::move(curve_);
}

Curve make_curve(Table rows, std::string run) {
  CurveBuilder builder(std::move(run));
  builder.add(std::move(rows));
  return builder.finish();
}

}  // namespace scaleplan::runs
