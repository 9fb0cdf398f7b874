#include "scaleplan/interop/run_logs.hpp"

#include <fmt/format.h>

#include <memory>

#include "interop/detect.hpp"
#include "interop/log_builder.hpp"
#include "interop/read_rows.hpp"

namespace scaleplan::interop {
namespace {

constexpr std::size_t largest_file = 256UL << 20U;

Diagnostics refuse_text(std::string_view text, const std::string& file) {
  const Place place{file, 0, 0, {}};
  if (stripped(without_bom(text)).empty()) {
    return {error("the file is empty", "expected run rows as JSON Lines, JSON or CSV", place)};
  }
  if (text.size() > largest_file) {
    return {error(fmt::format("larger than {} MiB", largest_file >> 20U),
                  "split it or thin it out; JSON Lines, CSV and text logs may be of any length", place)};
  }
  if (std::optional<Diagnostic> told = not_text(text)) {
    told->place = place;
    return {*told};
  }
  return {};
}

Diagnostics read_records(std::string_view text, Records& records, RunLog& log) {
  const Format format = detect_format(text);
  log.format = format.name;
  const std::unique_ptr<RowReader> reader = row_reader(format);
  if (reader == nullptr) {
    return read_json_rows(text, records, log);
  }
  std::size_t line = 1;
  const Result<std::size_t> used = reader->read(text, true, line, records);
  if (!used) {
    return used.errors();
  }
  log.ignored = reader->ignored();
  return {};
}

}  // namespace

Result<RunLog> read_run_log(const std::string& text, const std::string& file, const RunLogOptions& options) {
  Diagnostics errors = refuse_options(options);
  if (errors.empty()) {
    errors = refuse_text(text, file);
  }
  if (!errors.empty()) {
    return errors;
  }
  RunLog log;
  Records records(text, file);
  errors = read_records(text, records, log);
  if (!errors.empty()) {
    return errors;
  }
  LogBuilder builder(file, options, std::move(log));
  errors = builder.add(records, false);
  if (!errors.empty()) {
    return errors;
  }
  return builder.finish({});
}

}  // namespace scaleplan::interop
