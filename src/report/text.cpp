#include "report/text.hpp"

#include <algorithm>

#include "scaleplan/base/text.hpp"

namespace scaleplan::report {
namespace {

bool starts_code_point(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

// bytes of the first `count` code points
std::size_t prefix_bytes(std::string_view text, std::size_t count) {
  std::size_t i = 0;
  while (i < text.size() && (!starts_code_point(text[i]) || count-- > 0)) {
    ++i;
  }
  return i;
}

}  // namespace

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_code_point));
}

std::string printable(std::string_view text) {
  std::string out(text);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7F; }, ' ');
  return out;
}

std::string markup(std::string_view raw) {
  std::string text = printable(raw);
  for (std::size_t bad = invalid_utf8(text); bad != std::string::npos; bad = invalid_utf8(text)) {
    text.replace(bad, 1, "\xEF\xBF\xBD");
  }
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string repeated(std::string_view unit, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    out += unit;
  }
  return out;
}

std::vector<std::string> broken(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(std::min(space + 1, text.size()));
    const bool fits = code_points(lines.back()) + 1 + code_points(word) <= width;
    if (lines.back().empty()) {
      lines.back() = word;
    } else if (fits) {
      lines.back() += ' ' + std::string(word);
    } else {
      lines.emplace_back(word);
    }
    while (code_points(lines.back()) > width) {
      std::string rest = lines.back().substr(prefix_bytes(lines.back(), width));
      lines.back().resize(lines.back().size() - rest.size());
      lines.push_back(std::move(rest));
    }
  }
  return lines;
}

std::string wrapped(std::string_view text, std::size_t width, std::string_view indent) {
  constexpr std::string_view deeper = "  ";
  std::string out;
  for (const std::string& line : broken(text, width - indent.size() - deeper.size())) {
    out += out.empty() ? "" : deeper;
    out += std::string(indent) + line + '\n';
  }
  return out;
}

}  // namespace scaleplan::report
