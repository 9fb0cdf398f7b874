#include "report/methods.hpp"

#include <fmt/format.h>

#include "report/common.hpp"

namespace scaleplan::report {
namespace {

using fit::MethodRecord;

std::string name_of(const MethodRecord& method) {
  return method.method == "law"       ? "fitted law"
         : method.method == "isoflop" ? "isoFLOP parabolas"
                                      : "envelope of curves";
}

std::string basis_of(const MethodRecord& method) {
  return method.method == "law" ? counted(method.points, "row")
                                : fmt::format("{} of {}", method.points, counted(method.tried, "budget"));
}

void add_rows(const fit::LawFit& fit, const FitLabels& labels, Table& table) {
  for (const MethodRecord& method : fit.methods) {
    std::vector<Cell> row = labels.cells(fit);
    for (const Cell& cell : std::vector<Cell>{
             name_of(method), basis_of(method), number(method.size.exponent, 3),
             interval(method.size.exponent_interval, Dimension::fraction), number(method.tokens.exponent, 3),
             interval(method.tokens.exponent_interval, Dimension::fraction),
             quantity(method.size.at_top, Dimension::params),
             interval(method.size.at_top_interval, Dimension::params)}) {
      row.push_back(cell);
    }
    table.rows.push_back(std::move(row));
  }
}

void add_lines(const fit::LawFit& fit, const std::string& prefix, Section& section) {
  for (std::size_t i = 0; i < fit.methods.size(); ++i) {
    const MethodRecord& method = fit.methods[i];
    if (!method.reason.empty()) {
      section.lines.push_back(
          fmt::format("{}no answer from the {}: {}.", prefix, name_of(method), method.reason));
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (disagree(fit.methods[j], method)) {
        section.lines.push_back(
            fmt::format("{}the {} and the {} disagree: their intervals of the exponent of N* do not meet.",
                        prefix, name_of(fit.methods[j]), name_of(method)));
      }
    }
  }
}

}  // namespace

Section methods_section(const fit::Fit& fit, const FitLabels& labels) {
  const double level = fit.options.level;
  Section section{"Three methods", {}, {}};
  Table table;
  labels.add_columns(table);
  for (Column& each : std::vector<Column>{
           text_column("method", "method"), text_column("rests on", "basis"),
           column("N* ∝ C^", "size_exponent"), interval_column(level, "size_exponent"),
           column("D* ∝ C^", "token_exponent"), interval_column(level, "token_exponent"),
           column("N* at the top of the data", "N_at_top"), interval_column(level, "N_at_top")}) {
    table.columns.push_back(std::move(each));
  }
  for (const fit::LawFit& each : fit.fits) {
    add_rows(each, labels, table);
    add_lines(each, labels.prefix(each), section);
  }
  if (!table.rows.empty()) {
    section.tables.push_back(std::move(table));
  }
  return section;
}

}  // namespace scaleplan::report
