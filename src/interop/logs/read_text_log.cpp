#include <algorithm>
#include <cmath>

#include "interop/read_rows.hpp"

namespace scaleplan::interop {

void read_text_log(std::string_view text, const LineFormat& format, Records& records,
                   std::map<std::string, std::size_t>& ignored) {
  std::string column;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view shown = text.substr(start, end - start);
    LabelledNumbers line(shown);
    if (format.read(line)) {
      records.begin_record(start);
      for (const StepCell& cell : line.cells()) {
        column = cell.column;
        const CellKind kind = std::isfinite(cell.number) ? CellKind::number : CellKind::not_a_number;
        records.add({column, nullptr, {}}, kind, start + cell.offset, cell.number, {});
      }
    } else if (shown.find_first_not_of(" \t\r") != std::string_view::npos) {
      ++ignored["(line without a loss)"];
    }
    start = end + 1;
  }
}

}  // namespace scaleplan::interop
