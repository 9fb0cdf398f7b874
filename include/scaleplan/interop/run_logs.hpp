#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "scaleplan/runs/curve.hpp"
#include "scaleplan/runs/table.hpp"

namespace scaleplan::interop {

struct RunLogOptions {
  std::map<std::string, std::string> map = {};  ///< canonical column → key in the file ("loss" → "eval/loss")
  std::string params_count = {};      ///< what a bare `params` counts: "", "total", "non_embedding", "active"
  std::string loss_unit = {};         ///< "", "nats", "bits" (per token)
  std::set<std::string> wanted = {};  ///< keys that long files keep beside those with a meaning
  bool skip_invalid = false;          ///< drop bad records (counted) instead of refusing the file
};

struct RunLog {
  runs::Table table;                           ///< one row for each run
  std::vector<runs::Curve> curves;             ///< of step logs, in the order of their rows in `table`
  std::vector<runs::Dropped> dropped;          ///< records left out under skip_invalid, by reason
  std::map<std::string, std::size_t> ignored;  ///< keys that were not read → number of records
  std::map<std::string, std::string> mapped;   ///< canonical column ← key it was read from
  std::string format;                          ///< "json", "jsonl", "csv" or the name of a step log's writer
};

/// Read the text of one file, told apart by content: run rows as JSON (an array, an object with `runs`, or
/// one run), JSON Lines, or CSV with a header (RFC 4180); an OpenLM run record; or the step log of a training
/// run, which becomes a curve and its end a row: Hugging Face `trainer_state.json`, text logs of llm.c,
/// modded-nanogpt, nanoGPT and Megatron, and any JSON Lines or CSV whose records have a step and no size (W&B
/// histories, LLaMA-Factory). Within one file a column is read from one key:
/// that of `map`, else its canonical name, else the one alias that occurs (two are an error that asks for
/// `map`). All other keys keep their names: numbers become columns, words and truth values labels, nested
/// objects keys with
/// "/"; lists are counted as ignored. `"outlier": true` flags a row. `flops` and `tokens` may stand for each
/// other only by an explicit choice of the caller: nothing is derived here.
/// Sizes, tokens, FLOP and `loss` must be positive and finite; other columns may have any sign. Refuses
/// empty, compressed and binary files, invalid UTF-8, NaN, numbers in quotes, repeated keys and ragged lines:
/// the first ten problems with line, column and remedy, then how many of each. `skip_invalid` drops such
/// records instead and counts them by reason; a file of which nothing remains is still an error.
Result<RunLog> read_run_log(const std::string& text, const std::string& file, const RunLogOptions& options);

/// The bytes of a file in order: fills the front of `block` and says how much; 0 at the end.
using ByteSource = std::function<Result<std::size_t>(std::span<char> block)>;

/// The same for a file of any length: JSON Lines, CSV and text logs of more than 32 MiB are read in blocks,
/// of which only the columns with a meaning and those that `wanted` names are kept. Whether they are steps,
/// their first 2^17 records say; steps then take memory that does not grow with the file. JSON documents of
/// more than 256 MiB are refused.
Result<RunLog> read_run_log(const ByteSource& source, const std::string& file, const RunLogOptions& options);

/// Join several logs in the given order; columns absent in one are NaN there, and a name that is a number in
/// one and a word in another becomes a label. `format` is "mixed" when they differ; `mapped` lists keys by
/// commas.
RunLog merge(const std::vector<RunLog>& logs);

}  // namespace scaleplan::interop
