#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/common.hpp"
#include "report/saved.hpp"

namespace scaleplan::report {
namespace {

// "law of group: " where there are several
std::string prefix_of(const Fields& fit, bool several) {
  const std::string group = fit.text("group");
  return several ? fit.text("law") + (group.empty() ? "" : " of " + group) + ": " : "";
}

// the law's own names of size and tokens are those of the estimates beside the known keys
std::vector<std::string> input_names(const Fields& optimum) {
  std::vector<std::string> names;
  for (const auto& [key, value] : optimum.value().object()) {
    if (value.is_object() && value.find("value") != nullptr && key != "tokens_per_parameter" &&
        key != "loss") {
      names.push_back(key);
    }
  }
  return names;
}

Section optimum_section(const std::vector<Fields>& fits, double level) {
  Section section{"Compute-optimal training"};
  Table table{{text_column("law", "law"), column("FLOP", "compute"), column("size", "size"),
               interval_column(level, "size"), column("tokens", "tokens"), interval_column(level, "tokens"),
               column("loss", "loss"), interval_column(level, "loss"),
               column("decades outside the data", "decades_outside")},
              {},
              {}};
  for (const Fields& fit : fits) {
    for (const Fields& at : fit.items("optimum")) {
      if (at.has("reason")) {
        section.lines.push_back(
            fmt::format("{}at {} FLOP the law has no best size: {}.", prefix_of(fit, fits.size() > 1),
                        format_quantity(at.number("compute"), Dimension::flop), at.text("reason")));
        continue;
      }
      std::vector<Cell> row{fit.text("law"), quantity(at.number("compute"), Dimension::flop)};
      std::vector<std::string> names = input_names(at);
      names.resize(2);
      for (const auto& [name, dimension] : {std::pair{names[0], Dimension::params},
                                            {names[1], Dimension::tokens},
                                            {std::string("loss"), Dimension::nats}}) {
        row.push_back(quantity(at.at(name).number("value"), dimension));
        row.push_back(interval(at.at(name).interval("interval"), dimension));
      }
      row.push_back(number(at.number("decades_outside"), 2));
      table.rows.push_back(std::move(row));
    }
  }
  section.tables.push_back(std::move(table));
  return section;
}

Section parameter_section(const std::vector<Fields>& fits, double level) {
  Table table{{text_column("law", "law"), text_column("parameter", "parameter"), column("value", "value"),
               interval_column(level, "value"), column("standard error", "stderr")},
              {},
              {}};
  for (const Fields& fit : fits) {
    const Fields parameters = fit.at("parameters");
    const Fields intervals = fit.at("intervals");
    const Fields errors = fit.at("stderr");
    for (const auto& [name, value] :
         parameters.value().is_object() ? parameters.value().object() : json::Object{}) {
      table.rows.push_back({fit.text("law"), name, number(parameters.number(name)),
                            interval(intervals.interval(name), Dimension::number),
                            number(errors.number(name), 3)});
    }
  }
  return {"Parameters", {}, {std::move(table)}};
}

Section trust_section(const std::vector<Fields>& fits) {
  Section section{"How far to trust it"};
  for (const Fields& fit : fits) {
    const std::string prefix = prefix_of(fit, fits.size() > 1);
    const std::string reason = fit.text("verdict_reason");
    section.lines.push_back(
        fmt::format("{}verdict: {}{}.", prefix, fit.text("verdict"), reason.empty() ? "" : ": " + reason));
    const Fields points = fit.at("points");
    section.lines.push_back(
        fmt::format("{}{:.0f} of {:.0f} rows used.", prefix, points.number("used"), points.number("read")));
    for (const Fields& dropped : points.items("dropped")) {
      section.lines.push_back(
          fmt::format("{}{:.0f} left out: {}.", prefix, dropped.number("count"), dropped.text("reason")));
    }
    section.lines.push_back(
        fmt::format("{}intervals: {}, {:.0f} draws.", prefix, fit.text("uncertainty"), fit.number("draws")));
  }
  return section;
}

}  // namespace

Report present_fit(const json::Value& document) {
  const Fields root(document);
  const std::vector<Fields> fits = root.items("fits");
  const double level = root.at("provenance").number("level");
  Report report;
  report.title = fits.size() == 1 ? fmt::format("Fit of {}: {}", fits[0].text("law"), fits[0].text("verdict"))
                                  : counted(fits.size(), "fit");
  report.sections = {optimum_section(fits, level), parameter_section(fits, level), trust_section(fits)};
  Section warnings{"Warnings", {}, {}, {}, {}, true};
  for (std::size_t i = 0; i < fits.size(); ++i) {
    const std::string prefix = prefix_of(fits[i], fits.size() > 1);
    for (const std::string& warning : fits[i].at("diagnostics").texts("warnings")) {
      warnings.lines.push_back(prefix + warning);
    }
  }
  if (!warnings.lines.empty()) {
    report.sections.push_back(std::move(warnings));
  }
  report.document = document;
  return report;
}

}  // namespace scaleplan::report
