#include <algorithm>
#include <cmath>

#include "interop/read_rows.hpp"

namespace scaleplan::interop {
namespace {

class TextLogReader : public RowReader {
 public:
  explicit TextLogReader(const LineFormat& format) : format_(format) {}

  Result<std::size_t> read(std::string_view text, bool last, std::size_t& line, Records& records) override {
    const std::string_view lines = whole_lines(text, last);
    if (Diagnostics errors = refuse_encoding(lines, line, records.file()); !errors.empty()) {
      return errors;
    }
    for (std::size_t start = 0; start < lines.size(); ++line) {
      const std::size_t end = std::min(lines.find('\n', start), lines.size());
      if (records.in_blocks()) {
        records.begin_line(line, start);
      }
      add(lines.substr(start, end - start), start, records);
      start = end + 1;
    }
    return lines.size();
  }

  [[nodiscard]] std::map<std::string, std::size_t> ignored() const override {
    return without_loss_ == 0 ? std::map<std::string, std::size_t>{}
                              : std::map<std::string, std::size_t>{{"(line without a loss)", without_loss_}};
  }

 private:
  void add(std::string_view shown, std::size_t start, Records& records) {
    LabelledNumbers line(shown);
    if (format_.read(line)) {
      records.begin_record(start);
      for (const StepCell& cell : line.cells()) {
        column_ = cell.column;
        const CellKind kind = std::isfinite(cell.number) ? CellKind::number : CellKind::not_a_number;
        records.add({column_, nullptr, {}}, kind, start + cell.offset, cell.number, {});
      }
    } else if (shown.find_first_not_of(" \t\r") != std::string_view::npos) {
      ++without_loss_;
    }
  }

  const LineFormat& format_;
  std::string column_;
  std::size_t without_loss_ = 0;
};

}  // namespace

std::unique_ptr<RowReader> text_log_reader(const LineFormat& format) {
  return std::make_unique<TextLogReader>(format);
}

}  // namespace scaleplan::interop
