#include "scaleplan/report/calibration.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>

#include "report/common.hpp"
#include "scaleplan/base/version.hpp"

namespace scaleplan::report {
namespace {

using calibration::Comparison;
using calibration::ErrorLine;

json::Value text_or_null(const std::string& text) {
  return text.empty() ? json::Value(nullptr) : json::Value(text);
}

json::Value line_value(const ErrorLine& line) {
  json::Value out;
  out.set("cases", static_cast<double>(line.cases));
  out.set("mean_abs", line.mean_abs);
  out.set("median_abs", line.median_abs);
  out.set("bias", line.bias);
  out.set("max_abs", line.max_abs);
  out.set("mean_over_publishers", line.mean_over_publishers);
  out.set("coverage", line.coverage ? json::Value(*line.coverage) : json::Value(nullptr));
  out.set("within_factor_two", line.within_factor_two);
  return out;
}

json::Value lines_value(const std::map<std::string, ErrorLine>& lines) {
  json::Value out{json::Object{}};
  for (const auto& [key, line] : lines) {
    out.set(key, line_value(line));
  }
  return out;
}

json::Value case_value(const Comparison& c) {
  const bool known = c.interval_low && c.interval_high;
  json::Value out;
  out.set("id", c.id);
  out.set("publisher", c.publisher);
  out.set("score", c.score);
  out.set("quantity", c.quantity);
  out.set("group", text_or_null(c.group));
  out.set("measured", c.measured);
  out.set("predicted", c.predicted);
  out.set("relative_error", c.relative_error());
  out.set("interval", json::interval_value(c.interval_low.value_or(0), c.interval_high.value_or(0), known));
  return out;
}

json::Value rankings_value(const std::vector<calibration::Ranking>& rankings) {
  json::Value out{json::Array{}};
  for (const calibration::Ranking& each : rankings) {
    json::Value line;
    line.set("group", each.group);
    line.set("cases", static_cast<double>(each.cases));
    line.set("spearman", each.spearman);
    line.set("kendall", each.kendall);
    line.set("regret", each.regret);
    out.push(std::move(line));
  }
  return out;
}

template <class T>
json::Value numbers_value(const std::map<std::string, T>& numbers) {
  json::Value out{json::Object{}};
  for (const auto& [key, value] : numbers) {
    out.set(key, static_cast<double>(value));
  }
  return out;
}

json::Value document_of(const calibration::Outcome& outcome, const CalibrationView& view) {
  const calibration::Scores& scores = outcome.scores;
  json::Value out;
  out.set("schema", "scaleplan/calibration/1");
  out.set("id", outcome.kind);
  out.set("kind", outcome.kind);
  out.set("level", view.level);
  out.set("scored", view.left_out ? "publishers left out" : "in sample");
  if (!outcome.constants.is_null()) {
    out.set(outcome.kind, outcome.constants);
  }
  out.set("error", lines_value(scores.error));
  json::Value publishers{json::Object{}};
  for (const auto& [key, lines] : scores.by_publisher) {
    publishers.set(key, lines_value(lines));
  }
  out.set("by_publisher", std::move(publishers));
  out.set("ranking", rankings_value(outcome.rankings));
  out.set("own_runs", numbers_value(outcome.own_runs));
  json::Value cases{json::Array{}};
  for (const Comparison& each : scores.cases) {
    cases.push(case_value(each));
  }
  out.set("cases", std::move(cases));
  json::Value skipped{json::Array{}};
  for (const calibration::Skipped& each : scores.skipped) {
    json::Value item;
    item.set("id", each.id);
    item.set("reason", each.reason);
    skipped.push(std::move(item));
  }
  out.set("skipped", std::move(skipped));
  out.set("ignored_keys", numbers_value(outcome.ignored));
  json::Value notes{json::Array{}};
  for (const std::string& note : outcome.notes) {
    notes.push(note);
  }
  out.set("warnings", std::move(notes));
  json::Value provenance;
  provenance.set("version", version());
  provenance.set("catalogue", catalogue_version());
  provenance.set("cases_sha256", text_or_null(view.cases_digest));
  provenance.set("calibration_sha256", text_or_null(view.calibration_digest));
  out.set("provenance", std::move(provenance));
  return out;
}

Cell percent(double fraction, bool with_sign = false) {
  if (!std::isfinite(fraction)) {
    return number(fraction);
  }
  return {with_sign ? fmt::format("{:+.1f} %", 100 * fraction) : fmt::format("{:.1f} %", 100 * fraction),
          {fraction}};
}

std::vector<Cell> error_cells(const ErrorLine& line) {
  return {number(static_cast<double>(line.cases)),
          percent(line.mean_over_publishers),
          percent(line.mean_abs),
          percent(line.median_abs),
          percent(line.bias, true),
          percent(line.max_abs),
          percent(line.coverage.value_or(std::nan("")))};
}

std::vector<Column> error_columns() {
  return {column("cases", "cases"),         column("mean over publishers", "mean_over_publishers"),
          column("mean", "mean_abs"),       column("median", "median_abs"),
          column("bias", "bias"),           column("largest", "max_abs"),
          column("in interval", "coverage")};
}

Table error_table(const calibration::Scores& scores) {
  Table out;
  out.columns = error_columns();
  out.columns.insert(out.columns.begin(), text_column("quantity", "quantity"));
  for (const auto& [key, line] : scores.error) {
    std::vector<Cell> row = error_cells(line);
    row.insert(row.begin(), Cell(key));
    out.rows.push_back(std::move(row));
  }
  return out;
}

Table publisher_table(const calibration::Scores& scores) {
  Table out;
  out.columns = {text_column("quantity", "quantity"),
                 text_column("publisher", "publisher"),
                 column("cases", "cases"),
                 column("mean", "mean_abs"),
                 column("bias", "bias"),
                 column("largest", "max_abs")};
  for (const auto& [key, lines] : scores.by_publisher) {
    for (const auto& [publisher, line] : lines) {
      out.rows.push_back({Cell(key), Cell(publisher), number(static_cast<double>(line.cases)),
                          percent(line.mean_abs), percent(line.bias, true), percent(line.max_abs)});
    }
  }
  return out;
}

Table ranking_table(const std::vector<calibration::Ranking>& rankings) {
  Table out;
  out.columns = {text_column("source", "group"), column("cases", "cases"), column("Spearman", "spearman"),
                 column("Kendall", "kendall"), column("regret", "regret")};
  for (const calibration::Ranking& each : rankings) {
    out.rows.push_back({Cell(each.group), number(static_cast<double>(each.cases)), number(each.spearman, 3),
                        number(each.kendall, 3), percent(each.regret)});
  }
  return out;
}

// Every number of the constants, whatever the kind: objects of {value, log_se}, and plain numbers.
void constant_rows(const std::string& path, const json::Value& value, Table& table) {
  if (value.is_number()) {
    table.rows.push_back({Cell(path), number(value.number(), 4), number(std::nan(""))});
    return;
  }
  if (!value.is_object()) {
    return;
  }
  const json::Value* estimate = value.find("value");
  const json::Value* error = value.find("log_se");
  if (estimate != nullptr && estimate->is_number() && error != nullptr && error->is_number()) {
    table.rows.push_back({Cell(path), number(estimate->number(), 4), percent(error->number())});
    return;
  }
  for (const auto& [key, member] : value.object()) {
    constant_rows(path.empty() ? key : fmt::format("{}.{}", path, key), member, table);
  }
}

Table case_table(const calibration::Outcome& outcome, double level) {
  Table out;
  out.columns = {text_column("case", "id"),           text_column("quantity", "quantity"),
                 column("measured", "measured"),      column("predicted", "predicted"),
                 interval_column(level, "predicted"), column("error", "relative_error")};
  for (const Comparison& c : outcome.scores.cases) {
    const Interval range{c.interval_low.value_or(0), c.interval_high.value_or(0),
                         c.interval_low && c.interval_high};
    out.rows.push_back({Cell(c.id), Cell(c.quantity), number(c.measured, 4), number(c.predicted, 4),
                        interval(range, Dimension::number), percent(c.relative_error(), true)});
  }
  return out;
}

Section limits(const calibration::Outcome& outcome) {
  Section out{"Limits", outcome.notes, {}};
  std::map<std::string, std::size_t> reasons;
  for (const calibration::Skipped& each : outcome.scores.skipped) {
    ++reasons[each.reason];
  }
  for (const auto& [reason, count] : reasons) {
    out.lines.push_back(fmt::format("{} left out: {}.", counted(count, "case"), reason));
  }
  return out;
}

}  // namespace

Report present(const calibration::Outcome& outcome, const CalibrationView& view) {
  Report report;
  report.title = fmt::format("{} cases against {}", outcome.kind,
                             view.left_out ? "fits to the other publishers" : "the calibration");
  report.sections.push_back({"Error (predicted over measured − 1)", {}, {error_table(outcome.scores)}});
  report.sections.push_back({"By publisher", {}, {publisher_table(outcome.scores)}});
  if (!outcome.rankings.empty()) {
    report.sections.push_back({"Order of layouts by throughput per device",
                               {"Regret is the throughput lost by taking the best predicted layout."},
                               {ranking_table(outcome.rankings)}});
  }
  if (!outcome.own_runs.empty()) {
    Section own{"After own runs", {}, {}};
    for (const auto& [runs, error] : outcome.own_runs) {
      own.lines.push_back(fmt::format("{} of a left-out publisher's runs, shrunk: {:.1f} % on the others.",
                                      runs, 100 * error));
    }
    report.sections.push_back(std::move(own));
  }
  if (!outcome.constants.is_null()) {
    Table constants;
    constants.columns = {text_column("constant", "constant"), column("value", "value"),
                         column("± (1 sd of ln)", "log_se")};
    constant_rows("", outcome.constants, constants);
    report.sections.push_back({"Constants", {}, {std::move(constants)}});
  }
  if (view.explain) {
    report.sections.push_back({"Cases", {}, {case_table(outcome, view.level)}});
  }
  report.sections.push_back(limits(outcome));
  report.document = document_of(outcome, view);
  return report;
}

}  // namespace scaleplan::report
