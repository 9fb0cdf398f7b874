#pragma once

#include <string_view>

#include "interop/logs/line_format.hpp"

namespace scaleplan::interop {

enum class FormatKind { json, json_lines, csv, text_log };

struct Format {
  FormatKind kind = FormatKind::csv;
  std::string_view name;
  const LineFormat* lines = nullptr;  ///< of a text log
};

/// Tell the format by the beginning of a text.
Format detect_format(std::string_view text);

/// `text` without blanks and line ends at both ends.
std::string_view stripped(std::string_view text);

}  // namespace scaleplan::interop
