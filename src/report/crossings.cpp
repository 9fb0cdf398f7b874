#include <fmt/format.h>

#include <cmath>

#include "report/common.hpp"
#include "scaleplan/report/present.hpp"

namespace scaleplan::report {
namespace {

std::string verdict_of(const Crossing& each) {
  const fit::Crossover& at = each.crossover;
  const std::string& better = at.first_is_better ? each.first : each.second;
  return at.found                          ? better + " is better above"
         : at.reason.starts_with("one of") ? "not known"
                                           : better + " is better throughout";
}

json::Value crossing_value(const Crossing& each) {
  const fit::Crossover& at = each.crossover;
  json::Value out;
  out.set("first", each.first);
  out.set("second", each.second);
  out.set("range", json::Value(json::Array{each.range.low, each.range.high}));
  out.set("compute", at.found ? json::Value(at.compute) : json::Value());
  out.set("interval", json::interval_value(at.interval.low, at.interval.high, at.interval.known));
  out.set("loss", at.found ? json::Value(at.loss) : json::Value());
  out.set("better_above", at.first_is_better ? each.first : each.second);
  out.set("draws_crossing", std::isnan(at.share) ? json::Value() : json::Value(at.share));
  out.set("decades_outside",
          at.found && std::isfinite(at.decades_outside) ? json::Value(at.decades_outside) : json::Value());
  out.set("reason", at.reason.empty() ? json::Value() : json::Value(at.reason));
  return out;
}

}  // namespace

Report present(const Crossings& crossings) {
  Report report;
  report.title = "Where compute-optimal losses cross";
  Section section{"", {}, {}};
  Table table;
  table.columns = {text_column("first", "first"),
                   text_column("second", "second"),
                   column("cross at FLOP", "compute"),
                   interval_column(crossings.level, "compute"),
                   column("loss there", "loss"),
                   text_column("verdict", "verdict"),
                   column("draws that cross", "draws_crossing"),
                   column("decades beyond data", "decades_outside")};
  json::Value list{json::Array{}};
  for (const Crossing& each : crossings.all) {
    const fit::Crossover& at = each.crossover;
    const double found = at.found ? 1 : std::nan("");
    table.rows.push_back({each.first, each.second, quantity(found * at.compute, Dimension::flop),
                          interval(at.interval, Dimension::flop), quantity(found * at.loss, Dimension::nats),
                          verdict_of(each), number(at.share, 2), number(found * at.decades_outside, 3)});
    if (!at.reason.empty()) {
      section.lines.push_back(
          fmt::format("{} and {} do not cross between {} FLOP: {}.", each.first, each.second,
                      range_text(each.range.low, each.range.high, Dimension::flop), at.reason));
    }
    list.push(crossing_value(each));
  }
  section.tables.push_back(std::move(table));
  section.lines.push_back(
      "Losses can be compared only on one text and one tokeniser. An interval is given where both ends of it "
      "lie in the "
      "range that was searched; each draw of the first meets each draw of the second.");
  report.sections.push_back(std::move(section));
  report.document.set("schema", "scaleplan/crossing/1");
  report.document.set("level", crossings.level);
  report.document.set("crossings", list);
  return report;
}

}  // namespace scaleplan::report
