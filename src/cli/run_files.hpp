#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaleplan/base/result.hpp"
#include "scaleplan/runs/table.hpp"

namespace scaleplan::cli {

/// The files that an operand names, sorted: itself; the run logs below a directory (.json, .jsonl, .ndjson,
/// .csv, .log, .txt; neither hidden files nor facts); what a pattern with * ? [ matches. A directory without
/// run logs and a pattern that matches nothing are errors.
Result<std::vector<std::string>> run_files(const std::string& operand);

/// The file with facts about the run that `log` tells of (params, batch_tokens, …): `LOG.run.json`, else
/// `run.json` in its folder; nothing when there is neither.
std::optional<std::string> facts_file(const std::string& log);

}  // namespace scaleplan::cli
