#include "report/formats/formats.hpp"
#include "report/text.hpp"

namespace scaleplan::report {
namespace {

// characters that would start markup inside a sentence or end a table cell
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '|' || c == '*' || c == '_' || c == '`' || c == '<' || c == '\\') {
      out += '\\';
    }
    out += c;
  }
  return out;
}

void append_table(std::string& out, const Table& table) {
  out += table.title.empty() ? "" : "**" + escaped(table.title) + "**\n\n";
  std::string rule = "|";
  out += "|";
  for (const Column& column : table.columns) {
    out += " " + escaped(column.header) + " |";
    rule += column.numeric ? " ---: |" : " :--- |";
  }
  out += "\n" + rule + "\n";
  for (const std::vector<Cell>& row : table.rows) {
    out += "|";
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      out += " " + (i < row.size() ? escaped(row[i].text) : std::string{}) + " |";
    }
    out += "\n";
  }
}

}  // namespace

std::string render_markdown(const Report& report) {
  std::string out = "# " + escaped(report.title) + "\n";
  for (const Section& section : report.sections) {
    if (!section.title.empty()) {
      out += "\n## " + escaped(section.title) + "\n";
    }
    for (const std::string& line : section.lines) {
      out += "\n" + escaped(line) + "\n";
    }
    if (!section.figure.empty()) {
      out += "\n```text\n";
      for (const std::string& line : section.figure) {
        out += printable(line) + "\n";
      }
      out += "```\n";
    }
    for (const Table& table : section.tables) {
      out += "\n";
      append_table(out, table);
    }
  }
  return out;
}

}  // namespace scaleplan::report
