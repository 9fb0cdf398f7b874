#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scaleplan/base/control.hpp"
#include "scaleplan/base/quantity.hpp"
#include "scaleplan/json/value.hpp"

namespace scaleplan::report {

/// One column. `keys` name what csv prints for it: one name, or two where cells hold an interval.
struct Column {
  std::string header;
  std::vector<std::string> keys;
  bool numeric = true;  ///< right-aligned
};

/// What people read, and the raw numbers (SI) behind it, which csv prints instead. A cell without numbers
/// is text; NaN stands for an absent number (empty in csv).
struct Cell {
  Cell() = default;
  Cell(std::string shown) : text(std::move(shown)) {}  // NOLINT(google-explicit-constructor)
  Cell(std::string_view shown) : text(shown) {}        // NOLINT(google-explicit-constructor)
  Cell(const char* shown) : text(shown) {}             // NOLINT(google-explicit-constructor)
  Cell(std::string shown, std::vector<double> raw) : text(std::move(shown)), numbers(std::move(raw)) {}

  std::string text;
  std::vector<double> numbers;
};

struct Table {
  std::vector<Column> columns;
  std::vector<std::vector<Cell>> rows;
  std::string title;  ///< may be empty
};

/// A Vega-Lite specification with its data inside, width and configuration left to the format.
struct Chart {
  std::string id;  ///< "loss-map"
  std::string title;
  std::string caption;  ///< what it shows and how to read it
  json::Value spec;
};

/// A figure that a page shows large.
struct Headline {
  std::string label;
  std::string value;
  std::string note;  ///< may be empty
};

/// Part of a report: full sentences, then tables. `figure` holds lines that keep their spaces; `charts` are
/// for formats that draw. A page begins with the sections that are `urgent`.
struct Section {
  std::string title;
  std::vector<std::string> lines{};
  std::vector<Table> tables{};
  std::vector<std::string> figure{};
  std::vector<Chart> charts{};
  bool urgent = false;
};

/// A result made presentable: `title` and `sections` are what the table and markdown formats render, csv
/// prints the tables only, json prints `document`, html is one page that needs no network, vega_lite prints
/// the charts as one specification.
struct Report {
  std::string title;
  std::vector<Section> sections;
  json::Value document;
  std::vector<Headline> headlines;
};

enum class Format { table, json, csv, markdown, html, vega_lite, sarif, junit, github };

/// Names of the formats, as typed.
std::span<const std::string> format_names();

/// Why this program cannot render in the format, or empty: html may have been left out of the build.
std::string obstacle(Format format);
/// The same for a report: vega_lite needs a chart; sarif, junit and github need findings.
std::string obstacle(const Report& report, Format format);

/// Render. Precondition: no obstacle. csv prints the tables, separated by an empty line; widths count UTF-8
/// code points; the text ends with a line feed.
std::string render(const Report& report, Format format);

/// A number in its dimension, "32.19B"; "–" when it is not finite.
Cell quantity(double value, Dimension dimension);
/// A number with `digits` significant digits; "–" when it is not finite.
Cell number(double value, int digits = 6);
/// "28.1B – 37B", or "–" when it is not known.
Cell interval(const Interval& interval, Dimension dimension);

}  // namespace scaleplan::report
