#include "training/legal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace scaleplan::training {
namespace {

using model::Layout;
using model::Recompute;

// Ranks beyond the key/value heads get copies (PaLM, arXiv:2204.02311, has one head on twelve).
bool copies_keys(Engine engine) {
  return engine != Engine::fsdp && engine != Engine::deepspeed_zero3;
}

std::string not_multiple(std::int64_t value, std::string_view what, std::string_view of,
                         std::int64_t divisor) {
  if (value % divisor == 0) return {};
  return fmt::format("{} {} are not a multiple of {} {}", value, what, of, divisor);
}

std::string degrees(const Job&, const Layout& l) {
  const bool positive = l.tp >= 1 && l.pp >= 1 && l.cp >= 1 && l.ep >= 1 && l.dp >= 1 && l.micro_batch >= 1 &&
                        l.interleave >= 1 && l.zero_group >= 0;
  return positive ? "" : "every degree must be at least 1";
}

std::string world(const Job& job, const Layout& l) {
  if (l.devices() == job.machine.devices) return {};
  return fmt::format("tp {} x pp {} x cp {} x dp {} is {} devices, not {}", l.tp, l.pp, l.cp, l.dp,
                     l.devices(), job.machine.devices);
}

std::string heads(const Job& job, const Layout& l) {
  return not_multiple(job.shape.heads, "heads", "tp", l.tp);
}

std::string key_heads(const Job& job, const Layout& l) {
  const std::int64_t k = job.shape.kv_heads;
  if (job.shape.latent.kv_rank > 0 || k % l.tp == 0) return {};
  if (copies_keys(job.engine) && l.tp % k == 0) return {};
  return fmt::format("{} key/value heads and tp {} do not divide {}", k, l.tp,
                     copies_keys(job.engine) ? "one another" : "evenly");
}

std::string widths(const Job& job, const Layout& l) {
  const model::Experts& e = job.shape.experts;
  if (std::string wrong = not_multiple(job.shape.ffn, "units of the feed-forward network", "tp", l.tp);
      !wrong.empty()) {
    return wrong;
  }
  return e.experts > 1 ? not_multiple(e.shared_ffn, "units of the shared expert", "tp", l.tp) : std::string{};
}

std::string stages(const Job& job, const Layout& l) {
  if (l.pp == 1) return {};
  if (job.engine == Engine::deepspeed_zero3) return "ZeRO-3 of DeepSpeed has no pipeline stages";
  if (l.pp > job.shape.layers) {
    return fmt::format("{} pipeline stages for {} layers", l.pp, job.shape.layers);
  }
  if (job.engine == Engine::megatron_2021 || job.engine == Engine::xla) {
    return not_multiple(job.shape.layers, "layers", "pp", l.pp);
  }
  return {};
}

std::string context(const Job& job, const Layout& l) {
  if (l.cp == 1) return {};
  if (job.engine == Engine::megatron_2021 || job.engine == Engine::megatron_deepspeed) {
    return fmt::format("engine {} has no context parallelism", engine_name(job.engine));
  }
  if (job.attention == AttentionKernel::unfused) return "context parallelism needs a fused attention kernel";
  if (std::string wrong = not_multiple(job.sequence_length, "tokens", "2 x cp =", 2 * l.cp); !wrong.empty()) {
    return wrong;
  }
  const bool exchanges_heads =
      job.engine == Engine::deepspeed_zero3 || job.context_exchange == ContextExchange::all_to_all;
  return exchanges_heads ? not_multiple(job.shape.heads, "heads", "tp x cp =", l.tp * l.cp) : std::string{};
}

std::string expert_parallel(const Job& job, const Layout& l) {
  if (l.ep == 1) return {};
  const std::int64_t experts = job.shape.experts.experts;
  if (experts <= 1) return "expert parallelism needs a mixture of experts";
  if (job.engine == Engine::megatron_2021) return "engine megatron_2021 has no expert parallelism";
  if (std::string wrong = not_multiple(experts, "experts", "ep", l.ep); !wrong.empty()) return wrong;
  return not_multiple(l.dp * l.cp * l.tp, "devices of a stage", "ep", l.ep);
}

std::string batch(const Job& job, const Layout& l) {
  if (job.global_batch % (l.micro_batch * l.dp) == 0) return {};
  return fmt::format("a global batch of {} is not a multiple of micro-batch {} x dp {}", job.global_batch,
                     l.micro_batch, l.dp);
}

std::string interleaving(const Job& job, const Layout& l) {
  if (l.interleave == 1) return {};
  if (l.pp == 1) return "virtual stages need a pipeline";
  if (job.engine == Engine::megatron_deepspeed || job.schedule != Schedule::one_f_one_b) {
    return fmt::format("engine {} with schedule {} has no virtual stages", engine_name(job.engine),
                       schedule_name(job.schedule));
  }
  const std::int64_t each = (job.shape.layers + l.pp - 1) / l.pp;
  if (std::string wrong = not_multiple(each, "layers of a stage", "interleave", l.interleave);
      !wrong.empty()) {
    return wrong;
  }
  if (l.pp * l.interleave > job.shape.layers + 2) {
    return fmt::format("{} virtual stages for {} layers, embedding and head", l.pp * l.interleave,
                       job.shape.layers);
  }
  const std::int64_t micro_batches = job.global_batch / (l.micro_batch * l.dp);
  if (job.engine == Engine::megatron) {
    return micro_batches >= l.pp
               ? ""
               : fmt::format("{} micro-batches for {} interleaved stages", micro_batches, l.pp);
  }
  return not_multiple(micro_batches, "micro-batches", "pp", l.pp);
}

std::string sharding(const Job& job, const Layout& l) {
  const std::span<const int> known = zero_stages(job.engine);
  if (std::find(known.begin(), known.end(), l.zero) == known.end()) {
    return fmt::format("engine {} has no ZeRO-{}", engine_name(job.engine), l.zero);
  }
  if (l.zero >= 2 && l.pp > 1 && job.engine != Engine::fsdp && job.engine != Engine::xla) {
    return fmt::format("ZeRO-{} does not go with pipeline stages", l.zero);
  }
  return {};
}

std::string sharding_group(const Job& job, const Layout& l) {
  if (l.zero_group == 0) return {};
  if (job.engine == Engine::megatron_2021 || job.engine == Engine::megatron_deepspeed) {
    return fmt::format("engine {} shards states over all replicas", engine_name(job.engine));
  }
  if (l.zero == 0) return "states that are not sharded have no sharing group";
  const std::int64_t replicas = l.dp * l.cp;
  if (l.zero_group < 2 || l.zero_group > replicas) {
    return fmt::format("a sharing group of {} is not between 2 and dp x cp = {}", l.zero_group, replicas);
  }
  return not_multiple(replicas, "replicas", "the sharing group", l.zero_group);
}

std::string recomputation(const Job& job, const Layout& l) {
  const std::span<const Recompute> known = recomputations(job.engine);
  if (std::find(known.begin(), known.end(), l.recompute) != known.end()) return {};
  return fmt::format("engine {} does not recompute {}", engine_name(job.engine),
                     model::recompute_name(l.recompute));
}

std::string sequence(const Job& job, const Layout& l) {
  if (!l.sequence_parallel) {
    const bool needed = job.shape.experts.experts > 1 && l.tp > 1 && job.engine == Engine::megatron;
    return needed ? "experts with tensor parallelism need sequence parallelism" : "";
  }
  if (l.tp == 1) return "sequence parallelism needs tensor parallelism";
  if (job.engine == Engine::megatron_deepspeed || job.engine == Engine::deepspeed_zero3) {
    return fmt::format("engine {} has no sequence parallelism", engine_name(job.engine));
  }
  return not_multiple(job.sequence_length, "tokens", "tp x cp =", l.tp * l.cp);
}

constexpr std::array<Rule, 8> mesh = {{{"degrees", degrees},
                                       {"devices", world},
                                       {"heads", heads},
                                       {"key/value heads", key_heads},
                                       {"widths", widths},
                                       {"pipeline stages", stages},
                                       {"context parallelism", context},
                                       {"expert parallelism", expert_parallel}}};
constexpr std::array<Rule, 6> schedule = {{{"global batch", batch},
                                           {"interleaving", interleaving},
                                           {"ZeRO", sharding},
                                           {"sharing group", sharding_group},
                                           {"recomputation", recomputation},
                                           {"sequence parallelism", sequence}}};

}  // namespace

