#include "cli/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cli/files.hpp"
#include "cli/run_files.hpp"
#include "scaleplan/base/digest.hpp"
#include "scaleplan/base/quantity.hpp"
#include "scaleplan/base/suggest.hpp"

namespace scaleplan::cli {
namespace {

std::string counted(const runs::Dropped& records, std::string_view what) {
  Diagnostic note;
  note.place = records.first;
  note.message =
      fmt::format("{} record{} {}{}", records.count, records.count == 1 ? "" : "s", what, records.reason);
  return to_text(note);
}

std::string run_summary(const std::string& path, const interop::RunLog& log) {
  std::string text =
      fmt::format("{}: {}, {} row{}", path, log.format, log.table.rows, log.table.rows == 1 ? "" : "s");
  for (const auto& [column, key] : log.mapped) {
    text += column == key ? "" : fmt::format("; {} from '{}'", column, key);
  }
  for (const auto& [key, count] : log.ignored) {
    text += fmt::format("; '{}' ignored in {} row{}", key, count, count == 1 ? "" : "s");
  }
  return text;
}

std::vector<std::string> keys_of(const runs::Table& table) {
  std::vector<std::string> keys;
  for (const auto& [key, unused] : table.columns) {
    keys.push_back(key);
  }
  for (const auto& [key, unused] : table.labels) {
    keys.push_back(key);
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

// rows whose `key` is `value`: labels as text, columns as numbers
Result<std::vector<bool>> matches(const runs::Table& table, const std::string& key,
                                  const std::string& value) {
  std::vector<bool> out(table.rows);
  if (const auto label = table.labels.find(key); label != table.labels.end()) {
    std::transform(label->second.begin(), label->second.end(), out.begin(),
                   [&](const std::string& text) { return text == value; });
    return out;
  }
  const auto column = table.columns.find(key);
  if (column == table.columns.end()) {
    std::string known;
    for (const std::string& each : keys_of(table)) {
      known += (known.empty() ? "" : ", ") + each;
    }
    const std::string guess = did_you_mean(key, keys_of(table));
    return error("--where: the rows have no key '" + key + "'", guess.empty() ? "they have " + known : guess);
  }
  const Result<double> wanted = parse_quantity(value, Dimension::tokens);
  if (!wanted) {
    return error("--where: '" + key + "' is a number, got \"" + value + "\"",
                 "write for example " + key + "=1e9");
  }
  constexpr double tolerance = 1e-9;
  std::transform(column->second.begin(), column->second.end(), out.begin(),
                 [&](double x) { return std::abs(x - *wanted) <= tolerance * std::abs(*wanted); });
  return out;
}

Result<runs::Table> filtered(const runs::Table& table, const RowOptions& options) {
  std::vector<bool> keep(table.rows, true);
  Diagnostics errors;
  for (const auto& [key, value] : options.where) {
    const Result<std::vector<bool>> matching = matches(table, key, value);
    if (!matching) {
      errors.insert(errors.end(), matching.errors().begin(), matching.errors().end());
      continue;
    }
    std::transform(keep.begin(), keep.end(), matching->begin(), keep.begin(), std::logical_and<>());
  }
  if (!errors.empty()) {
    return errors;
  }
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < keep.size(); ++i) {
    if (keep[i]) {
      rows.push_back(i);
    }
  }
  if (rows.empty()) {
    return error(fmt::format("--where leaves none of {} rows", table.rows),
                 "check keys and values, case counts");
  }
  return runs::select(table, rows);
}

void append(Diagnostics& all, const Diagnostics& more) {
  all.insert(all.end(), more.begin(), more.end());
}

std::string curve_summary(const std::string& path, const runs::Curve& curve) {
  const runs::Table row = runs::final_row(curve);
  const std::string loss = runs::loss_column(curve);
  return fmt::format("{}: {} steps of run '{}'; its row ends at step {}{}", path, curve.points.rows,
                     curve.run, format_number(row.columns.at("steps")[0], 10),
                     loss.empty()
                         ? ", no loss"
                         : fmt::format(", loss {} from {}", format_number(runs::final_loss(curve), 6), loss));
}

void note_curves(const std::string& path, const std::vector<runs::Curve>& curves, bool verbose, bool final,
                 std::vector<std::string>& notes) {
  for (const runs::Curve& curve : curves) {
    if (final && runs::is_unfinished(curve)) {
      notes.push_back(path +
                      ": the run stops before its planned end, so its last loss is not final; 'scaleplan "
                      "predict RUN --until end' estimates that");
    }
    if (verbose) {
      notes.push_back(curve_summary(path, curve));
    }
    for (const runs::Dropped& mended : curve.mended) {
      notes.push_back(counted(mended, ""));
    }
  }
}

/// Facts beside a log of one run become part of its row.
Diagnostics add_facts_of(const std::string& path, interop::RunLog& log, Session& session, Rows& out) {
  const std::optional<std::string> beside = facts_file(path);
  if (!beside || log.table.rows != 1) {
    return {};
  }
  const Result<std::string> text = read_input(*beside, session);
  if (!text) {
    return text.errors();
  }
  const Result<interop::RunLog> facts = interop::read_run_log(*text, *beside, {});
  if (!facts) {
    return facts.errors();
  }
  if (facts->table.rows != 1 || !facts->curves.empty()) {
    return {error("expected the facts of one run", "write one object: {\"params\": 1.24e8, …}",
                  {*beside, 0, 0, {}})};
  }
  out.digests.push_back(sha256(*text));
  return runs::add_facts(facts->table, log.curves.empty() ? nullptr : log.curves.data(), log.table);
}

Result<interop::RunLog> read_one(const std::string& path, const RowOptions& options, Session& session,
                                 Rows& out) {
  Result<Input> input = Input::open(path, session);
  if (!input) {
    return input.errors();
  }
  Sha256 digest;
  const auto source = [&](std::span<char> block) {
    Result<std::size_t> got = input->read(block);
    if (got) {
      digest.add({block.data(), *got});
    }
    return got;
  };
  Result<interop::RunLog> log = interop::read_run_log(source, path, options.read);
  if (!log) {
    return log;
  }
  out.digests.push_back(digest.digest());
  if (Diagnostics errors = add_facts_of(path, *log, session, out); !errors.empty()) {
    return errors;
  }
  if (session.verbose) {
    out.notes.push_back(run_summary(path, *log));
  }
  note_curves(path, log->curves, session.verbose, options.final_losses, out.notes);
  return log;
}

}  // namespace

std::string drop_summary(const runs::Dropped& dropped) {
  return counted(dropped, "skipped: ");
}

const std::vector<Option>& row_options() {
  static const std::vector<Option> options = {
      {"--where", "", "KEY=VALUE", "use only rows with this value", "", true},
      {"--map", "", "COLUMN=KEY",
       "read COLUMN (loss, tokens, …) from KEY; NAME=COLUMN for an input or the output of the law", "", true},
      {"--counts", "", "params=WHAT", "what a bare 'params' counts: total, non_embedding or active", "total",
       false},
      {"--loss-unit", "", "UNIT", "nats or bits per token", "nats", false},
      {"--skip-invalid", "", "", "leave out records that do not read, and say how many", "", false},
  };
  return options;
}

RowOptions row_options_of(Values& values, const std::vector<laws::Law>& laws, Diagnostics& errors) {
  RowOptions out;
  for (const auto& [key, column] : values.pairs("--map")) {
    const bool input = std::any_of(laws.begin(), laws.end(), [&, name = key](const laws::Law& law) {
      return law.find_input(name) != nullptr || (law.output.name == name && name != "loss");
    });
    if (input) {
      out.inputs.emplace_back(key, column);
    } else {
      out.read.map[key] = column;
    }
  }
  for (const auto& [key, what] : values.pairs("--counts")) {
    const bool known = what == "total" || what == "non_embedding" || what == "active";
    if (key != "params" || !known) {
      errors.push_back(error(fmt::format("option '--counts': got \"{}={}\"", key, what),
                             "write params=total, params=non_embedding or params=active"));
    }
    out.read.params_count = what;
  }
  static const std::vector<std::string> units = {"nats", "bits"};
  if (const auto unit = values.choice("--loss-unit", units)) {
    out.read.loss_unit = units[*unit];
  }
  out.read.skip_invalid = values.flag("--skip-invalid");
  out.where = values.pairs("--where");
  for (const auto* named : {&out.where, &out.inputs}) {
    for (const auto& [name, column] : *named) {
      out.read.wanted.insert({name, column});
    }
  }
  for (const char* option : {"--group-by", "--cluster-by"}) {
    if (const std::optional<std::string> key = values.text(option)) {
      out.read.wanted.insert(key->substr(0, key->rfind('~')));
    }
  }
  for (const laws::Law& law : laws) {
    for (const laws::Input& input : law.inputs) {
      out.read.wanted.insert(input.column);
    }
  }
  return out;
}

void map_inputs(laws::Law& law, const RowOptions& options) {
  for (laws::Input& input : law.inputs) {
    for (const auto& [name, column] : options.inputs) {
      input.column = name == input.name ? column : input.column;
    }
  }
}

Result<Rows> read_rows(const std::vector<std::string>& paths, const RowOptions& options, Session& session) {
  Diagnostics errors;
  std::vector<interop::RunLog> logs;
  Rows out;
  for (const std::string& operand : paths) {
    const Result<std::vector<std::string>> files = run_files(operand);
    if (!files) {
      append(errors, files.errors());
      continue;
    }
    for (const std::string& path : *files) {
      Result<interop::RunLog> log = read_one(path, options, session, out);
      if (log) {
        logs.push_back(std::move(*log));
      } else {
        append(errors, log.errors());
      }
    }
  }
  if (!errors.empty()) {
    return errors;
  }
  interop::RunLog all = logs.size() == 1 ? std::move(logs.front()) : interop::merge(logs);
  for (const runs::Dropped& dropped : all.dropped) {
    out.notes.push_back(drop_summary(dropped));
  }
  if (all.table.rows == 0) {
    return error("no rows to use");
  }
  Result<runs::Table> table = filtered(all.table, options);
  if (!table) {
    return table.errors();
  }
  out.table = std::move(*table);
  out.dropped = std::move(all.dropped);
  out.curves = std::move(all.curves);
  return out;
}

}  // namespace scaleplan::cli
