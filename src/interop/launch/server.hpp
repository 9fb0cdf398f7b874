#pragma once

#include <span>
#include <string_view>

#include "interop/launch/arguments.hpp"

namespace scaleplan::interop {

/// How a server for inference is started: one process group for each replica, replicas as elements of a job
/// array.
struct Server {
  std::string_view title;
  std::string_view versions;
  std::string_view command;  ///< before the options: "vllm serve"
  std::span<const Row> rows;
  std::string_view kv_key;         ///< option for the type of keys and values; empty: not one of its options
  std::string_view kv_fp8;         ///< what fp8 is called there
  std::string_view weights_key;    ///< option that quantises the weights; empty: the checkpoint is
  std::string_view expert_switch;  ///< option that spreads experts over all tensor-parallel ranks, or empty
  std::span<const std::string_view> harmless;
};

/// Reads a script that starts the server: its options, and `#SBATCH --array` as replicas.
Result<model::Proposal> read_server(const Server& server, const std::string& text, const std::string& file);
/// The proposal's deployment as such a script, serve.sh.
Result<std::vector<LaunchFile>> write_server(const Server& server, const model::Proposal& proposal);

}  // namespace scaleplan::interop
