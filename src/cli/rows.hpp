#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/command.hpp"
#include "cli/values.hpp"
#include "scaleplan/interop/run_logs.hpp"
#include "scaleplan/laws/law.hpp"

namespace scaleplan::cli {

/// Options of every command that reads run rows.
const std::vector<Option>& row_options();

struct RowOptions {
  interop::RunLogOptions read;
  std::vector<std::pair<std::string, std::string>> inputs;  ///< --map of law inputs: input → column
  std::vector<std::pair<std::string, std::string>> where;
  bool final_losses = true;  ///< tell when the end of a log is not the end of its run
};

/// `laws`: --map keys that name one of their inputs choose the column that this input reads.
RowOptions row_options_of(Values& values, const std::vector<laws::Law>& laws, Diagnostics& errors);

/// Let the inputs of `law` read the columns that --map chose.
void map_inputs(laws::Law& law, const RowOptions& options);

struct Rows {
  runs::Table table;
  std::vector<runs::Curve> curves;  ///< of step logs, each of which is a row of `table` too
  std::vector<runs::Dropped> dropped;
  std::vector<std::string> digests;  ///< SHA-256 of each file
  std::vector<std::string>
      notes;  ///< for standard error: what was dropped, and under --verbose what was read
};

/// For standard error: how many records were left out, why, and where the first stands.
std::string drop_summary(const runs::Dropped& dropped);

/// Read the files (and those in directories and behind patterns), join them, keep the rows that --where asks
/// for. Facts that stand beside a log of one run are added to its row.
Result<Rows> read_rows(const std::vector<std::string>& paths, const RowOptions& options, Session& session);

}  // namespace scaleplan::cli
