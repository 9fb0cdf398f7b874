// Options of vLLM's `vllm serve` (vllm/engine/arg_utils.py of v0.9 to v0.11). Experts are spread over all
// tensor-parallel ranks or not at all.
#include "interop/frameworks.hpp"
#include "interop/launch/server.hpp"

namespace scaleplan::interop {
namespace {

const Row rows[] = {{"tensor-parallel-size", "deployment.tp", 1},
                    {"pipeline-parallel-size", "deployment.pp", 1},
                    {"max-num-seqs", "deployment.batch", 256}};

constexpr std::string_view harmless[] = {"host ",
                                         "port ",
                                         "served-model-name ",
                                         "model ",
                                         "tokenizer",
                                         "download-dir ",
                                         "dtype ",
                                         "gpu-memory-utilization ",
                                         "trust-remote-code ",
                                         "api-",
                                         "uvicorn-",
                                         "seed ",
                                         "disable-log",
                                         "distributed-executor-backend ",
                                         "sbatch.",
                                         "chat-template "};

const Server server{"vLLM",         "v0.9 to v0.11",          "vllm serve", rows, "kv-cache-dtype", "fp8",
                    "quantization", "enable-expert-parallel", harmless};

bool recognises(std::string_view text) {
  return text.find("vllm serve") != std::string_view::npos ||
         text.find("vllm.entrypoints") != std::string_view::npos;
}

Result<model::Proposal> read(const std::string& text, const std::string& file, const ProposalSources&) {
  return read_server(server, text, file);
}

Result<std::vector<LaunchFile>> write(const model::Proposal& proposal) {
  return write_server(server, proposal);
}

}  // namespace

const FrameworkFiles& vllm_framework() {
  static const FrameworkFiles files{
      {"vllm", server.title, server.versions, true, true, "scripts with `vllm serve`"},
      recognises,
      read,
      write};
  return files;
}

}  // namespace scaleplan::interop
