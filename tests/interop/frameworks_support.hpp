#pragma once

#include <cmath>

#include "interop/proposal_document.hpp"
#include "interop/proposal_support.hpp"

namespace scaleplan::interop {

/// A dense model on 64 devices that every training framework can be told; tests change what they are about.
inline model::Proposal dense_proposal() {
  model::Proposal p;
  p.name = "seven \"b\"";
  p.file = "plan.json";
  p.cluster = "dgx-h100";
  p.shape = model::Shape{.layers = 32,
                         .hidden = 4096,
                         .heads = 32,
                         .kv_heads = 8,
                         .head_size = 128,
                         .ffn = 14336,
                         .vocabulary = 128256};
  p.sequence_length = 8192;
  p.batch_tokens = 512 * 8192;
  p.tokens = 100000.0 * 512 * 8192;
  p.learning_rate = 3e-4;
  p.weight_decay = 0.1;
  p.schedule = model::Schedule{"cosine", 2000.0 * 512 * 8192, 0.1, std::nullopt};
  p.optimizer = "adamw";
  p.precision = "bf16";
  p.devices = 64;
  p.layout = model::Layout{
      .tp = 2, .pp = 1, .cp = 1, .ep = 1, .dp = 32, .zero = 1, .micro_batch = 2, .sequence_parallel = true};
  return p;
}

/// Files of a launch by name, for whoever opens them.
inline Files by_name(const std::vector<LaunchFile>& files) {
  Files out;
  for (const LaunchFile& file : files) out[file.name] = file.text;
  return out;
}

inline std::vector<LaunchFile> written(const model::Proposal& proposal, std::string_view framework) {
  Result<std::vector<LaunchFile>> files = write_launch(proposal, framework);
  if (!files) throw std::runtime_error(told(files.errors()));
  return std::move(*files);
}

inline std::string unwritable(const model::Proposal& proposal, std::string_view framework) {
  const Result<std::vector<LaunchFile>> files = write_launch(proposal, framework);
  return files ? "written" : told(files.errors());
}

/// The document of what the file itself says, without what a framework's defaults add.
inline std::string said(model::Proposal p) {
  p.engine.reset();
  for (const auto& [path, reason] : p.assumed) {
    if (path == "weight_decay") p.weight_decay.reset();
    if (path == "optimizer") p.optimizer.reset();
    if (path == "schedule.kind") p.schedule.reset();
  }
  return json::write(proposal_to_json(p));
}

/// Written, read, and written again: the same proposal and the same bytes.
inline model::Proposal round_trip(const model::Proposal& proposal, const std::string& framework) {
  const std::vector<LaunchFile> files = written(proposal, framework);
  const Files all = by_name(files);
  return proposed(files.front().text, files.front().name, "", all);
}

}  // namespace scaleplan::interop
