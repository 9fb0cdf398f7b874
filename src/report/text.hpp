#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace scaleplan::report {

/// UTF-8 code points in `text`.
std::size_t code_points(std::string_view text);

/// `text` with control characters (line feeds, escapes of terminals) as spaces: texts of input files must
/// not steer the reader's terminal.
std::string printable(std::string_view text);

/// `text` as XML or HTML says it, in an element or a quoted attribute. Neither has control characters, not
/// even as references, nor broken UTF-8.
std::string markup(std::string_view text);

std::string repeated(std::string_view unit, std::size_t count);

/// Lines of at most `width` > 0 code points, broken at spaces, and inside words that are longer.
std::vector<std::string> broken(std::string_view text, std::size_t width);

/// Lines of at most `width` code points, each behind `indent`, the second and later ones two columns deeper.
std::string wrapped(std::string_view text, std::size_t width, std::string_view indent);

}  // namespace scaleplan::report
