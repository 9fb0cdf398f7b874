#include "report/charts/charts.hpp"
#include "report/formats/formats.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::report {
namespace {

constexpr int width = 640;  // pixels

json::Value titled(const Chart& chart) {
  json::Value out;
  out.set("title", chart.title);
  out.set("description", chart.caption);
  out.set("width", width);
  for (const auto& [key, value] : chart.spec.object()) {
    out.set(key, value);
  }
  return out;
}

}  // namespace

std::string render_vega_lite(const Report& report) {
  json::Array charts;
  for (const Section& section : report.sections) {
    for (const Chart& chart : section.charts) {
      charts.push_back(titled(chart));
    }
  }
  json::Value out;
  out.set("$schema", "https://vega.github.io/schema/vega-lite/v6.json");
  out.set("config", chart_config());
  if (charts.size() == 1) {
    for (auto& [key, value] : charts.front().object()) {
      out.set(key, std::move(value));
    }
  } else {
    out.set("title", report.title);
    out.set("resolve",
            json::Object{{"scale", json::Object{{"color", "independent"}, {"fill", "independent"}}},
                         {"legend", json::Object{{"color", "independent"}}}});
    out.set("vconcat", std::move(charts));
  }
  return json::write(out) + "\n";
}

}  // namespace scaleplan::report
