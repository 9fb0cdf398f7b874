#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "interop/logs/line_format.hpp"
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

/// The lines of a text log that give a loss; the others are counted in `ignored`.
void read_text_log(std::string_view text, const LineFormat& format, Records& records,
                   std::map<std::string, std::size_t>& ignored);

/// One JSON object on each line; blank lines are skipped. `first_line`: the number of the text's first line.
/// Returns the number of the line after the last.
std::size_t read_json_lines(std::string_view text, std::size_t first_line, Records& records);

/// RFC 4180 with a header line. Errors are those of the header.
Diagnostics read_csv_rows(std::string_view text, Records& records,
                          std::map<std::string, std::size_t>& ignored);

}  // namespace scaleplan::interop
