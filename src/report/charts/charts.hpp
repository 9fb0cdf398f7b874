#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report/fields.hpp"
#include "scaleplan/json/value.hpp"
#include "scaleplan/report/report.hpp"

namespace scaleplan::report {

/// Rows of data by the name that a specification gives them.
using Datasets = std::vector<std::pair<std::string, json::Value>>;

/// The specification charts/<id>.json with every {"data": {"name": …}} holding its rows, without layers that
/// have none.
json::Value filled(std::string_view id, const Datasets& data);

/// A loss that a law expects of a compute.
struct Expected {
  double compute = 0;
  double loss = 0;
  Interval interval;
};
/// The chart charts/forecast.json: runs (columns `compute` and `loss` of a result's "runs") and what the law
/// expects beyond them.
json::Value forecast(const Fields& runs, const std::vector<Expected>& expected);

/// Vega-Lite's `config` of all charts: colours of a light page, fonts, axes.
json::Value chart_config();

}  // namespace scaleplan::report
