#include "scaleplan/report/plot.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "report/text.hpp"

namespace report = scaleplan::report;
using scaleplan::Dimension;

namespace {

report::Plot line_and_points() {
  report::Plot out{{"compute", Dimension::flop, true}, {"loss", Dimension::nats, false}, {}};
  out.series = {{"law", {1e18, 1e24}, {4, 2}, true}, {"runs", {1e18, 1e21, 1e24}, {4, 3, 2}, false}};
  return out;
}

bool ascii(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Column and row of every mark in the area of a plot in ASCII, from its upper left corner.
std::vector<std::pair<std::size_t, std::size_t>> marks(const std::vector<std::string>& lines,
                                                       std::size_t rows, char glyph) {
  std::vector<std::pair<std::size_t, std::size_t>> out;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::string& line = lines[row + 1];
    const std::size_t axis = line.find_first_of("|+");
    for (std::size_t at = axis + 1; at < line.size(); ++at) {
      if (line[at] == glyph) {
        out.emplace_back(at - axis - 1, row);
      }
    }
  }
  return out;
}

}  // namespace

TEST_CASE("marks stand where their logarithms and values are") {
  const report::PlotStyle style{61, 21, true};
  const auto found = marks(report::plot(line_and_points(), style), style.rows, 'o');
  REQUIRE(found.size() == 3);
  // from the top: the runs fall to the right, the middle one in the middle of both axes
  REQUIRE(found[0].first < 3);
  REQUIRE(found[0].second < 2);
  REQUIRE(found[1] == std::pair<std::size_t, std::size_t>{30, 10});
  REQUIRE(found[2].first > 57);
  REQUIRE(found[2].second > 18);
}

TEST_CASE("a line joins its ends without a gap") {
  report::Plot only = line_and_points();
  only.series.pop_back();
  const report::PlotStyle style{40, 12, true};
  auto found = marks(report::plot(only, style), style.rows, '.');
  std::sort(found.begin(), found.end());
  REQUIRE(found.size() >= 36);
  for (std::size_t i = 1; i < found.size(); ++i) {
    REQUIRE(found[i].first - found[i - 1].first <= 1);
    REQUIRE(found[i].second + 1 - found[i - 1].second <= 2);
  }
}

TEST_CASE("every line has room for its area, in braille as in ASCII") {
  for (const bool plain : {false, true}) {
    const report::PlotStyle style{50, 10, plain};
    const std::vector<std::string> lines = report::plot(line_and_points(), style);
    REQUIRE(lines.size() == 1 + style.rows + 3 + 2);
    const std::size_t width = report::code_points(lines[1]);
    for (std::size_t row = 1; row <= style.rows + 1; ++row) {
      REQUIRE(report::code_points(lines[row]) == width);
    }
    for (const std::string& line : lines) {
      REQUIRE(ascii(line) >= plain);
    }
  }
}

TEST_CASE("axes carry round values in order, apart from each other") {
  const std::vector<std::string> lines = report::plot(line_and_points(), {60, 20, true});
  const std::string& labels = lines[lines.size() - 4];
  for (const char* label : {"1e18", "1e20", "1e22", "1e24"}) {
    INFO(labels);
    REQUIRE(labels.find(label) != std::string::npos);
  }
  std::vector<double> values;
  for (const std::string& line : lines) {
    if (const std::size_t axis = line.find('+');
        axis != std::string::npos && line.find_first_not_of(' ') < axis) {
      values.push_back(std::stod(line.substr(0, axis)));
    }
  }
  REQUIRE(values.size() >= 4);
  REQUIRE(std::is_sorted(values.rbegin(), values.rend()));
}

TEST_CASE("what is not finite or has no logarithm is left out, also all of it") {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  report::Plot odd = line_and_points();
  odd.series[1].x = {0, -1, 1e21};
  odd.series[1].y = {3, 3, nan};
  REQUIRE(marks(report::plot(odd, {40, 10, true}), 10, 'o').empty());
  odd.series = {{"nothing", {nan}, {1}, false}};
  REQUIRE(report::plot(odd, {}) == std::vector<std::string>{"Nothing to plot: no point has finite numbers."});
}

TEST_CASE("a single point has axes of its own") {
  report::Plot one = line_and_points();
  one.series = {{"run", {1e20}, {3}, false}};
  REQUIRE(marks(report::plot(one, {41, 11, true}), 11, 'o').size() == 1);
}