std::span<const Rule> mesh_rules() {
  return mesh;
}
std::span<const Rule> schedule_rules() {
  return schedule;
}

std::span<const int> zero_stages(Engine engine) {
  static constexpr std::array<int, 4> all = {0, 1, 2, 3};
  static constexpr std::array<int, 2> optimizer_only = {0, 1};
  static constexpr std::array<int, 3> replicated_or_gathered = {0, 2, 3};
  static constexpr std::array<int, 1> gathered = {3};
  switch (engine) {
    case Engine::megatron:
    case Engine::megatron_deepspeed:
      return all;
    case Engine::megatron_2021:
      return optimizer_only;
    case Engine::fsdp:
    case Engine::xla:
      return replicated_or_gathered;
    case Engine::deepspeed_zero3:
      return gathered;
  }
  return all;
}

std::span<const Recompute> recomputations(Engine engine) {
  static constexpr std::array<Recompute, 3> attention = {Recompute::none, Recompute::selective,
                                                         Recompute::full};
  static constexpr std::array<Recompute, 3> chosen = {Recompute::none, Recompute::operators, Recompute::full};
  static constexpr std::array<Recompute, 2> layers = {Recompute::none, Recompute::full};
  switch (engine) {
    case Engine::megatron:
    case Engine::megatron_2021:
      return attention;
    case Engine::fsdp:
    case Engine::xla:
      return chosen;
    case Engine::megatron_deepspeed:
    case Engine::deepspeed_zero3:
      return layers;
  }
  return layers;
}

std::string illegal(const Job& job, const Layout& layout) {
  for (const std::span<const Rule> rules : {mesh_rules(), schedule_rules()}) {
    for (const Rule& rule : rules) {
      if (std::string broken = rule.broken(job, layout); !broken.empty()) return broken;
    }
  }
  return {};
}

}  // namespace scaleplan::training
