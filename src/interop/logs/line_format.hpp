#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace scaleplan::interop {

/// A number that a line of a text log gives, under the name of its column.
struct StepCell {
  std::string_view column;
  double number = 0;       ///< may be NaN or infinite, as some programs print
  std::size_t offset = 0;  ///< within the line
};

/// Finds labelled numbers in one line.
class LabelledNumbers {
 public:
  explicit LabelledNumbers(std::string_view line) : line_(line) {}

  /// The number after `label`, blanks between them skipped, becomes a cell; false when there is none. The
  /// label stands at the start of the line or after a blank, "|", "," or a change of colour.|" or ",".
  bool take(std::string_view label, std::string_view column);
  /// The same for a number that ends right before `at`; `take` has just read the one before it.
  bool take_after_slash(std::string_view column);
  [[nodiscard]] bool has(std::string_view label) const { return line_.find(label) != std::string_view::npos; }
  [[nodiscard]] const std::vector<StepCell>& cells() const { return cells_; }

 private:
  bool read(std::size_t at, std::string_view column);

  std::string_view line_;
  std::vector<StepCell> cells_;
  std::size_t end_ = 0;  // of the number that was read last
};

/// A text log of one training program.
struct LineFormat {
  std::string_view name;
  /// Read the step and its losses; false for lines that give none.
  bool (*read)(LabelledNumbers& line);
};

bool read_llmc_line(LabelledNumbers& line);
bool read_megatron_line(LabelledNumbers& line);
bool read_modded_nanogpt_line(LabelledNumbers& line);
bool read_nanogpt_line(LabelledNumbers& line);
bool read_torchtitan_line(LabelledNumbers& line);

/// The format of most of the first lines of a text, or nullptr.
const LineFormat* detect_line_format(std::string_view text);

}  // namespace scaleplan::interop
