// Options of SGLang's `python -m sglang.launch_server` (python/sglang/srt/server_args.py of v0.4.9 to v0.5).
#include "interop/frameworks.hpp"
#include "interop/launch/server.hpp"

namespace scaleplan::interop {
namespace {

const Row rows[] = {{"tp-size", "deployment.tp", 1},
                    {"pp-size", "deployment.pp", 1},
                    {"ep-size", "deployment.ep", 1},
                    {"max-running-requests", "deployment.batch"}};

constexpr std::string_view harmless[] = {"host ",
                                         "port ",
                                         "served-model-name ",
                                         "model-path ",
                                         "model ",
                                         "tokenizer-",
                                         "dtype ",
                                         "mem-fraction-static ",
                                         "trust-remote-code ",
                                         "api-key ",
                                         "random-seed ",
                                         "log-",
                                         "dist-",
                                         "nnodes ",
                                         "node-rank ",
                                         "sbatch.",
                                         "chat-template ",
                                         "download-dir "};

const Server server{"SGLang",
                    "v0.4.9 to v0.5",
                    "python -m sglang.launch_server --model-path",
                    rows,
                    "kv-cache-dtype",
                    "fp8_e4m3",
                    "quantization",
                    "",
                    harmless};

bool recognises(std::string_view text) {
  return text.find("sglang.launch_server") != std::string_view::npos;
}

Result<model::Proposal> read(const std::string& text, const std::string& file, const ProposalSources&) {
  return read_server(server, text, file);
}

Result<std::vector<LaunchFile>> write(const model::Proposal& proposal) {
  return write_server(server, proposal);
}

}  // namespace

const FrameworkFiles& sglang_framework() {
  static const FrameworkFiles files{
      {"sglang", server.title, server.versions, true, true, "scripts with `sglang.launch_server`"},
      recognises,
      read,
      write};
  return files;
}

}  // namespace scaleplan::interop
