#include <fmt/format.h>

#include "interop/read_rows.hpp"
#include "scaleplan/base/text.hpp"

namespace scaleplan::interop {

Diagnostics RowReader::refuse_encoding(std::string_view text, std::size_t line, const std::string& file) {
  const std::size_t invalid = invalid_utf8(text);
  if (invalid == std::string_view::npos) {
    return {};
  }
  Place place{file, 0, 0, {}};
  LineIndex(text, line).locate(text, invalid, place);
  return {error(
      fmt::format("the text is not valid UTF-8 (byte 0x{:02X})", static_cast<unsigned char>(text[invalid])),
      "save the file as UTF-8", place)};
}

std::unique_ptr<RowReader> row_reader(const Format& format) {
  switch (format.kind) {
    case FormatKind::json:
      return nullptr;
    case FormatKind::json_lines:
      return json_lines_reader();
    case FormatKind::csv:
      return csv_reader();
    case FormatKind::text_log:
      return text_log_reader(*format.lines);
  }
  return nullptr;
}

}  // namespace scaleplan::interop
