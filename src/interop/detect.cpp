#include "interop/detect.hpp"

#include <algorithm>

#include "scaleplan/base/text.hpp"

namespace scaleplan::interop {
namespace {

/// Objects line by line, unless the text is one object: then its first line does not end it, or ends the
/// text.
bool has_json_lines(std::string_view body) {
  const std::size_t line_end = std::min(body.find('\n'), body.size());
  const std::string_view first = stripped(body.substr(0, line_end));
  const std::string_view rest = stripped(body.substr(line_end));
  const bool goes_on = first.ends_with('[') || first.ends_with(':');
  return !rest.empty() && ((first.size() > 1 && first.ends_with('}')) || (rest.starts_with('{') && !goes_on));
}

}  // namespace

std::string_view stripped(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  return first == std::string_view::npos ? std::string_view{}
                                         : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

Format detect_format(std::string_view text) {
  const std::string_view body = stripped(without_bom(text));
  if (body.starts_with('{')) {
    return has_json_lines(body) ? Format{FormatKind::json_lines, "jsonl"} : Format{FormatKind::json, "json"};
  }
  // a line of a text log may begin with a time in brackets
  if (const LineFormat* lines = detect_line_format(body); lines != nullptr) {
    return {FormatKind::text_log, lines->name, lines};
  }
  return body.starts_with('[') ? Format{FormatKind::json, "json"} : Format{FormatKind::csv, "csv"};
}

}  // namespace scaleplan::interop
