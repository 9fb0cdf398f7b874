#include "interop/launch/torchrun.hpp"

#include <fmt/format.h>

#include <numeric>

namespace scaleplan::interop {
namespace {

constexpr std::int64_t usual_node = 8;

struct Count {
  std::int64_t value = 0;  ///< 0: not said, or not here
  Place place;
};

// Counts that the surroundings give ("$SLURM_NNODES", "auto") are not said by the file.
Count count_of(Settings& settings, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    const Setting* setting = settings.take(key);
    if (setting == nullptr || !setting->unresolved.empty()) continue;
    std::string text = text_of(setting->value);
    if (const std::size_t colon = text.rfind(':'); colon != std::string::npos)
      text = text.substr(colon + 1);  // h100:8
    if (const auto number = number_of(text); number && *number >= 1 && *number < 1e7) {
      return {static_cast<std::int64_t>(*number), setting->place};
    }
  }
  return {};
}

}  // namespace

void read_devices(Settings& settings, Draft& draft) {
  const Count nodes = count_of(settings, {"nnodes", "num-nodes", "sbatch.nodes", "sbatch.N"});
  const Count each = count_of(settings, {"nproc-per-node", "num-gpus", "sbatch.gpus-per-node",
                                         "sbatch.ntasks-per-node", "sbatch.gres"});
  if (nodes.value > 0 && each.value > 0) {
    draft.set("devices", nodes.value * each.value, nodes.place);
  } else {
    draft.leave_replicas_open();
  }
}

std::string torchrun_arguments(Outgoing& out) {
  const json::Value said = out.need("devices");
  const auto devices = said.is_number() ? static_cast<std::int64_t>(said.number()) : 1;
  const std::int64_t node = std::gcd(devices, usual_node);
  return fmt::format(
      "GPUS_PER_NODE=${{GPUS_PER_NODE:-{}}}\n"
      "NUM_NODES=$(({} / GPUS_PER_NODE))\n\n"
      "DISTRIBUTED_ARGS=(\n"
      "    --nproc-per-node \"$GPUS_PER_NODE\"\n"
      "    --nnodes \"$NUM_NODES\"\n"
      "    --node-rank \"${{NODE_RANK:-0}}\"\n"
      "    --master-addr \"${{MASTER_ADDR:-localhost}}\"\n"
      "    --master-port \"${{MASTER_PORT:-29500}}\"\n"
      ")\n",
      node, devices);
}

std::string rounding_note(const Outgoing& out, const Steps& steps) {
  const model::Proposal& proposal = out.proposal();
  const auto batch = static_cast<double>(proposal.batch_tokens.value_or(0));
  const double all = static_cast<double>(steps.all) * batch;
  std::string note = fmt::format("# {} steps of {} tokens", steps.all, plain(batch));
  if (proposal.tokens && all > *proposal.tokens) {
    note +=
        fmt::format(": {} tokens, rounded up from {} to whole steps", plain(all), plain(*proposal.tokens));
  }
  return note + ".\n";
}

}  // namespace scaleplan::interop
