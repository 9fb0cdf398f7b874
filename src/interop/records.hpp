#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scaleplan/base/result.hpp"
#include "scaleplan/base/text.hpp"

namespace scaleplan::interop {

/// What a file gives for one key of one record.
enum class CellKind : std::uint8_t { absent, number, not_a_number, text, boolean, list };

/// One key over all records, as the file has it. Vectors may be shorter than the records: the rest is absent.
struct RawColumn {
  std::string key;
  std::string pointer;  ///< JSON pointer of the key within a record, or empty
  std::vector<CellKind> kinds;
  std::vector<double> numbers;         ///< booleans are 0 and 1
  std::vector<std::string> texts;      ///< up to the last cell that has a text, which may be empty
  std::vector<std::uint32_t> offsets;  ///< byte offsets in the file; empty where lines are located anew
  bool kept = true;                    ///< false: cells are counted, not kept
  std::size_t cells = 0;               ///< that are not kept, lists apart
  std::size_t lists = 0;               ///< that are not kept
  std::size_t last_row = static_cast<std::size_t>(-1);  ///< where it was met last

  [[nodiscard]] CellKind kind(std::size_t row) const {
    return row < kinds.size() ? kinds[row] : CellKind::absent;
  }
};

/// A key as it is met: its full text, and for JSON the pointer of the object that holds it and its name
/// there.
struct Key {
  const std::string& text;
  const std::string* holder = nullptr;
  std::string_view name;
};

/// Why a record cannot be used.
struct Problem {
  std::size_t record = 0;  ///< number of the record in the file, broken ones included
  std::string reason;      ///< what it is counted under
  Diagnostic told;
};

/// The records of a file before anything is known of their meaning.
class Records {
 public:
  /// `text` must outlive this.
  Records(std::string_view text, std::string file) : text_(text), file_(std::move(file)), lines_(text) {}
  /// For a file whose text comes in blocks of lines: only keys that `wanted` says are kept, and records have
  /// lines instead of offsets.
  Records(std::string file, std::function<bool(std::string_view)> wanted)
      : file_(std::move(file)), wanted_(std::move(wanted)), in_blocks_(true) {}

  /// The next records come from this block, which begins at line `first_line`.
  void enter_block(std::string_view block, std::size_t first_line);
  /// The next record is the line that begins at `start`: cells need no offsets, they are found again.
  void begin_line(std::size_t line, std::size_t start);
  /// Forget the record that was begun last.
  void drop_record();
  /// Mark a key without a value as met in the record; false when the record has the key already.
  bool touch(const Key& key) { return column_of(key) != nullptr; }
  /// The column for its new owner.
  RawColumn& own(const RawColumn& column) {
    return columns_[static_cast<std::size_t>(&column - columns_.data())];
  }

  void begin_record(std::size_t offset, std::string pointer = {});
  /// False when the record has the key already.
  bool add(const Key& key, CellKind kind, std::size_t offset, double number, std::string_view text);
  /// The record that was begun cannot be read.
  void refuse_record(std::string reason, Diagnostic told);
  /// A record that could not even be begun.
  void refuse(std::size_t offset, std::string reason, Diagnostic told);

  [[nodiscard]] Place place(std::size_t offset, std::string pointer = {}) const;
  [[nodiscard]] Place row_place(std::size_t row) const;
  [[nodiscard]] Place cell_place(const RawColumn& column, std::size_t row) const;

  [[nodiscard]] std::size_t rows() const { return offsets_.size(); }
  [[nodiscard]] bool in_blocks() const { return in_blocks_; }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const std::vector<RawColumn>& columns() const { return columns_; }
  [[nodiscard]] const RawColumn* find(const std::string& key) const;
  [[nodiscard]] bool refused(std::size_t row) const { return refused_[row]; }
  [[nodiscard]] std::size_t number_of(std::size_t row) const {
    return in_blocks_ ? offsets_[row] : numbers_[row];
  }
  std::vector<Problem>& problems() { return problems_; }

 private:
  /// The column of a key, marked as met in the record; nullptr when it was met there before.
  RawColumn* column_of(const Key& key);
  [[nodiscard]] std::size_t offset_in_line(const RawColumn& column, std::size_t start) const;

  std::string_view text_;
  std::string file_;
  LineIndex lines_;
  std::function<bool(std::string_view)> wanted_;
  bool in_blocks_ = false;
  bool by_lines_ = false;
  std::size_t line_ = 0;        // of the record being read
  std::size_t line_start_ = 0;  // within text_
  std::vector<RawColumn> columns_;
  std::unordered_map<std::string, std::size_t> index_;
  std::vector<std::uint32_t> offsets_;  // of each row; in blocks its line
  std::vector<std::string> pointers_;   // of each row; in blocks none
  std::vector<std::uint32_t> numbers_;  // of each row among the records of the file; in blocks none
  std::vector<bool> refused_;
  std::size_t seen_ = 0;
  std::size_t hint_ = 0;
  std::vector<Problem> problems_;
};

}  // namespace scaleplan::interop
