#include "scaleplan/interop/run_logs.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "interop/build_table.hpp"
#include "interop/columns.hpp"
#include "interop/detect.hpp"
#include "interop/finish.hpp"
#include "interop/read_rows.hpp"

namespace scaleplan::interop {
namespace {

constexpr std::size_t most_told = 10;
constexpr std::size_t largest_file = 256UL << 20U;

Diagnostics refuse_text(std::string_view text, const std::string& file) {
  const Place place{file, 0, 0, {}};
  if (stripped(without_bom(text)).empty()) {
    return {error("the file is empty", "expected run rows as JSON Lines, JSON or CSV", place)};
  }
  if (text.size() > largest_file) {
    return {error(fmt::format("larger than {} MiB", largest_file >> 20U),
                  "split it or thin it out; JSON Lines may be of any length", place)};
  }
  if (std::optional<Diagnostic> told = not_text(text)) {
    told->place = place;
    return {*told};
  }
  return {};
}

Diagnostics refuse_encoding(std::string_view text, const Records& records) {
  const std::size_t invalid = invalid_utf8(text);
  if (invalid == std::string_view::npos) {
    return {};
  }
  return {error(
      fmt::format("the text is not valid UTF-8 (byte 0x{:02X})", static_cast<unsigned char>(text[invalid])),
      "save the file as UTF-8", records.place(invalid))};
}

Diagnostics read_records(std::string_view text, Records& records, RunLog& log) {
  const Format format = detect_format(text);
  log.format = format.name;
  switch (format.kind) {
    case FormatKind::json:
      return read_json_rows(text, records, log);
    case FormatKind::json_lines:
      read_json_lines(text, 1, records);
      return {};
    case FormatKind::csv: {
      Diagnostics errors = refuse_encoding(text, records);
      return errors.empty() ? read_csv_rows(text, records, log.ignored) : errors;
    }
    case FormatKind::text_log: {
      Diagnostics errors = refuse_encoding(text, records);
      if (errors.empty()) {
        read_text_log(text, *format.lines, records, log.ignored);
      }
      return errors;
    }
  }
  return {};
}

/// Problems in the order of the file.
std::vector<Problem> by_record(std::vector<Problem> problems) {
  std::stable_sort(problems.begin(), problems.end(),
                   [](const Problem& a, const Problem& b) { return a.record < b.record; });
  return problems;
}

Diagnostics told(const std::vector<Problem>& problems, const std::string& file) {
  Diagnostics errors;
  for (const Problem& problem : problems) {
    if (errors.size() == most_told) {
      break;
    }
    errors.push_back(problem.told);
  }
  if (problems.size() > most_told) {
    std::vector<runs::Dropped> reasons;
    for (const Problem& problem : problems) {
      runs::add(reasons, {problem.reason, 1, problem.told.place});
    }
    std::string summary;
    for (const runs::Dropped& reason : reasons) {
      summary += fmt::format("{}{} × {}", summary.empty() ? "" : ", ", reason.count, reason.reason);
    }
    errors.push_back(error(fmt::format("{} problems in all: {}", problems.size(), summary),
                           "--skip-invalid leaves such records out and counts them", {file, 0, 0, {}}));
  }
  return errors;
}

std::vector<runs::Dropped> dropped(const std::vector<Problem>& problems) {
  std::vector<runs::Dropped> reasons;
  for (std::size_t i = 0; i < problems.size(); ++i) {
    if (i == 0 || problems[i].record != problems[i - 1].record) {
      runs::add(reasons, {problems[i].reason, 1, problems[i].told.place});
    }
  }
  return reasons;
}

Diagnostics refuse_options(const RunLogOptions& options) {
  Diagnostics errors;
  const auto one_of = [&](const std::string& value, std::initializer_list<std::string_view> allowed,
                          std::string_view what) {
    if (!value.empty() && std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
      errors.push_back(error(fmt::format("{} cannot be \"{}\"", what, value),
                             fmt::format("choose one of {}", fmt::join(allowed, ", "))));
    }
  };
  one_of(options.params_count, {"total", "non_embedding", "active"}, "what params count");
  one_of(options.loss_unit, {"nats", "bits"}, "the unit of the loss");
  return errors;
}

/// Curves of a step log, one for each run that its records name, and the row of each.
void take_curves(const std::string& file, RunLog& log) {
  const auto named = log.table.labels.find("run");
  std::map<std::string, std::vector<std::size_t>> runs;
  if (named != log.table.labels.end()) {
    for (std::size_t row = 0; row < log.table.rows; ++row) {
      runs[named->second[row]].push_back(row);
    }
  }
  if (runs.size() <= 1) {
    log.curves.push_back(runs::make_curve(std::move(log.table), runs.empty() ? file : runs.begin()->first));
  }
  for (const auto& [run, rows] : runs.size() > 1 ? runs : decltype(runs){}) {
    log.curves.push_back(runs::make_curve(runs::select(log.table, rows), run));
  }
  std::erase_if(log.curves, [](const runs::Curve& curve) { return curve.points.rows == 0; });
  log.table = runs::final_rows(log.curves);
}

}  // namespace

Result<RunLog> finish(Records& records, const std::string& file, const RunLogOptions& options, bool places,
                      RunLog log) {
  if (records.rows() == 0 && records.problems().empty()) {
    return error("no run rows", "give at least one record", {file, 0, 0, {}});
  }
  const bool steps = log.format == trainer_state_name || are_steps(records, options);
  Result<std::vector<Source>> sources = match_columns(records, options, steps, log);
  if (!sources && records.rows() > 0) {
    return sources.errors();
  }
  if (sources) {
    build_table(records, *sources, options, places || !steps, log.table);
  }
  const std::vector<Problem> problems = by_record(std::move(records.problems()));
  if (!problems.empty() && (!options.skip_invalid || log.table.rows == 0)) {
    return told(problems, file);
  }
  log.dropped = dropped(problems);
  if (steps && !log.table.has("step")) {
    return error("a history without steps", "name the key of the step with --map step=KEY", {file, 0, 0, {}});
  }
  if (steps) {
    take_curves(file, log);
  }
  return log;
}

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
  return finish(records, file, options, true, std::move(log));
}

}  // namespace scaleplan::interop
