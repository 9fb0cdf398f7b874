#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "interop/detect.hpp"
#include "interop/records.hpp"
#include "scaleplan/interop/run_logs.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::interop {

/// Records of a JSON text: an array of objects, an object with `runs`, one object that is itself a record, or
/// what a framework writes, which sets `log.format`. Keys beside the records are counted in `log.ignored`.
/// Errors are those of the text as a whole.
Diagnostics read_json_rows(std::string_view text, Records& records, RunLog& log);

/// The `log_history` of Hugging Face's Trainer; `max_steps` stands in its last record.
Diagnostics read_trainer_state(const json::Document& document, Records& records,
                               std::map<std::string, std::size_t>& ignored);
inline constexpr std::string_view trainer_state_name = "trainer_state.json";

/// One run with its hyperparameters and a list of evaluations, as OpenLM's scaling runs are kept. The losses
/// are named after their texts, `loss/c4_val`.
bool is_openlm_record(const json::Value& root);
void read_openlm_record(const json::Value& root, Records& records);

/// Reads the records of a file of lines, whole or block by block.
class RowReader {
 public:
  virtual ~RowReader() = default;

  /// Read the whole records at the front of `text`, which goes on where the last call ended; `last`: it ends
  /// the file. `line` is the number of its first line and moves on. Returns the bytes used. Errors are those
  /// of the file as a whole.
  virtual Result<std::size_t> read(std::string_view text, bool last, std::size_t& line, Records& records) = 0;
  /// What was read over → how often.
  [[nodiscard]] virtual std::map<std::string, std::size_t> ignored() const { return {}; }

 protected:
  /// The whole lines at the front of a text.
  static std::string_view whole_lines(std::string_view text, bool last) {
    return last ? text : text.substr(0, text.rfind('\n') + 1);
  }
  /// Bytes that are no UTF-8 in a text that begins at line `line`.
  static Diagnostics refuse_encoding(std::string_view text, std::size_t line, const std::string& file);
};

/// One JSON object on each line; blank lines are skipped.
std::unique_ptr<RowReader> json_lines_reader();
/// RFC 4180 with a header line.
std::unique_ptr<RowReader> csv_reader();
/// The lines of a text log that give a loss.
std::unique_ptr<RowReader> text_log_reader(const LineFormat& format);
/// The one for a format, or nullptr for JSON documents.
std::unique_ptr<RowReader> row_reader(const Format& format);

}  // namespace scaleplan::interop
