#include <algorithm>
#include <string>

#include "interop/columns.hpp"
#include "interop/detect.hpp"
#include "interop/finish.hpp"
#include "interop/read_rows.hpp"
#include "scaleplan/base/text.hpp"

namespace scaleplan::interop {
namespace {

constexpr std::size_t short_file = 32UL << 20U;  // read whole
constexpr std::size_t largest_whole = 256UL << 20U;
constexpr std::size_t block_bytes = 4UL << 20U;

/// Add bytes to `text` until it has `size` of them; false at the end of the source.
Result<bool> fill(const ByteSource& source, std::size_t size, std::string& text) {
  std::size_t used = text.size();
  text.resize(size);
  while (used < size) {
    const Result<std::size_t> got = source(std::span(text).subspan(used));
    if (!got) {
      return got.errors();
    }
    if (*got == 0) {
      text.resize(used);
      return false;
    }
    used += *got;
  }
  return true;
}

/// Whether a long file needs the key whatever its other keys are.
bool has_meaning(std::string_view key) {
  for (const std::span<const Canonical> list : {canonical_columns(), step_columns()}) {
    if (std::any_of(list.begin(), list.end(),
                    [&](const Canonical& column) { return goes_by(key, column); })) {
      return true;
    }
  }
  return key == "run" || key == "outlier" ||
         std::any_of(run_id_aliases().begin(), run_id_aliases().end(),
                     [&](std::string_view alias) { return is_alias(key, alias); });
}

/// Read the whole lines of `text` and leave the rest in it.
void read_lines(bool last, std::size_t& line, std::string& text, Records& records) {
  const std::size_t end = last ? text.size() : text.rfind('\n') + 1;
  const std::string_view block = std::string_view(text).substr(0, end);
  records.enter_block(block, line);
  line = read_json_lines(block, line, records);
  text = std::string(text, end);  // what the first, long piece has held is given back
}

Result<RunLog> read_blocks(const ByteSource& source, std::string text, const std::string& file,
                           const RunLogOptions& options) {
  Records records(file, [&options](std::string_view key) {
    const std::string own(key);
    return options.wanted.contains(own) || has_meaning(key) ||
           std::any_of(options.map.begin(), options.map.end(),
                       [&](const auto& entry) { return entry.second == own; });
  });
  std::size_t line = 1;
  for (bool more = true; more;) {
    read_lines(false, line, text, records);
    const Result<bool> filled = fill(source, text.size() + block_bytes, text);
    if (!filled) {
      return filled.errors();
    }
    more = *filled;
    if (text.size() > largest_whole) {
      return error("a line longer than 256 MiB", "end each record with a line end", {file, line, 0, {}});
    }
  }
  read_lines(true, line, text, records);
  records.end_blocks();
  RunLog log;
  log.format = "jsonl";
  return finish(records, file, options, false, std::move(log));
}

}  // namespace

Result<RunLog> read_run_log(const ByteSource& source, const std::string& file, const RunLogOptions& options) {
  std::string text;
  const Result<bool> longer = fill(source, short_file, text);
  if (!longer) {
    return longer.errors();
  }
  const bool in_lines = *longer && !not_text(text) && detect_format(text).kind == FormatKind::json_lines;
  if (in_lines) {
    return read_blocks(source, std::move(text), file, options);
  }
  if (*longer) {
    const Result<bool> rest = fill(source, largest_whole + 1, text);
    if (!rest) {
      return rest.errors();
    }
  }
  return read_run_log(text, file, options);
}

}  // namespace scaleplan::interop
