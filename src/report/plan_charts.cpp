#include "report/plan_charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/charts/charts.hpp"
#include "report/common.hpp"
#include "scaleplan/plan/quantities.hpp"

namespace scaleplan::report {
namespace {

constexpr double bar_height = 40;    // pixels, with the words above a bar
constexpr double price_height = 14;  // of the words below it

struct Named {
  std::string_view key;
  std::string_view label;
};

// A share as far as a chart shows it.
double rounded(double share) {
  return std::round(1e6 * share) / 1e6;
}

// Columns of a view as points.
struct Columns {
  explicit Columns(const Fields& view)
      : params(view.numbers("params")), tokens(view.numbers("tokens")), loss(view.numbers("loss")) {
    loss.resize(params.size(), std::nan(""));
    if (tokens.size() != params.size()) {
      throw Misfit{&view.value(), "/views", "columns of equal length"};
    }
  }
  std::vector<double> params;
  std::vector<double> tokens;
  std::vector<double> loss;
};

void add_points(json::Value& out, const Columns& columns, const char* what) {
  for (std::size_t i = 0; i < columns.params.size(); ++i) {
    out.push(json::Object{{"what", what},
                          {"params", columns.params[i]},
                          {"tokens", columns.tokens[i]},
                          {"loss", columns.loss[i]}});
  }
}

// Contours as areas up to the top of the map, so that what is better lies under more of them.
void add_contour(const Fields& contour, double bottom, double top, json::Value& contours,
                 json::Value& labels) {
  const double loss = contour.number("loss");
  const std::vector<double> params = contour.numbers("params");
  const std::vector<double> tokens = contour.numbers("tokens");
  std::vector<std::size_t> inside;
  for (std::size_t i = 0; i < std::min(params.size(), tokens.size()); ++i) {
    const bool edge = tokens[i] <= bottom * (1 + 1e-9) || tokens[i] >= top * (1 - 1e-9);
    if (!edge) {
      inside.push_back(i);
    }
    contours.push(json::Object{
        {"loss", loss}, {"params", params[i]}, {"tokens", tokens[i]}, {"top", top}, {"edge", edge}});
  }
  if (!inside.empty()) {
    const std::size_t at = inside[inside.size() / 6];
    labels.push(
        json::Object{{"params", params[at]}, {"tokens", tokens[at]}, {"text", format_number(loss, 4)}});
  }
}

// Some points of the map, for readers who do not see it.
Table map_table(const Fields& map) {
  constexpr std::size_t shown = 6;
  const std::vector<double> params = map.numbers("params");
  const std::vector<double> tokens = map.numbers("tokens");
  const json::Array& columns = map.array("loss");
  const std::size_t count = std::min({columns.size(), params.size(), tokens.size()});
  Table table{{column("parameters", "params")}, {}, "Loss by size (down) and tokens (across)"};
  std::vector<std::size_t> cells;
  for (std::size_t k = 0; k < shown && count > 0; ++k) {
    cells.push_back(k * (count - 1) / (shown - 1));
    table.columns.push_back(
        column(quantity(tokens[cells[k]], Dimension::tokens).text, fmt::format("loss_{}", k + 1)));
  }
  for (const std::size_t i : cells) {
    std::vector<Cell>& row = table.rows.emplace_back(1, quantity(params[i], Dimension::params));
    const json::Array* column = columns[i].is_array() ? &columns[i].array() : nullptr;
    for (const std::size_t j : cells) {
      const bool known = column != nullptr && j < column->size() && (*column)[j].is_number();
      row.push_back(quantity(known ? (*column)[j].number() : std::nan(""), Dimension::nats));
    }
  }
  return table;
}

Chart loss_map(const Fields& plan, const Fields& views) {
  const std::vector<double> edges = views.at("loss_map").numbers("tokens");
  json::Value contours = json::Array{};
  json::Value labels = json::Array{};
  for (const Fields& level : views.items("contours")) {
    add_contour(level, edges.empty() ? 0 : edges.front(), edges.empty() ? 0 : edges.back(), contours, labels);
  }
  json::Value lines = json::Array{};
  add_points(lines, Columns(views.at("isoflop")), "equal compute");
  add_points(lines, Columns(views.at("limited")), "most tokens the limits allow");
  json::Value points = json::Array{};
  add_points(points, Columns(views.at("draws")), "best under one draw of the law");
  const Fields decision = plan.at("decision");
  points.push(json::Object{{"what", "the plan"},
                           {"params", decision.number("params")},
                           {"tokens", decision.number("tokens")},
                           {"loss", plan.at("outcome").at("loss").number("value")}});
  Chart chart{
      "loss-map",
      "Loss over size and tokens",
      "Deeper blue is better; thin lines join equal loss (nats per token). Along the dashed line the compute "
      "is "
      "that of the plan. Each dot is what would be best if one draw of the law's uncertainty were true: "
      "where the dots spread along a band of equal colour, the choice between them hardly matters.",
      {}};
  chart.spec =
      filled("loss-map", {{"contours", contours}, {"labels", labels}, {"lines", lines}, {"points", points}});
  return chart;
}

Chart isoflop(const Fields& plan, const Fields& views) {
  const Fields view = views.at("isoflop");
  const Columns line(view);
  const json::Array& intervals = view.array("interval");
  json::Value rows = json::Array{};
  for (std::size_t i = 0; i < line.params.size(); ++i) {
    const bool known = i < intervals.size() && intervals[i].is_array() && intervals[i].array().size() == 2;
    const auto end = [&](std::size_t k) {
      return known ? intervals[i].array()[k] : json::Value(line.loss[i]);
    };
    rows.push(
        json::Object{{"params", line.params[i]}, {"loss", line.loss[i]}, {"low", end(0)}, {"high", end(1)}});
  }
  json::Value flat = json::Array{};
  for (const Fields& near : plan.items("near_optimal")) {
    const Interval params = near.interval("params");
    const bool loss = plan.text("objective") == "loss" && near.number("within") == 0.001;
    if (loss && params.known && !line.params.empty()) {
      flat.push(json::Object{{"params", std::max(params.low, line.params.front())},
                             {"params_high", std::min(params.high, line.params.back())}});
    }
  }
  const json::Value here = json::Array{json::Object{{"params", plan.at("decision").number("params")},
                                                    {"loss", plan.at("outcome").at("loss").number("value")}}};
  Chart chart{
      "isoflop",
      fmt::format("Loss at {} FLOP", format_quantity(view.number("compute"), Dimension::flop)),
      fmt::format("One line of the map above: larger models see fewer tokens. The band is the {} interval of "
                  "the loss while the law varies{}. The diamond is the plan.",
                  level_text(plan.number("level")),
                  flat.array().empty() ? ""
                                       : "; sizes on the grey ground stay within 0.1 % of the best "
                                         "loss that the limits allow"),
      {}};
  chart.spec = filled("isoflop", {{"line", rows}, {"flat", flat}, {"plan", here}});
  return chart;
}

// Only where the law's runs are known.
void add_forecast(const Fields& plan, const Fields& views, Section& section) {
  const Fields runs = views.at("runs");
  if (runs.array("compute").empty()) {
    return;
  }
  const Fields loss = plan.at("outcome").at("loss");
  Chart chart{"forecast",
              "From the runs to the plan",
              "Runs that the law was fitted to, and what it expects of the plan with its interval: the "
              "further right of "
              "the runs, the more the plan rests on the law's form.",
              {}};
  chart.spec = forecast(
      runs, {{views.at("isoflop").number("compute"), loss.number("value"), loss.interval("interval")}});
  section.charts.push_back(std::move(chart));
}

Table draw_table(const Columns& draws) {
  Table table{{column("parameters", "params"), column("tokens", "tokens"), column("loss", "loss")},
              {},
              "What would be best under each draw"};
  for (std::size_t i = 0; i < draws.params.size(); ++i) {
    table.rows.push_back({quantity(draws.params[i], Dimension::params),
                          quantity(draws.tokens[i], Dimension::tokens),
                          quantity(draws.loss[i], Dimension::nats)});
  }
  return table;
}

Table line_table(const Columns& line, double level, const Fields& view) {
  Table table{{column("parameters", "params"), column("tokens", "tokens"), column("loss", "loss"),
               interval_column(level, "loss")},
              {},
              "Sizes at equal compute"};
  const json::Array& intervals = view.array("interval");
  constexpr std::size_t stride = 4;
  for (std::size_t i = 0; i < line.params.size(); i += stride) {
    const bool known = i < intervals.size() && intervals[i].is_array() && intervals[i].array().size() == 2 &&
                       intervals[i].array()[0].is_number() && intervals[i].array()[1].is_number();
    const Interval loss =
        known ? Interval{intervals[i].array()[0].number(), intervals[i].array()[1].number(), true}
              : Interval{};
    table.rows.push_back({quantity(line.params[i], Dimension::params),
                          quantity(line.tokens[i], Dimension::tokens),
                          quantity(line.loss[i], Dimension::nats), interval(loss, Dimension::nats)});
  }
  return table;
}

Chart part_chart(const char* id, const char* title, std::string caption, const json::Value& parts) {
  Chart chart{id, title, std::move(caption), {}};
  chart.spec = filled("parts", {{"parts", parts}});
  chart.spec.set("height", bar_height * static_cast<double>(parts.array().size()));
  return chart;
}

// Parts with their shares of `whole`; what is nothing is left out.
json::Value shares(const std::vector<Fields>& all, double whole, Dimension dimension, Table& table) {
  json::Value parts = json::Array{};
  for (const Fields& each : all) {
    const double value = each.number("value");
    const std::string name = each.text("part");
    if (!(value > 0)) {
      continue;
    }
    const std::string text = fmt::format("{:.1f} %", 100 * value / whole);
    parts.push(json::Object{{"part", name}, {"share", rounded(value / whole)}, {"text", text}});
    table.rows.push_back({name, quantity(value, dimension), Cell(text, {value / whole})});
  }
  return parts;
}

void add_step(const Fields& plan, Section& section) {
  Table table{
      {text_column("of one step", "part"), column("time", "time_s"), column("share", "share")}, {}, "Time"};
  const double step = plan.at("outcome").at("step_time_s").number("value");
  const json::Value parts = shares(plan.at("views").items("step_time_s"), step, Dimension::seconds, table);
  section.charts.push_back(part_chart(
      "step-time", "One optimiser step",
      fmt::format("Shares of the {} that a step takes.", format_quantity(step, Dimension::seconds)), parts));
  section.tables.push_back(std::move(table));
}

void add_memory(const Fields& plan, Section& section) {
  double limit = std::nan("");
  for (const Fields& constraint : plan.items("constraints")) {
    limit = constraint.text("name") == "memory_bytes" ? constraint.number("limit") : limit;
  }
  if (std::isnan(limit)) {
    return;
  }
  Table table{
      {text_column("of the worst device", "part"), column("memory", "bytes"), column("share", "share")},
      {},
      "Memory"};
  const json::Value parts = shares(plan.at("views").items("memory_bytes"), limit, Dimension::bytes, table);
  section.charts.push_back(part_chart(
      "memory", "Memory of the worst device",
      fmt::format("Shares of the {} that a device may use.", format_quantity(limit, Dimension::bytes)),
      parts));
  section.tables.push_back(std::move(table));
}

}  // namespace

std::vector<Headline> plan_headlines(const Fields& plan) {
  const Fields decision = plan.at("decision");
  const Fields intervals = plan.at("decision_intervals");
  const Fields outcomes = plan.at("outcome");
  const std::string level = level_text(plan.number("level"));
  const auto note = [&](const Interval& spread, Dimension dimension) {
    return spread.known ? level + ": " + interval(spread, dimension).text : "";
  };
  std::vector<Headline> out = {{"parameters", quantity(decision.number("params"), Dimension::params).text,
                                note(intervals.interval("params"), Dimension::params)},
                               {"tokens", quantity(decision.number("tokens"), Dimension::tokens).text,
                                note(intervals.interval("tokens"), Dimension::tokens)}};
  static constexpr Named wanted[] = {
      {"loss", "loss, nats per token"}, {"train_time_s", "training time"},
      {"cost_usd", "cost of training"}, {"lifetime_cost_usd", "cost with serving"},
      {"energy_j", "energy"},           {"carbon_g", "carbon"},
      {"train_flop", "compute, FLOP"}};
  for (const Named& name : wanted) {
    const Fields outcome = outcomes.at(name.key);
    const Dimension dimension = plan::find_quantity(name.key)->dimension;
    if (outcome.has("value")) {
      out.push_back({std::string(name.label), quantity(outcome.number("value"), dimension).text,
                     note(outcome.interval("interval"), dimension)});
    }
  }
  if (plan.has("run")) {
    out.push_back({"devices", number(decision.number("devices")).text, plan.at("run").text("device")});
  }
  return out;
}

void add_limit_bar(const Fields& constraint, const std::vector<Cell>& cells, const std::string& objective,
                   json::Value& bars) {
  const double used = constraint.number("used");
  const double limit = constraint.number("limit");
  const bool binding = constraint.flag("binding");
  if (!(limit > 0) || !(used >= 0) || constraint.text("name") == "params.min") {
    return;
  }
  const std::string price =
      binding ? fmt::format("1 % more changes {} by {}", objective, cells[3].text) : "does not bind";
  bars.push(json::Object{{"name", constraint.text("name")},
                         {"share", rounded(used / limit)},
                         {"state", binding ? "sets the plan" : "has room left"},
                         {"text", fmt::format("{} of {}", cells[1].text, cells[2].text)},
                         {"price", price}});
}

Chart limit_chart(const json::Value& bars) {
  Chart chart{"limits",
              "How much of each limit the plan uses",
              "A limit that sets the plan has a price: what one percent more of it would change stands in "
              "the table. A "
              "limit with room left has none.",
              {}};
  chart.spec = filled("limits", {{"limits", bars}});
  chart.spec.set("height", (bar_height + price_height) * static_cast<double>(bars.array().size()));
  return chart;
}

Section choice_section(const Fields& plan) {
  Section section{"Where the plan stands"};
  const Fields views = plan.at("views");
  const Fields line = views.at("isoflop");
  section.charts = {loss_map(plan, views), isoflop(plan, views)};
  add_forecast(plan, views, section);
  section.tables.push_back(map_table(views.at("loss_map")));
  section.tables.push_back(line_table(Columns(line), plan.number("level"), line));
  if (const Columns draws(views.at("draws")); !draws.params.empty()) {
    section.tables.push_back(draw_table(draws));
  }
  return section;
}

Section part_section(const Fields& plan) {
  Section section{"Where time and memory go"};
  add_step(plan, section);
  add_memory(plan, section);
  return section;
}

}  // namespace scaleplan::report
