// Batch scripts of Slurm (sbatch(1) of 22.05 to 25.05) that start torchrun with the arguments of Megatron-LM,
// or with torchtitan's configuration, on every node. They read back as files of those frameworks.
#include <fmt/format.h>

#include "interop/frameworks.hpp"
#include "interop/launch/outgoing.hpp"

namespace scaleplan::interop {

const FrameworkFiles& megatron_lm_framework();
const FrameworkFiles& torchtitan_framework();

namespace {

constexpr std::string_view versions = "22.05 to 25.05";

std::string job_name(const std::string& name) {
  std::string out;
  for (const char c : name.empty() ? std::string("train") : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.';
    out += plain ? c : '-';
  }
  return out;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

// The launcher's script with the batch system's requests, and with torchrun started once on each node.
LaunchFile batch_script(const LaunchFile& script, const model::Proposal& proposal) {
  const std::int64_t devices = proposal.devices.value_or(1);
  const std::int64_t node = devices % 8 == 0 ? 8 : devices < 8 ? devices : 1;
  std::string text =
      replaced(script.text, "#!/bin/bash\n",
               fmt::format("#!/bin/bash\n#SBATCH --job-name={}\n#SBATCH --nodes={}\n"
                           "#SBATCH --ntasks-per-node=1\n#SBATCH --gpus-per-node={}\n#SBATCH --exclusive\n",
                           job_name(proposal.name), devices / node, node));
  text = replaced(text, "GPUS_PER_NODE=${GPUS_PER_NODE:-8}", fmt::format("GPUS_PER_NODE={}", node));
  text = replaced(text, "    --node-rank \"${NODE_RANK:-0}\"\n", "");
  text = replaced(text, "    --master-addr \"${MASTER_ADDR:-localhost}\"\n", "    --rdzv-backend c10d\n");
  text = replaced(
      text, "    --master-port \"${MASTER_PORT:-29500}\"\n",
      "    --rdzv-endpoint \"$(scontrol show hostnames \"$SLURM_JOB_NODELIST\" | head -n 1):29500\"\n");
  text = replaced(text, "torchrun \"${DISTRIBUTED_ARGS[@]}\"", "srun torchrun \"${DISTRIBUTED_ARGS[@]}\"");
  return {"train.sbatch", text};
}

Result<std::vector<LaunchFile>> write(const model::Proposal& proposal) {
  const std::string engine = proposal.engine.value_or("megatron");
  if (engine != "megatron" && engine != "fsdp") {
    return error(fmt::format("Slurm: jobs of engine {} are not written", engine),
                 "render for its framework, and submit that", {proposal.file, 0, 0, ""});
  }
  const bool megatron = engine == "megatron";
  Result<std::vector<LaunchFile>> files =
      megatron ? megatron_lm_framework().write(proposal) : torchtitan_framework().write(proposal);
  if (!files) return files.errors();
  const std::string script = megatron ? "train.sh" : "run.sh";
  for (LaunchFile& file : *files) {
    if (file.name == script) file = batch_script(file, proposal);
  }
  return files;
}

}  // namespace

const FrameworkFiles& slurm_framework() {
  static const FrameworkFiles files{
      {"slurm", "Slurm", versions, false, true, "batch scripts"}, nullptr, nullptr, write};
  return files;
}

}  // namespace scaleplan::interop
