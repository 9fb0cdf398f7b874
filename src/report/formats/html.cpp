#include <fmt/format.h>

#include <algorithm>

#include "report/assets.hpp"
#include "report/charts/charts.hpp"
#include "report/formats/formats.hpp"
#include "report/text.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::report {
namespace {

constexpr std::size_t rows_in_sight = 40;  // longer tables are folded

// JSON that may stand inside a script element: no tag can begin in it
std::string script_safe(const json::Value& value) {
  std::string out;
  for (const char c : json::write(value, false)) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

void append_cells(std::string& out, const Table& table, const std::vector<Cell>& row) {
  out += "<tr>";
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const char* attributes = table.columns[i].numeric ? " class=\"n\"" : "";
    const std::string text = i < row.size() ? markup(row[i].text) : "";
    out += i == 0 && !table.columns[i].numeric ? "<th scope=\"row\">" + text + "</th>"
                                               : fmt::format("<td{}>{}</td>", attributes, text);
  }
  out += "</tr>\n";
}

// `name` is what a reader of the page hears; scrolling needs a focusable region
void append_table(std::string& out, const Table& table, const std::string& name) {
  const std::string& caption = table.title.empty() ? name : table.title;
  const bool folded = table.rows.size() > rows_in_sight;
  if (folded) {
    out += fmt::format("<details><summary>{}: {} rows</summary>\n", markup(caption), table.rows.size());
  }
  out += fmt::format("<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"{}\"><table>\n",
                     markup(caption));
  if (!table.title.empty() && !folded) {
    out += "<caption>" + markup(table.title) + "</caption>\n";
  }
  out += "<thead><tr>";
  for (const Column& column : table.columns) {
    out += fmt::format("<th scope=\"col\"{}>{}</th>", column.numeric ? " class=\"n\"" : "",
                       markup(column.header));
  }
  out += "</tr></thead>\n<tbody>\n";
  for (const std::vector<Cell>& row : table.rows) {
    append_cells(out, table, row);
  }
  out += "</tbody></table></div>\n";
  out += folded ? "</details>\n" : "";
}

void append_chart(std::string& out, const Chart& chart, bool below_title) {
  out += fmt::format(
      "<figure>\n<{3}>{0}</{3}>\n<div class=\"chart\" id=\"chart-{1}\" data-chart=\"{1}\" role=\"img\" "
      "aria-label=\"{0}\"></div>\n<figcaption>{2}</figcaption>\n</figure>\n",
      markup(chart.title), markup(chart.id), markup(chart.caption), below_title ? "h3" : "h2");
}

void append_lines(std::string& out, const std::vector<std::string>& lines, bool list) {
  out += list ? "<ul>\n" : "";
  for (const std::string& line : lines) {
    out += fmt::format("<{0}>{1}</{0}>\n", list ? "li" : "p", markup(line));
  }
  out += list ? "</ul>\n" : "";
}

void append_section(std::string& out, const Section& section) {
  out += section.urgent ? "<section class=\"urgent\">\n" : "<section>\n";
  if (!section.title.empty()) {
    out += "<h2>" + markup(section.title) + "</h2>\n";
  }
  append_lines(out, section.lines, section.urgent && section.lines.size() > 1);
  for (const Chart& chart : section.charts) {
    append_chart(out, chart, !section.title.empty());
  }
  for (const Table& table : section.tables) {
    append_table(out, table, section.title);
  }
  out += "</section>\n";
}

void append_headlines(std::string& out, const std::vector<Headline>& headlines) {
  if (headlines.empty()) {
    return;
  }
  out += "<dl class=\"headlines\">\n";
  for (const Headline& each : headlines) {
    out += fmt::format("<div><dt>{}</dt><dd>{}</dd>", markup(each.label), markup(each.value));
    out += each.note.empty() ? "" : "<dd class=\"note\">" + markup(each.note) + "</dd>";
    out += "</div>\n";
  }
  out += "</dl>\n";
}

json::Value all_charts(const Report& report) {
  json::Value charts = json::Object{};
  for (const Section& section : report.sections) {
    for (const Chart& chart : section.charts) {
      charts.set(chart.id, chart.spec);
    }
  }
  json::Value out;
  out.set("config", chart_config());
  out.set("charts", std::move(charts));
  return out;
}

}  // namespace

std::string render_html(const Report& report) {
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"generator\" content=\"scaleplan\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline' "
      "'unsafe-eval'; style-src 'unsafe-inline'; img-src data:\">\n"
      "<title>{0}</title>\n<style>\n{1}</style>\n</head>\n<body>\n<main>\n<header>\n<h1>{0}</h1>\n",
      markup(report.title), asset("page.css"));
  append_headlines(out, report.headlines);
  out += "</header>\n";
  for (const bool urgent : {true, false}) {
    for (const Section& section : report.sections) {
      if (section.urgent == urgent) {
        append_section(out, section);
      }
    }
  }
  out += "</main>\n<script type=\"application/json\" id=\"charts\">" + script_safe(all_charts(report)) +
         "</script>\n<script>\n";
  out += asset("page.js");
  out += "</script>\n</body>\n</html>\n";
  return out;
}

}  // namespace scaleplan::report
