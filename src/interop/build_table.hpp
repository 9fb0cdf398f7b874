#pragma once

#include "interop/columns.hpp"
#include "interop/records.hpp"
#include "scaleplan/interop/run_logs.hpp"

namespace scaleplan::interop {

/// Where a column of the table comes from.
struct Source {
  std::string name;
  const RawColumn* column = nullptr;
  const Canonical* meaning = nullptr;  ///< of a checked number; null: a number or a label as it comes
};

/// Whether the records are steps of training runs rather than runs: they have a step and no size, and are
/// more than one for each run.
bool are_steps(const Records& records, const RunLogOptions& options);

/// Match the keys of a file with columns: `--map` first, then canonical names, then aliases, then every other
/// key under its own name. `steps`: with the columns of step logs; `part`: of the records of a file, others
/// may have the keys that `--map` names. Writes `mapped` and `ignored`.
Result<std::vector<Source>> match_columns(const Records& records, const RunLogOptions& options, bool steps,
                                          bool part, RunLog& log);

/// Turn cells into the table, which takes them over, and say which records cannot be used and why (into
/// `records.problems()`). `places`: also where each row stands.
void build_table(Records& records, const std::vector<Source>& sources, const RunLogOptions& options,
                 bool places, runs::Table& table);

}  // namespace scaleplan::interop
