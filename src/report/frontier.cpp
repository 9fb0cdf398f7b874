#include "scaleplan/report/frontier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/common.hpp"
#include "report/result_charts.hpp"

namespace scaleplan::report {
namespace {

using plan::Frontier;
using plan::FrontierPoint;

bool on_machines(const Frontier& frontier) {
  return std::any_of(frontier.points.begin(), frontier.points.end(), [](const FrontierPoint& point) {
    return point.plan.decision && point.plan.decision->run;
  });
}

std::string binding(const plan::Plan& plan) {
  std::vector<std::string> names;
  for (const plan::Constraint& constraint : plan.constraints) {
    if (constraint.binding) {
      names.push_back(constraint.name);
    }
  }
  if (!plan.decision && !plan.conflicts.empty()) {
    return "cannot hold together: " + joined(plan.conflicts);
  }
  return names.empty() ? "–" : joined(names);
}

std::vector<Cell> row_of(const Frontier& frontier, const FrontierPoint& point, bool machines) {
  const plan::Outcome* y = plan::outcome_at(point, *frontier.y);
  const auto count = [&](const auto& value, Dimension dimension) {
    return point.plan.decision ? quantity(static_cast<double>(value(*point.plan.decision)), dimension)
                               : number(std::nan(""));
  };
  std::vector<Cell> row{
      quantity(point.x, frontier.x->dimension),
      y == nullptr ? number(std::nan("")) : quantity(*y->value, frontier.y->dimension),
      interval(y == nullptr ? Interval{} : y->interval, frontier.y->dimension),
      plan::status_name(point.plan.status),
      count([](const plan::Decision& d) { return d.params.total; }, Dimension::params),
      count([](const plan::Decision& d) { return d.tokens; }, Dimension::tokens),
      count([](const plan::Decision& d) { return d.batch_tokens; }, Dimension::tokens),
  };
  if (machines) {
    const plan::Run* run = point.plan.decision ? point.plan.decision->run.get() : nullptr;
    row.emplace_back(run == nullptr ? "–" : fmt::format("{} × {}", run->devices, run->device));
    row.emplace_back(run == nullptr ? "–" : run->precision + " " + model::to_text(run->layout.layout));
  }
  row.emplace_back(binding(point.plan));
  return row;
}

Section curve(const Frontier& frontier) {
  const bool machines = on_machines(frontier);
  const std::string x(frontier.x->key);
  const std::string y(frontier.y->key);
  Table table{{column(x + " at most", x), column("least " + y, y), interval_column(frontier.level, y),
               text_column("status", "status"), column("parameters", "params"), column("tokens", "tokens"),
               column("batch", "batch_tokens")},
              {},
              {}};
  if (machines) {
    table.columns.push_back(text_column("devices", "devices"));
    table.columns.push_back(text_column("layout", "layout"));
  }
  table.columns.push_back(text_column("held by", "binding"));
  for (const FrontierPoint& point : frontier.points) {
    table.rows.push_back(row_of(frontier, point, machines));
  }
  return {"", frontier.notes, {std::move(table)}};
}

Section changes(const Frontier& frontier) {
  Section section{"Where the decision changes in kind", {}, {}};
  for (std::size_t i = 1; i < frontier.points.size(); ++i) {
    const FrontierPoint& point = frontier.points[i];
    if (!point.difference.empty()) {
      section.lines.push_back(fmt::format("Between {} and {}: {}.",
                                          format_quantity(frontier.points[i - 1].x, frontier.x->dimension),
                                          format_quantity(point.x, frontier.x->dimension), point.difference));
    }
  }
  return section;
}

Section explanation(const Frontier& frontier) {
  Section section{"How it was computed", {}, {}};
  section.lines.push_back(
      fmt::format("Each row is a whole plan: {} is minimised with {} as a limit and every other limit of the "
                  "scenario kept. "
                  "After nine even steps points were added where a straight line misses the curve most and "
                  "where devices, "
                  "precision or layout change.",
                  frontier.y->key, frontier.x->key));
  const auto carried = std::count_if(frontier.points.begin(), frontier.points.end(),
                                     [](const FrontierPoint& point) { return point.decided_at != point.x; });
  if (carried > 0) {
    section.lines.push_back(fmt::format("In {} the plan of a smaller limit was kept: none better was found.",
                                        counted(static_cast<std::size_t>(carried), "row")));
  }
  return section;
}

/// Of all rows, each once.
Section warnings(const Frontier& frontier) {
  Section section{"Warnings"};
  section.urgent = true;
  const auto outside = std::max_element(frontier.points.begin(), frontier.points.end(),
                                        [](const FrontierPoint& a, const FrontierPoint& b) {
                                          return a.plan.decades_outside < b.plan.decades_outside;
                                        });
  const double decades = outside->plan.decades_outside;
  if (decades > 0) {
    section.lines.push_back(fmt::format(
        "extrapolation: rows spend up to {:.2g} decades more or less compute than any run behind the law",
        decades));
  }
  return section;
}

}  // namespace

Report present(const Frontier& frontier, bool explain) {
  Report report;
  report.title =
      fmt::format("Frontier{}: least {} against {}", frontier.name.empty() ? "" : " " + frontier.name,
                  frontier.y->key, frontier.x->key);
  report.sections.push_back(curve(frontier));
  if (Section section = changes(frontier); !section.lines.empty()) {
    report.sections.push_back(std::move(section));
  }
  if (explain) {
    report.sections.push_back(explanation(frontier));
  }
  if (Section section = warnings(frontier); !section.lines.empty()) {
    report.sections.push_back(std::move(section));
  }
  report.document = plan::to_json(frontier);
  add_result_charts(report);
  return report;
}

Plot frontier_plot(const Frontier& frontier) {
  const auto axis = [](const plan::PlanQuantity& quantity) {
    return Plot::Axis{std::string(quantity.key), quantity.dimension, quantity.dimension != Dimension::nats};
  };
  Plot::Series line{"least " + std::string(frontier.y->key), {}, {}, true};
  for (const FrontierPoint& point : frontier.points) {
    const plan::Outcome* y = plan::outcome_at(point, *frontier.y);
    line.x.push_back(point.x);
    line.y.push_back(y == nullptr ? std::nan("") : *y->value);
  }
  const Plot::Series marks{"a plan each", line.x, line.y, false};
  return {axis(*frontier.x), axis(*frontier.y), {std::move(line), marks}};
}

}  // namespace scaleplan::report
