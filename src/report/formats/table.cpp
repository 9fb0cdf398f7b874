#include <algorithm>
#include <numeric>

#include "report/formats/formats.hpp"
#include "report/text.hpp"

namespace scaleplan::report {
namespace {

constexpr std::size_t page_width = 110;
constexpr std::size_t narrowest_text = 24;  // a text column is not squeezed below this
constexpr std::string_view gap = "  ";

std::vector<std::size_t> natural_widths(const Table& table) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    std::size_t width = code_points(table.columns[i].header);
    for (const std::vector<Cell>& row : table.rows) {
      width = std::max(width, i < row.size() ? code_points(row[i].text) : 0);
    }
    out.push_back(width);
  }
  return out;
}

// The widest text columns, except the first, which names its row, give way until the table fits the page.
std::vector<std::size_t> fitted_widths(const Table& table) {
  std::vector<std::size_t> width = natural_widths(table);
  const std::size_t room = page_width - std::min(page_width, gap.size() * width.size());
  while (std::accumulate(width.begin(), width.end(), std::size_t{0}) > room) {
    std::size_t widest = width.size();
    for (std::size_t i = 1; i < width.size(); ++i) {
      const bool may_give = !table.columns[i].numeric && width[i] > narrowest_text;
      if (may_give && (widest == width.size() || width[i] > width[widest])) {
        widest = i;
      }
    }
    if (widest == width.size()) {
      break;
    }
    --width[widest];
  }
  return width;
}

std::string aligned(const std::string& text, std::size_t width, bool right) {
  const std::string padding(width - std::min(width, code_points(text)), ' ');
  return right ? padding + text : text + padding;
}

std::string trimmed(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

// One row of texts, each text over as many lines as its column needs.
void append_row(std::string& out, const Table& table, const std::vector<std::size_t>& width,
                const std::vector<std::string>& texts) {
  std::vector<std::vector<std::string>> lines;
  std::size_t height = 1;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    lines.push_back(broken(texts[i], width[i]));
    height = std::max(height, lines.back().size());
  }
  for (std::size_t k = 0; k < height; ++k) {
    std::string line;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      line += gap;
      line += aligned(k < lines[i].size() ? lines[i][k] : "", width[i], table.columns[i].numeric);
    }
    out += trimmed(line) + '\n';
  }
}

void append_table(std::string& out, const Table& table) {
  const std::vector<std::size_t> width = fitted_widths(table);
  if (!table.title.empty()) {
    out += "  " + table.title + '\n';
  }
  std::vector<std::string> header;
  std::vector<std::string> rule;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    header.push_back(table.columns[i].header);
    rule.push_back(repeated("─", width[i]));
  }
  append_row(out, table, width, header);
  append_row(out, table, width, rule);
  for (const std::vector<Cell>& row : table.rows) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      texts.push_back(i < row.size() ? printable(row[i].text) : "");
    }
    append_row(out, table, width, texts);
  }
}

}  // namespace

std::string render_table(const Report& report) {
  std::string out = printable(report.title) + '\n';
  for (const Section& section : report.sections) {
    out += '\n';
    if (!section.title.empty()) {
      out += printable(section.title) + '\n';
    }
    for (const std::string& line : section.lines) {
      out += wrapped(printable(line), page_width, gap);
    }
    for (const std::string& line : section.figure) {
      out += trimmed(std::string(gap) + printable(line)) + '\n';
    }
    out += !section.figure.empty() && !section.tables.empty() ? "\n" : "";
    for (const Table& table : section.tables) {
      out += &table == &section.tables.front() ? "" : "\n";
      append_table(out, table);
    }
  }
  return out;
}

}  // namespace scaleplan::report
