#include "scaleplan/report/plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "report/text.hpp"

namespace scaleplan::report {
namespace {

constexpr double room = 0.03;              // between data and axes, of the span
constexpr std::size_t between_labels = 2;  // columns
constexpr int dots_across = 2;             // of a braille cell
constexpr int dots_down = 4;

// One axis: where values lie in [0, 1] and which of them get a label.
class Scale {
 public:
  Scale(const Plot::Axis& axis, std::vector<double> values) : axis_(axis) {
    std::erase_if(values, [&](double v) { return !shows(v); });
    if (values.empty()) {
      return;
    }
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    const double a = place(*low);
    const double b = place(*high);
    const double margin = b > a ? room * (b - a) : std::max(0.5 * std::abs(a), 1.0) * room;
    low_ = a - margin;
    high_ = b + margin;
    any_ = true;
  }

  [[nodiscard]] bool any() const { return any_; }
  [[nodiscard]] bool shows(double value) const {
    return std::isfinite(value) && (!axis_.logarithmic || value > 0);
  }
  [[nodiscard]] double at(double value) const { return (place(value) - low_) / (high_ - low_); }

  /// Round values, at most about `most`.
  [[nodiscard]] std::vector<double> ticks(std::size_t most) const {
    return axis_.logarithmic && high_ - low_ > 1.3 ? powers(most) : steps(most);
  }
  [[nodiscard]] std::string label(double value) const {
    const bool plain = axis_.dimension == Dimension::number || axis_.dimension == Dimension::nats;
    return plain ? format_number(value, 4) : format_quantity(value, axis_.dimension);
  }

 private:
  [[nodiscard]] double place(double value) const { return axis_.logarithmic ? std::log10(value) : value; }
  [[nodiscard]] double back(double place) const { return axis_.logarithmic ? std::pow(10.0, place) : place; }

  [[nodiscard]] std::vector<double> powers(std::size_t most) const {
    const double stride = std::max(1.0, std::ceil((high_ - low_) / static_cast<double>(most)));
    std::vector<double> out;
    for (double k = std::ceil(low_ / stride) * stride; k <= high_; k += stride) {
      out.push_back(std::pow(10.0, k));
    }
    return out;
  }
  [[nodiscard]] std::vector<double> steps(std::size_t most) const {
    const double low = back(low_);
    const double high = back(high_);
    const double wanted = (high - low) / static_cast<double>(most);
    const double power = std::pow(10.0, std::floor(std::log10(wanted)));
    static constexpr std::array<double, 4> factors = {1, 2, 5, 10};
    const auto* factor =
        std::find_if(factors.begin(), factors.end() - 1, [&](double f) { return f * power >= wanted; });
    const double step = power * *factor;
    std::vector<double> out;
    for (double k = std::ceil(low / step); k * step <= high; ++k) {
      out.push_back(k == 0 ? 0 : k * step);
    }
    return out;
  }

  const Plot::Axis& axis_;
  double low_ = 0;
  double high_ = 1;
  bool any_ = false;
};

struct Glyphs {
  std::array<std::string_view, 4> marks;
  std::string_view line;
  std::string_view vertical;
  std::string_view corner;
  std::string_view horizontal;
  std::string_view tick_y;
  std::string_view tick_x;
};

const Glyphs& glyphs(bool ascii) {
  static constexpr Glyphs unicode = {{"●", "◆", "▲", "×"}, "⠒", "│", "└", "─", "┤", "┬"};
  static constexpr Glyphs plain = {{"o", "#", "x", "*"}, ".", "|", "+", "-", "+", "+"};
  return ascii ? plain : unicode;
}

// UTF-8 of U+2800 + pattern
std::string braille(unsigned pattern) {
  const unsigned code = 0x2800U + pattern;
  return {static_cast<char>(0xE0U | (code >> 12U)), static_cast<char>(0x80U | ((code >> 6U) & 0x3FU)),
          static_cast<char>(0x80U | (code & 0x3FU))};
}

// Cells of marks and, below them, dots of lines.
class Canvas {
 public:
  Canvas(const PlotStyle& style)
      : style_(style), marks_(style.columns * style.rows), dots_(style.columns * style.rows, 0) {}

  // x and y in [0, 1], y upwards
  void mark(double x, double y, std::string_view glyph) {
    marks_[cell(index(x, style_.columns), index(1 - y, style_.rows))] = glyph;
  }
  void line(double x0, double y0, double x1, double y1) {
    const double across = static_cast<double>(style_.columns) * dots_across;
    const double down = static_cast<double>(style_.rows) * dots_down;
    const auto steps =
        static_cast<std::size_t>(std::ceil(std::max(std::abs(x1 - x0) * across, std::abs(y1 - y0) * down))) +
        1;
    for (std::size_t i = 0; i <= steps; ++i) {
      const double t = static_cast<double>(i) / static_cast<double>(steps);
      dot(x0 + t * (x1 - x0), y0 + t * (y1 - y0));
    }
  }
  [[nodiscard]] std::string row(std::size_t row) const {
    std::string out;
    for (std::size_t column = 0; column < style_.columns; ++column) {
      const std::size_t at = cell(column, row);
      if (!marks_[at].empty()) {
        out += marks_[at];
      } else if (dots_[at] != 0) {
        out += style_.ascii ? std::string(".") : braille(dots_[at]);
      } else {
        out += ' ';
      }
    }
    return out;
  }

