// Flags of Megatron-LM: megatron/training/arguments.py and the dataclasses that make flags
// (training_config.py, transformer_config.py, model_parallel_config.py), read in one snapshot; some of them
// compared at tags up to core_v0.19.
#include <fmt/format.h>

#include <algorithm>

#include "interop/frameworks.hpp"
#include "interop/launch/formats.hpp"
#include "interop/launch/megatron_core.hpp"
#include "interop/launch/megatron_run.hpp"
#include "interop/launch/shell.hpp"
#include "interop/launch/torchrun.hpp"

namespace scaleplan::interop {
namespace {

constexpr std::string_view versions = "core_v0.14 to core_v0.19";
constexpr std::string_view reason = "Megatron-LM's default";

struct Name {
  std::string_view theirs;
  std::string_view ours;
};
// Flags that no supported version takes.
constexpr Name refused[] = {{"model-parallel-size", "Megatron-LM before 2.0"},
                            {"batch-size", "Megatron-LM before 2.0"},
                            {"warmup", "Megatron-LM before 2.0"},
                            {"checkpoint-activations", "Megatron-LM before 3.0"},
                            {"distribute-checkpointed-activations", "Megatron-LM before 3.0"},
                            {"deepspeed", "Megatron-DeepSpeed"},
                            {"zero-stage", "Megatron-DeepSpeed"}};

// What does not change time, memory or loss as they are modelled here.
constexpr std::string_view harmless[] = {"data-",
                                         "train-data",
                                         "valid-data",
                                         "test-data",
                                         "split ",
                                         "tokenizer-",
                                         "vocab-file ",
                                         "merge-file ",
                                         "save",
                                         "load",
                                         "log-",
                                         "tensorboard-",
                                         "wandb-",
                                         "eval-",
                                         "exit-",
                                         "seed ",
                                         "ckpt-",
                                         "dist-ckpt-",
                                         "use-dist-ckpt ",
                                         "async-save ",
                                         "use-persistent-ckpt-worker ",
                                         "timing-",
                                         "num-workers ",
                                         "init-method-",
                                         "clip-grad ",
                                         "adam-",
                                         "attention-dropout ",
                                         "hidden-dropout ",
                                         "rotary-",
                                         "use-rope-scaling ",
                                         "rope-",
                                         "no-rope-fusion ",
                                         "distributed-",
                                         "manual-gc",
                                         "mock-data ",
                                         "master-",
                                         "node-rank ",
                                         "rdzv-",
                                         "norm-epsilon ",
                                         "apply-layernorm-1p ",
                                         "use-mcore-models ",
                                         "transformer-impl ",
                                         "overlap-grad-reduce ",
                                         "overlap-param-gather ",
                                         "tp-comm-overlap",
                                         "attention-backend ",
                                         "use-flash-attn ",
                                         "moe-aux-loss-coeff ",
                                         "moe-z-loss-coeff ",
                                         "moe-router-",
                                         "moe-token-dispatcher-type ",
                                         "moe-grouped-gemm ",
                                         "moe-permute-fusion ",
                                         "cross-entropy-",
                                         "fp8-amax-",
                                         "fp8-margin ",
                                         "fp8-interval ",
                                         "no-masked-softmax-fusion ",
                                         "no-bias-",
                                         "bias-",
                                         "no-create-attention-mask",
                                         "no-mmap-bin-files ",
                                         "make-vocab-size-divisible-by ",
                                         "no-gradient-accumulation-fusion ",
                                         "accumulate-allreduce-grads-in-fp32 ",
                                         "attention-softmax-in-fp32 ",
                                         "no-load-",
                                         "no-save-",
                                         "finetune ",
                                         "override-opt",
                                         "use-checkpoint-",
                                         "profile",
                                         "sbatch.",
                                         "one-logger",
                                         "no-one-logger ",
                                         "ENV_VARS",
                                         "TEST_TYPE",
                                         "METRICS",
                                         "LAUNCHER",
                                         "initial-loss-scale ",
                                         "min-loss-scale ",
                                         "loss-scale",
                                         "hysteresis ",
                                         "empty-unused-memory-level ",
                                         "calculate-per-token-loss ",
                                         "no-check-for-nan",
                                         "check-for-nan",
                                         "rerun-mode ",
                                         "tee ",
                                         "max-restarts ",
                                         "lr-warmup-init ",
                                         "wandb ",
                                         "gres ",
                                         "label ",
                                         "container-",
                                         "mpi ",
                                         "export ",
                                         "muon-",
                                         "position-embedding-type ",
                                         "enable-experimental ",
                                         "qk-layernorm-",
                                         "reset-",
                                         "eod-mask-loss ",
                                         "tiktoken-",
                                         "output ",
                                         "ntasks",
                                         "cpus-per-task ",
                                         "nodes "};

// States that are shared by some replicas only.
void read_instances(Settings& settings, Draft& draft) {
  const Setting* said = settings.take("num-distributed-optimizer-instances");
  const auto instances = settings.whole("num-distributed-optimizer-instances");
  if (!instances || *instances == 1) return;
  const std::int64_t model = draft.whole("layout.tp", 1) * draft.whole("layout.pp", 1);
  const std::int64_t devices = draft.whole("devices", 0);
  if (devices == 0 || model < 1 || devices % model != 0 || devices / model % *instances != 0) {
    settings.fail(*said,
                  "num-distributed-optimizer-instances needs the number of devices, and must divide replicas",
                  "say --nnodes and --nproc-per-node");
    return;
  }
  draft.set("layout.zero_group", devices / model / *instances, said->place);
}

void refuse_others(Settings& settings) {
  for (const Name& each : refused) {
    if (const Setting* said = settings.take(each.theirs)) {
      settings.fail(*said, fmt::format("{} is of {}", each.theirs, each.ours),
                    fmt::format("this reads Megatron-LM {}", versions));
    }
  }
}

// YAML says the same by field names, in sections, or as a list of flags.
Result<Settings> yaml_flags(const std::string& text, const std::string& file) {
  const Result<Settings> nested = yaml_settings(text, file);
  if (!nested) return nested.errors();
  Settings flat;
  for (Setting each : nested->all()) {
    if (each.value.is_string() && each.value.string() == "null") continue;
    const bool environment = each.key.starts_with("ENV_VARS") || each.key.starts_with("METRICS");
    if (!environment) each.key = each.key.substr(each.key.rfind('.') + 1);
    if (each.key.starts_with("--")) each.key.erase(0, 2);
    if (!environment) std::replace(each.key.begin(), each.key.end(), '_', '-');
    if (each.value.is_string() && each.value.string().find('$') != std::string::npos)
      each.unresolved = each.value.string();
    if (each.key == "add-bias-linear") {
      each.key = "disable-bias-linear";
      each.value = !truth_of(each.value).value_or(true);
    } else if (each.key == "activation-func") {
      each.key = "swiglu";
      each.value = text_of(each.value) == "swiglu";
    }
    flat.add(std::move(each));
  }
  return flat;
}

bool recognises(std::string_view text) {
  for (const std::string_view word :
       {"pretrain_gpt.py", "--tensor-model-parallel-size", "--hidden-size", "language_model:"}) {
    if (text.find(word) != std::string_view::npos) return true;
  }
  return text.find("tensor_model_parallel_size:") != std::string_view::npos &&
         text.find("trainer:") == std::string_view::npos;
}

// Options stand behind blanks; in YAML they are keys.
bool is_yaml(const std::string& text, const std::string& file) {
  if (file.ends_with(".yaml") || file.ends_with(".yml")) return true;
  return text.find("tensor_model_parallel_size:") != std::string::npos ||
         text.find("--tensor-model-parallel-size:") != std::string::npos;
}

Result<model::Proposal> read(const std::string& text, const std::string& file, const ProposalSources&) {
  Result<Settings> found = is_yaml(text, file) ? yaml_flags(text, file) : shell_settings(text, file);
  if (!found) return found.errors();
  Settings& settings = *found;
  refuse_others(settings);
  Draft draft;
  draft.set("engine", "megatron", {file, 0, 0, ""});
  read_labels(text, file, draft);
  read_devices(settings, draft);
  megatron_core::read_shape(settings, draft, reason);
  megatron_core::read_layout(settings, draft, reason);
  read_instances(settings, draft);
  megatron_run::read(settings, draft, reason);
  for (const char* needed :
       {"num-layers", "hidden-size", "num-attention-heads", "vocab-size", "seq-length"}) {
    if (settings.has(needed)) continue;
    settings.errors().push_back(error(fmt::format("--{} is not said", needed),
                                      needed == std::string_view("vocab-size")
                                          ? "add it: Megatron-LM takes it beside any tokeniser"
                                          : "add it",
                                      {file, 0, 0, ""}));
  }
  note_strangers(settings, harmless, draft);
  if (!settings.errors().empty()) return settings.errors();
  return draft.finish(file);
}

Result<std::vector<LaunchFile>> write(const model::Proposal& proposal) {
  Outgoing out(proposal, "Megatron-LM");
  const std::string head = labels(out, "#");
  Arguments arguments;
  megatron_core::write_shape(out, arguments);
  megatron_core::write_layout(out, arguments);
  if (const auto group = out.take("layout.zero_group"); group && group->number() > 0) {
    const model::Layout& layout = *proposal.layout;
    arguments.add("num-distributed-optimizer-instances", layout.dp * layout.cp / layout.zero_group);
  }
  const Steps steps = take_steps(out);
  megatron_run::write(out, steps, arguments);
  const std::string distributed = torchrun_arguments(out);
  if (Diagnostics errors = out.finish(); !errors.empty()) return errors;
  std::string text = "#!/bin/bash\n" + head;
  text +=
      fmt::format("# For Megatron-LM {}: ./train.sh --data-path … --tokenizer-type … --save …\n", versions);
  text += rounding_note(out, steps) + "set -euo pipefail\n\n" + distributed;
  text += fmt::format("\nMEGATRON_ARGS=(\n{})\n\n", arguments.as_options());
  text += "torchrun \"${DISTRIBUTED_ARGS[@]}\" pretrain_gpt.py \"${MEGATRON_ARGS[@]}\" \"$@\"\n";
  return std::vector<LaunchFile>{{"train.sh", text}};
}

}  // namespace

const FrameworkFiles& megatron_lm_framework() {
  static const FrameworkFiles files{{"megatron-lm", "Megatron-LM", versions, true, true,
                                     "scripts and lists of arguments (.sh, .txt), YAML"},
                                    recognises,
                                    read,
                                    write};
  return files;
}

}  // namespace scaleplan::interop
