#include "report/result_charts.hpp"

#include <fmt/format.h>

#include "report/charts/charts.hpp"
#include "report/common.hpp"

namespace scaleplan::report {
namespace {

// nothing where the law divides no budget
std::vector<Chart> forecast_charts(const Fields& root) {
  std::vector<Chart> charts;
  const std::vector<Fields> fits = root.items("fits");
  for (const Fields& fit : fits) {
    std::vector<Expected> expected;
    for (const Fields& at : fit.items("optimum")) {
      const Fields loss = at.at("loss");
      if (!at.has("reason")) {
        expected.push_back({at.number("compute"), loss.number("value"), loss.interval("interval")});
      }
    }
    if (expected.empty()) {
      continue;
    }
    const std::string group = fit.text("group");
    const std::string which =
        fits.size() > 1 ? " (" + fit.text("law") + (group.empty() ? "" : ", " + group) + ")" : "";
    Chart chart{
        fmt::format("forecast-{}", charts.size() + 1),
        "From the runs to the best loss for the compute" + which,
        "Diamonds are the lowest losses that the fitted law expects for their compute, with their intervals; "
        "right of the runs it extrapolates.",
        {}};
    chart.spec = forecast(fit.at("runs"), expected);
    charts.push_back(std::move(chart));
  }
  return charts;
}

// a loss spans too little for a logarithm
void set_axis(json::Value& spec, const char* channel, const std::string& quantity) {
  json::Value encoding = *spec.find("encoding");
  json::Value one = *encoding.find(channel);
  one.set("title", quantity);
  if (quantity == "loss") {
    one.set("scale", json::Object{{"zero", false}, {"nice", false}});
    one.set("axis", json::Object{{"tickCount", 6}});
  }
  encoding.set(channel, std::move(one));
  spec.set("encoding", std::move(encoding));
}

std::vector<Chart> frontier_charts(const Fields& root) {
  const std::string x = root.at("x").text("quantity");
  const std::string y = root.at("y").text("quantity");
  json::Value points = json::Array{};
  for (const Fields& point : root.items("points")) {
    const Fields value = point.at("y");
    if (!value.has("value")) {
      continue;
    }
    const double middle = value.number("value");
    const Interval spread = value.interval("interval");
    points.push(json::Object{{"x", point.number("x")},
                             {"y", middle},
                             {"low", spread.known ? spread.low : middle},
                             {"high", spread.known ? spread.high : middle},
                             {"held", joined(point.texts("binding"))}});
  }
  if (points.array().empty()) {
    return {};
  }
  Chart chart{"frontier",
              fmt::format("Least {} against {}", y, x),
              fmt::format("Each point is a whole plan with at most so much {}; the band is its {} interval.",
                          x, level_text(root.number("level"))),
              {}};
  chart.spec = filled("frontier", {{"points", points}});
  set_axis(chart.spec, "x", x);
  set_axis(chart.spec, "y", y);
  return {std::move(chart)};
}

}  // namespace

std::vector<Chart> latency_charts(const Fields& served) {
  json::Value curve = json::Array{};
  for (const Fields& point : served.items("curve")) {
    curve.push(json::Object{{"batch", point.number("batch")},
                            {"tokens_per_s", point.number("tokens_per_s")},
                            {"tpot_s", point.number("tpot_s")},
                            {"ttft_s", point.number("ttft_s")}});
  }
  if (curve.array().empty()) {
    return {};
  }
  json::Value peak = json::Array{};
  if (served.has("tpot_s")) {
    peak.push(json::Object{{"tpot_s", served.number("tpot_s")}});
  }
  Chart chart{
      "latency",
      "Latency and throughput of one replica",
      "From one sequence at a time to a full replica. The dashed line is the time per output token that the "
      "deployment comes to at the peak of the demand.",
      {}};
  chart.spec = filled("latency", {{"curve", curve}, {"peak", peak}});
  return {std::move(chart)};
}

std::vector<Chart> result_charts(const json::Value& document) {
  const Fields root(document);
  const std::string schema = root.text("schema");
  if (schema == "scaleplan/fit/1") {
    return forecast_charts(root);
  }
  if (schema == "scaleplan/serving/1") {
    return latency_charts(root);
  }
  return schema == "scaleplan/frontier/1" ? frontier_charts(root) : std::vector<Chart>{};
}

void add_result_charts(Report& report) {
  for (Chart& chart : result_charts(report.document)) {
    report.sections.front().charts.push_back(std::move(chart));
  }
}

}  // namespace scaleplan::report
