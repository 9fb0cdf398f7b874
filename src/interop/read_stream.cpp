#include <algorithm>
#include <string>

#include "interop/columns.hpp"
#include "interop/detect.hpp"
#include "interop/log_builder.hpp"
#include "interop/read_rows.hpp"
#include "scaleplan/base/text.hpp"

namespace scaleplan::interop {
namespace {

constexpr std::size_t short_file = 32UL << 20U;  // read whole
constexpr std::size_t largest_whole = 256UL << 20U;
constexpr std::size_t block_bytes = 4UL << 20U;
constexpr std::size_t piece_rows = 1UL << 17U;

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

/// The records of a long file, of which pieces are handed on once they are known to be steps of a run.
class LongLog {
 public:
  LongLog(const std::string& file, const RunLogOptions& options, const Format& format)
      : file_(file), options_(options), reader_(row_reader(format)), builder_(file, options, named(format)) {}

  /// The file's front, and the source of the rest.
  Result<RunLog> read(const ByteSource& source, std::string text) {
    Records records = fresh();
    for (bool last = false;; last = !*filled_) {
      records.enter_block(text, line_);
      const Result<std::size_t> used = reader_->read(text, last, line_, records);
      if (!used) {
        return used.errors();
      }
      const bool piece = records.rows() + records.problems().size() >= piece_rows;
      if (last || (piece && builder_.takes_steps(records))) {
        if (Diagnostics errors = builder_.add(records, true); !errors.empty()) {
          return errors;
        }
        records = fresh();
      }
      if (last) {
        return builder_.finish(reader_->ignored());
      }
      text = std::string(text, *used);  // what the first, long block has held is given back
      filled_ = fill(source, text.size() + block_bytes, text);
      if (!filled_) {
        return filled_.errors();
      }
      if (text.size() > largest_whole) {
        return error("a record longer than 256 MiB",
                     "end each record with a line end, and close quoted cells", {file_, line_, 0, {}});
      }
    }
  }

 private:
  static RunLog named(const Format& format) {
    RunLog log;
    log.format = format.name;
    return log;
  }
  Records fresh() {
    return {file_, [this](std::string_view key) {
              const std::string own(key);
              return options_.wanted.contains(own) || has_meaning(key) ||
                     std::any_of(options_.map.begin(), options_.map.end(),
                                 [&](const auto& entry) { return entry.second == own; });
            }};
  }

  const std::string& file_;
  const RunLogOptions& options_;
  std::unique_ptr<RowReader> reader_;
  LogBuilder builder_;
  std::size_t line_ = 1;
  Result<bool> filled_ = true;
};

}  // namespace

Result<RunLog> read_run_log(const ByteSource& source, const std::string& file, const RunLogOptions& options) {
  if (Diagnostics errors = refuse_options(options); !errors.empty()) {
    return errors;
  }
  std::string text;
  const Result<bool> longer = fill(source, short_file, text);
  if (!longer) {
    return longer.errors();
  }
  if (*longer && !not_text(text)) {
    if (const Format format = detect_format(text); format.kind != FormatKind::json) {
      return LongLog(file, options, format).read(source, std::move(text));
    }
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
