// Options of TensorRT-LLM's `trtllm-serve` (docs of v0.18 to v1.1). The checkpoint says how its weights are
// quantised, a configuration file the type of keys and values: the script notes both.
#include "interop/frameworks.hpp"
#include "interop/launch/server.hpp"

namespace scaleplan::interop {
namespace {

const Row rows[] = {{"tp_size", "deployment.tp", 1},
                    {"pp_size", "deployment.pp", 1},
                    {"ep_size", "deployment.ep", 1},
                    {"max_batch_size", "deployment.batch"}};

constexpr std::string_view harmless[] = {"host ",
                                         "port ",
                                         "backend ",
                                         "tokenizer ",
                                         "trust-remote-code ",
                                         "log-level ",
                                         "kv-cache-free-gpu-memory-fraction ",
                                         "max-num-tokens ",
                                         "max-seq-len ",
                                         "max-beam-width ",
                                         "sbatch."};

const Server server{"TensorRT-LLM", "v0.18 to v1.1", "trtllm-serve", rows, "", "", "", "", harmless};

bool recognises(std::string_view text) {
  return text.find("trtllm-serve") != std::string_view::npos;
}

Result<model::Proposal> read(const std::string& text, const std::string& file, const ProposalSources&) {
  return read_server(server, text, file);
}

Result<std::vector<LaunchFile>> write(const model::Proposal& proposal) {
  return write_server(server, proposal);
}

}  // namespace

const FrameworkFiles& trtllm_framework() {
  static const FrameworkFiles files{
      {"trtllm", server.title, server.versions, true, true, "scripts with `trtllm-serve`"},
      recognises,
      read,
      write};
  return files;
}

}  // namespace scaleplan::interop
