#include "interop/log_builder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "interop/build_table.hpp"
#include "interop/read_rows.hpp"

namespace scaleplan::interop {
namespace {

constexpr std::size_t most_told = 10;

}  // namespace

void ProblemCount::add(std::vector<Problem> problems) {
  std::stable_sort(problems.begin(), problems.end(),
                   [](const Problem& a, const Problem& b) { return a.record < b.record; });
  for (std::size_t i = 0; i < problems.size(); ++i) {
    const Problem& problem = problems[i];
    if (first_.size() < most_told) {
      first_.push_back(problem.told);
    }
    const runs::Dropped one{problem.reason, 1, problem.told.place};
    runs::add(problems_, one);
    if (i == 0 || problem.record != problems[i - 1].record) {
      runs::add(records_, one);
    }
  }
  count_ += problems.size();
}

Diagnostics ProblemCount::told(const std::string& file) const {
  Diagnostics errors(first_);
  if (count_ > most_told) {
    std::string summary;
    for (const runs::Dropped& reason : problems_) {
      summary += fmt::format("{}{} × {}", summary.empty() ? "" : ", ", reason.count, reason.reason);
    }
    errors.push_back(error(fmt::format("{} problems in all: {}", count_, summary),
                           "--skip-invalid leaves such records out and counts them", {file, 0, 0, {}}));
  }
  return errors;
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

LogBuilder::LogBuilder(std::string file, const RunLogOptions& options, RunLog log)
    : file_(std::move(file)), options_(options), log_(std::move(log)) {}

bool LogBuilder::takes_steps(const Records& records) {
  if (!steps_) {
    steps_ = log_.format == trainer_state_name || are_steps(records, options_);
  }
  return *steps_;
}

/// A column is read from one key throughout the file.
Diagnostics LogBuilder::keep_keys(const std::map<std::string, std::string>& mapped) {
  Diagnostics errors;
  for (const auto& [name, key] : mapped) {
    const auto [known, fresh] = log_.mapped.try_emplace(name, key);
    if (!fresh && known->second != key) {
      errors.push_back(error(fmt::format("{} may be read from \"{}\" and \"{}\"", name, known->second, key),
                             fmt::format("say which: --map {}={}", name, known->second), {file_, 0, 0, {}}));
    }
  }
  return errors;
}

Diagnostics LogBuilder::add(Records& records, bool part) {
  rows_ += records.rows();
  const bool steps = takes_steps(records);
  RunLog piece;
  const Result<std::vector<Source>> sources = match_columns(records, options_, steps, part, piece);
  if (!sources && records.rows() > 0) {
    return sources.errors();
  }
  for (const auto& [key, count] : piece.ignored) {
    log_.ignored[key] += count;
  }
  if (Diagnostics errors = keep_keys(piece.mapped); !errors.empty()) {
    return errors;
  }
  if (sources) {
    build_table(records, *sources, options_, !part || !steps, piece.table);
  }
  problems_.add(std::move(records.problems()));
  has_step_ = has_step_ || piece.table.has("step");
  kept_ += piece.table.rows;
  if (steps) {
    add_steps(std::move(piece.table));
  } else if (log_.table.rows == 0) {
    log_.table = std::move(piece.table);
  } else {
    runs::append(log_.table, piece.table);
  }
  return {};
}

void LogBuilder::add_steps(runs::Table table) {
  const auto named = table.labels.find("run");
  std::map<std::string, std::vector<std::size_t>> runs;
  for (std::size_t row = 0; row < table.rows && named != table.labels.end(); ++row) {
    runs[named->second[row]].push_back(row);
  }
  if (runs.size() <= 1) {
    const std::string run = runs.empty() ? std::string{} : runs.begin()->first;
    curves_.try_emplace(run, run).first->second.add(std::move(table));
    return;
  }
  for (const auto& [run, rows] : runs) {
    curves_.try_emplace(run, run).first->second.add(runs::select(table, rows));
  }
}

/// Curves of a step log, one for each run that its records name, and the row of each.
void LogBuilder::take_curves() {
  for (auto& [run, builder] : curves_) {
    runs::Curve curve = builder.finish();
    if (curves_.size() == 1 && run.empty()) {
      curve.run = file_;
    }
    if (curve.points.rows > 0) {
      log_.curves.push_back(std::move(curve));
    }
  }
  log_.table = runs::final_rows(log_.curves);
}

Result<RunLog> LogBuilder::finish(const std::map<std::string, std::size_t>& passed_over) {
  for (const auto& [key, count] : passed_over) {
    log_.ignored[key] += count;
  }
  if (rows_ == 0 && problems_.none()) {
    return error("no run rows", "give at least one record", {file_, 0, 0, {}});
  }
  for (const auto& [name, key] : options_.map) {
    const bool found = std::any_of(log_.mapped.begin(), log_.mapped.end(),
                                   [own = &key](const auto& entry) { return entry.second == *own; });
    if (!found && rows_ > 0) {
      return error(fmt::format("no record has a value \"{}\", from which {} was to be read", key, name),
                   "name a key of the records", {file_, 0, 0, {}});
    }
  }
  const bool steps = steps_.value_or(false);
  if (steps && has_step_) {
    take_curves();
  }
  if (!problems_.none() && (!options_.skip_invalid || kept_ == 0)) {
    return problems_.told(file_);
  }
  if (steps && !has_step_) {
    return error("a history without steps", "name the key of the step with --map step=KEY",
                 {file_, 0, 0, {}});
  }
  log_.dropped = problems_.dropped();
  return std::move(log_);
}

}  // namespace scaleplan::interop
