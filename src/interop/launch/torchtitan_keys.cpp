#include "interop/launch/torchtitan.hpp"

namespace scaleplan::interop {
namespace {

constexpr std::string_view refused[] = {"training.batch_size",
                                        "training.data_parallel_degree",
                                        "training.data_parallel_shard_degree",
                                        "training.tensor_parallel_degree",
                                        "training.warmup_steps",
                                        "experimental.context_parallel_degree",
                                        "experimental.pipeline_parallel_degree",
                                        "float8.enable_float8_linear",
                                        "lr_scheduler.lr_min"};

constexpr std::string_view harmless[] = {"job.",
                                         "profiling.",
                                         "metrics.",
                                         "checkpoint.",
                                         "validation.",
                                         "comm.",
                                         "debug.seed ",
                                         "debug.deterministic",
                                         "memory_estimation.",
                                         "fault_tolerance.enable ",
                                         "experimental.custom",
                                         "model.print_after_conversion ",
                                         "model.tokenizer_path ",
                                         "training.dataset",
                                         "training.max_norm ",
                                         "training.gc_",
                                         "training.dataloader.",
                                         "training.mixed_precision_reduce ",
                                         "optimizer.beta",
                                         "optimizer.eps ",
                                         "optimizer.implementation ",
                                         "lr_scheduler.total_steps ",
                                         "quantize.",
                                         "activation_checkpoint.preserve_rng_state ",
                                         "activation_checkpoint.determinism_check ",
                                         "activation_checkpoint.early_stop ",
                                         "activation_checkpoint.debug ",
                                         "activation_checkpoint.per_op_sac",
                                         "parallelism.disable_loss_parallel ",
                                         "parallelism.context_parallel_",
                                         "parallelism.module_fqns",
                                         "compile.components ",
                                         "compile.backend ",
                                         "parallelism.pipeline_parallel_schedule_csv ",
                                         "training.dump_folder ",
                                         "parallelism.pipeline_parallel_expert_parallel_overlap "};

// Switches that cost or save something and are not modelled; off, they say nothing.
constexpr std::string_view switches[] = {
    "compile.enable", "training.enable_cpu_offload", "parallelism.enable_async_tensor_parallel",
    "optimizer.early_step_in_backward", "activation_checkpoint.visualize_memory_budget_pareto"};

}  // namespace

std::span<const std::string_view> torchtitan_refused() {
  return refused;
}
std::span<const std::string_view> torchtitan_harmless() {
  return harmless;
}
std::span<const std::string_view> torchtitan_switches() {
  return switches;
}

}  // namespace scaleplan::interop