  static std::size_t index(double share, std::size_t count) {
    const double at = std::floor(share * static_cast<double>(count));
    return static_cast<std::size_t>(std::clamp(at, 0.0, static_cast<double>(count - 1)));
  }

 private:
  [[nodiscard]] std::size_t cell(std::size_t column, std::size_t row) const {
    return row * style_.columns + column;
  }
  void dot(double x, double y) {
    // dots of a braille cell by row and column, in the order of their bits
    static constexpr std::array<std::array<unsigned, dots_across>, dots_down> bits = {
        {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}};
    const std::size_t across = index(x, style_.columns * dots_across);
    const std::size_t down = index(1 - y, style_.rows * dots_down);
    dots_[cell(across / dots_across, down / dots_down)] |= bits[down % dots_down][across % dots_across];
  }

  PlotStyle style_;
  std::vector<std::string_view> marks_;
  std::vector<unsigned> dots_;
};

void draw(const Plot::Series& series, const Scale& x, const Scale& y, std::string_view glyph,
          Canvas& canvas) {
  const std::size_t count = std::min(series.x.size(), series.y.size());
  const auto seen = [&](std::size_t i) { return x.shows(series.x[i]) && y.shows(series.y[i]); };
  for (std::size_t i = 0; i < count; ++i) {
    if (!seen(i)) {
      continue;
    }
    if (!series.line) {
      canvas.mark(x.at(series.x[i]), y.at(series.y[i]), glyph);
    } else if (i + 1 < count && seen(i + 1)) {
      canvas.line(x.at(series.x[i]), y.at(series.y[i]), x.at(series.x[i + 1]), y.at(series.y[i + 1]));
    }
  }
}

std::string padded(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, code_points(text)), ' ') + text;
}

// The axis below the area and its labels, which never touch.
void append_x_axis(const Scale& x, const PlotStyle& style, std::size_t margin,
                   std::vector<std::string>& out) {
  const Glyphs& g = glyphs(style.ascii);
  std::vector<bool> ticks(style.columns, false);
  std::string labels(margin + 1 + style.columns, ' ');
  std::size_t free_from = 0;
  for (const double tick : x.ticks(6)) {
    const std::size_t column = Canvas::index(x.at(tick), style.columns);
    const std::string text = x.label(tick);
    const std::size_t centre = margin + 1 + column;
    const std::size_t begin = centre - std::min(centre, text.size() / 2);
    if (begin < free_from || begin + text.size() > labels.size() + margin) {
      continue;
    }
    ticks[column] = true;
    labels.resize(std::max(labels.size(), begin + text.size()), ' ');
    labels.replace(begin, text.size(), text);
    free_from = begin + text.size() + between_labels;
  }
  std::string axis = std::string(margin, ' ') + std::string(g.corner);
  for (const bool tick : ticks) {
    axis += tick ? g.tick_x : g.horizontal;
  }
  out.push_back(std::move(axis));
  labels.erase(labels.find_last_not_of(' ') + 1);
  out.push_back(std::move(labels));
}

std::vector<double> all_of(const Plot& plot, std::vector<double> Plot::Series::*of) {
  std::vector<double> out;
  for (const Plot::Series& series : plot.series) {
    out.insert(out.end(), (series.*of).begin(), (series.*of).end());
  }
  return out;
}

}  // namespace

Plot loss_plot(const fit::SeenRuns& runs, const std::vector<fit::BestLoss>& path) {
  Plot out{{"training compute, FLOP", Dimension::flop, true},
           {"loss, nats per token", Dimension::nats, false},
           {}};
  Plot::Series line{"least loss that the law expects", {}, {}, true};
  for (const fit::BestLoss& best : path) {
    line.x.push_back(best.compute);
    line.y.push_back(best.loss);
  }
  out.series = {std::move(line), {"runs", runs.compute, runs.loss, false}};
  return out;
}

std::vector<std::string> plot(const Plot& plot, const PlotStyle& style) {
  const Scale x(plot.x, all_of(plot, &Plot::Series::x));
  const Scale y(plot.y, all_of(plot, &Plot::Series::y));
  if (!x.any() || !y.any()) {
    return {"Nothing to plot: no point has finite numbers."};
  }
  const Glyphs& g = glyphs(style.ascii);
  Canvas canvas(style);
  std::vector<std::string> legend;
  std::size_t marks = 0;
  for (const Plot::Series& series : plot.series) {
    const std::string_view glyph = series.line ? g.line : g.marks[marks++ % g.marks.size()];
    draw(series, x, y, glyph, canvas);
    legend.push_back(fmt::format("  {} {}", glyph, series.name));
  }
  std::vector<std::string> labels(style.rows);
  std::size_t margin = 0;
  for (const double tick : y.ticks(5)) {
    std::string& label = labels[Canvas::index(1 - y.at(tick), style.rows)];
    label = y.label(tick);
    margin = std::max(margin, code_points(label) + 1);
  }
  std::vector<std::string> out{plot.y.title};
  for (std::size_t row = 0; row < style.rows; ++row) {
    const std::string& label = labels[row];
    out.push_back(padded(label.empty() ? label : label + " ", margin) +
                  std::string(label.empty() ? g.vertical : g.tick_y) + canvas.row(row));
  }
  append_x_axis(x, style, margin, out);
  out.push_back(std::string(margin + 1, ' ') + plot.x.title);
  out.insert(out.end(), legend.begin(), legend.end());
  return out;
}

}  // namespace scaleplan::report
