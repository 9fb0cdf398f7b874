#include <array>

#include "report/assets.hpp"
#include "report/formats/formats.hpp"
#include "scaleplan/report/report.hpp"

namespace scaleplan::report {

std::span<const std::string> format_names() {
  static const std::array<std::string, 9> names = {
      "table",     "json",  "csv",   "markdown", "html",
      "vega-lite", "sarif", "junit", "github"};  // in the order of Format
  return names;
}

std::string obstacle(Format format) {
  const bool missing = format == Format::html && asset("page.js").empty();
  return missing ? "html reports were left out of this build: npm was not there" : "";
}

std::string obstacle(const Report& report, Format format) {
  if (format >= Format::sarif) {
    const json::Value* schema = report.document.find("schema");
    const bool findings =
        schema != nullptr && schema->is_string() && schema->string() == "scaleplan/findings/1";
    return findings ? "" : "this result has no findings";
  }
  if (format != Format::vega_lite) {
    return {};
  }
  for (const Section& section : report.sections) {
    if (!section.charts.empty()) {
      return {};
    }
  }
  return "this result has no chart";
}

std::string render(const Report& report, Format format) {
  switch (format) {
    case Format::table:
      return render_table(report);
    case Format::json:
      return render_json(report);
    case Format::csv:
      return render_csv(report);
    case Format::markdown:
      return render_markdown(report);
    case Format::html:
      return render_html(report);
    case Format::vega_lite:
      return render_vega_lite(report);
    case Format::sarif:
      return render_sarif(report);
    case Format::junit:
      return render_junit(report);
    case Format::github:
      return render_github(report);
  }
  return {};
}

}  // namespace scaleplan::report
