// Keys of accelerate's YAML (commands/config/config_args.py, commands/launch.py of v1.10 to v1.14), and the
// arguments of the trainer that it launches: run_clm.py and TrainingArguments of transformers v4.50 to v4.57.
#include <fmt/format.h>

#include <cmath>

#include "interop/frameworks.hpp"
#include "interop/launch/formats.hpp"
#include "interop/launch/hf_trainer.hpp"
#include "interop/launch/hf_write.hpp"
#include "interop/launch/shell.hpp"

namespace scaleplan::interop {
namespace {

constexpr std::string_view versions = "v1.10 to v1.14";

const Row rows[] = {{"parallelism_config.parallelism_config_tp_size", "layout.tp", 1},
                    {"parallelism_config.parallelism_config_cp_size", "layout.cp", 1}};

constexpr std::string_view harmless[] = {"compute_environment ",
                                         "debug ",
                                         "downcast_bf16 ",
                                         "enable_cpu_affinity ",
                                         "machine_rank ",
                                         "main_",
                                         "rdzv_backend ",
                                         "same_network ",
                                         "tpu_",
                                         "use_cpu ",
                                         "gpu_ids ",
                                         "num_machines ",
                                         "num_processes ",
                                         "commands",
                                         "command_file ",
                                         "fsdp_config.fsdp_auto_wrap_policy ",
                                         "fsdp_config.fsdp_backward_prefetch",
                                         "fsdp_config.fsdp_cpu_ram",
                                         "fsdp_config.fsdp_state_dict_type ",
                                         "fsdp_config.fsdp_sync_module_states ",
                                         "fsdp_config.fsdp_use_orig_params ",
                                         "fsdp_config.fsdp_transformer_layer",
                                         "fsdp_config.fsdp_forward_prefetch ",
                                         "fsdp_config.fsdp_version ",
                                         "fsdp_config.fsdp_min_num_params ",
                                         "parallelism_config.parallelism_config_cp_",
                                         "fp8_config.",
                                         "parallelism_config.parallelism_config_sp_"};

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

void read_devices_of(Settings& settings, Draft& draft) {
  const Setting* said = settings.take("num_processes");
  const auto devices = settings.whole("num_processes", -1);
  if (devices && *devices > 0) {
    draft.set("devices", *devices, said->place);
  } else {
    draft.leave_replicas_open();
  }
}

// FULL_SHARD, SHARD_GRAD_OP and NO_SHARD of FSDP 1, HYBRID_ ones within a machine; true and false of FSDP 2.
void read_fsdp(Settings& settings, Draft& draft, bool on, const Place& place) {
  const Setting* strategy_said = settings.take("fsdp_config.fsdp_sharding_strategy");
  const Setting* reshard_said = settings.take("fsdp_config.fsdp_reshard_after_forward");
  std::string strategy = lower(settings.word("fsdp_config.fsdp_sharding_strategy").value_or("full_shard"));
  if (strategy_said == nullptr && reshard_said != nullptr) {
    const std::string reshard = lower(text_of(reshard_said->value));
    strategy = reshard == "false" ? "shard_grad_op" : reshard == "true" ? "full_shard" : reshard;
  }
  const Place at = strategy_said != nullptr  ? strategy_said->place
                   : reshard_said != nullptr ? reshard_said->place
                                             : place;
  const bool hybrid = strategy.starts_with("hybrid");
  const int zero = strategy == "no_shard"                                            ? 0
                   : strategy == "shard_grad_op" || strategy == "hybrid_shard_zero2" ? 2
                                                                                     : 3;
  const Setting* copies_said = settings.take("parallelism_config.parallelism_config_dp_replicate_size");
  const std::int64_t copies =
      settings.whole("parallelism_config.parallelism_config_dp_replicate_size").value_or(1);
  const auto shards = settings.whole("parallelism_config.parallelism_config_dp_shard_size");
  draft.set("layout.zero", on ? zero : 0, at);
  if (!on) return;
  const std::int64_t machines = settings.whole("num_machines").value_or(1);
  const std::int64_t devices = draft.whole("devices", 0);
  const std::int64_t cp = draft.whole("layout.cp", 1);
  if (hybrid && machines > 1 && devices % machines == 0) {
    draft.set("layout.zero_group", devices / machines, at);
  } else if (copies > 1 && shards) {
    draft.set("layout.zero_group", *shards * cp, copies_said->place);
  }
  const Setting* again = settings.take("fsdp_config.fsdp_activation_checkpointing");
  if (settings.flag("fsdp_config.fsdp_activation_checkpointing").value_or(false)) {
    draft.set("layout.recompute", "full", again->place);
  }
  const Setting* offload = settings.take("fsdp_config.fsdp_offload_params");
  if (settings.flag("fsdp_config.fsdp_offload_params").value_or(false)) {
    draft.notice("fsdp_offload_params is not modelled; states are counted on the device", offload->place);
  }
}

void read_kind(Settings& settings, Draft& draft, const std::string& file) {
  const Setting* said = settings.take("distributed_type");
  const std::string kind = settings.word("distributed_type").value_or("NO");
  const Place place = said != nullptr ? said->place : Place{file, 0, 0, ""};
  if (kind == "DEEPSPEED" || kind == "MEGATRON_LM" || kind == "XLA" || kind == "TP") {
    settings.fail(
        said != nullptr ? *said : Setting{}, fmt::format("distributed_type {} is not read here", kind),
        kind == "DEEPSPEED" ? "give the deepspeed_config_file itself" : "FSDP and MULTI_GPU are read");
    return;
  }
  draft.set("engine", "fsdp", place);
  read_fsdp(settings, draft, kind == "FSDP", place);
}

void read_precision(Settings& settings, Draft& draft) {
  const Setting* said = settings.take("mixed_precision");
  const std::string type = settings.word("mixed_precision").value_or("no");
  if (type == "bf16" || type == "fp16" || type == "fp8") {
    draft.set("precision", type, said->place);
  } else {
    draft.assume("precision", "fp32", "no mixed_precision");
  }
}

void read_config(Settings& settings, Draft& draft, const std::string& file) {
  read_devices_of(settings, draft);
  read_rows(rows, settings, draft, "accelerate's default");
  read_kind(settings, draft, file);
  read_precision(settings, draft);
  note_strangers(settings, harmless, draft);
}

bool recognises(std::string_view text) {
  return text.find("accelerate launch") != std::string_view::npos ||
         (text.find("distributed_type:") != std::string_view::npos &&
          text.find(": ") != std::string_view::npos);
}

// The configuration that a script launches with, which it names or overrides by options of the same names.
Result<Settings> launched(Settings& script, const std::string& file, const ProposalSources& sources) {
  const Setting* named = script.take("config-file");
  if (named == nullptr) {
    return error("accelerate launch names no --config_file",
                 "give the configuration itself, or name it in the script", {file, 0, 0, ""});
  }
  const std::string path = text_of(named->value);
  const Result<std::string> text =
      sources.open ? sources.open(path) : Result<std::string>(error("files cannot be read here"));
  if (!text) {
    Diagnostics errors = text.errors();
    for (Diagnostic& each : errors) each.place = named->place;
    return errors;
  }
  return yaml_settings(*text, path);
}

Result<model::Proposal> read(const std::string& text, const std::string& file,
                             const ProposalSources& sources) {
  Draft draft;
  read_labels(text, file, draft);
  if (text.find("accelerate launch") == std::string::npos) {
    Result<Settings> config = yaml_settings(text, file);
    if (!config) return config.errors();
    read_config(*config, draft, file);
    if (!config->errors().empty()) return config->errors();
    return draft.finish(file);
  }
  Result<Settings> script = shell_settings(text, file);
  if (!script) return script.errors();
  Result<Settings> config = launched(*script, file, sources);
  if (!config) return config.errors();
  read_config(*config, draft, file);
  read_hf_trainer(*script, draft, sources);
  Diagnostics errors = config->errors();
  errors.insert(errors.end(), script->errors().begin(), script->errors().end());
  if (!errors.empty()) return errors;
  return draft.finish(file);
}

void write_fsdp(Outgoing& out, Arguments& config) {
  const model::Layout& layout = *out.proposal().layout;
  for (const char* path : {"layout.dp", "layout.zero_group"}) out.take(path);
  if (layout.zero != 1) out.take("layout.zero");
  const bool sharded = layout.zero >= 2;
  config.add("distributed_type", sharded ? "FSDP" : "MULTI_GPU");
  if (!sharded) return;
  config.add("fsdp_config.fsdp_version", 2);
  config.add("fsdp_config.fsdp_reshard_after_forward", layout.zero == 3);
  config.add("fsdp_config.fsdp_auto_wrap_policy", "TRANSFORMER_BASED_WRAP");
  config.add("fsdp_config.fsdp_state_dict_type", "SHARDED_STATE_DICT");
  if (layout.recompute == model::Recompute::full) {
    out.take("layout.recompute");
    config.add("fsdp_config.fsdp_activation_checkpointing", true);
  }
  const std::int64_t group = layout.state_group();
  if (group % layout.cp != 0 || layout.dp * layout.cp % group != 0) {
    out.fail(fmt::format("states cannot be shared by {} of {} x {}", group, layout.dp, layout.cp));
    return;
  }
  if (group < layout.dp * layout.cp || layout.tp > 1 || layout.cp > 1) {
    config.add("parallelism_config.parallelism_config_dp_replicate_size", layout.dp * layout.cp / group);
    config.add("parallelism_config.parallelism_config_dp_shard_size", group / layout.cp);
  }
}

void write_config(Outgoing& out, Arguments& config) {
  config.add("compute_environment", "LOCAL_MACHINE");
  write_fsdp(out, config);
  config.add_rows(rows, out);
  const json::Value said = out.need("devices");
  const auto devices = said.is_number() ? static_cast<std::int64_t>(said.number()) : 1;
  const std::int64_t machines = devices % 8 == 0 ? devices / 8 : 1;
  config.add("num_machines", machines);
  config.add("num_processes", devices);
  config.add("rdzv_backend", machines > 1 ? "c10d" : "static");
  const json::Value precision = out.need("precision");
  const std::string type = precision.is_string() ? precision.string() : "bf16";
  if (type == "fp4") out.fail("cannot be told precision fp4");
  config.add("mixed_precision", type == "fp32" ? "no" : type);
}

Result<std::vector<LaunchFile>> write(const model::Proposal& proposal) {
  Outgoing out(proposal, "accelerate");
  const std::string head = labels(out, "#");
  out.need("layout");
  if (!proposal.layout) return out.finish();
  out.take("layout");
  Arguments config;
  write_config(out, config);
  LaunchFile model = hf_config_file(out);
  const Steps steps = take_steps(out);
  const std::string trainer = hf_trainer_arguments(out, steps);
  if (Diagnostics errors = out.finish(); !errors.empty()) return errors;
  const std::string script =
      "#!/bin/bash\n" + head +
      fmt::format("# For accelerate {} and run_clm.py of transformers: ./train.sh --train_file …\n",
                  versions) +
      rounding_note(out, steps) + "set -euo pipefail\n\n" + trainer +
      "\naccelerate launch --config_file accelerate.yaml --machine_rank \"${NODE_RANK:-0}\" \\\n"
      "    --main_process_ip \"${MASTER_ADDR:-localhost}\" --main_process_port \"${MASTER_PORT:-29500}\" \\\n"
      "    run_clm.py \"${TRAINER_ARGS[@]}\" \"$@\"\n";
  return std::vector<LaunchFile>{
      {"train.sh", script}, {"accelerate.yaml", head + config.as_yaml()}, std::move(model)};
}

}  // namespace

const FrameworkFiles& accelerate_framework() {
  static const FrameworkFiles files{{"accelerate", "Hugging Face accelerate", versions, true, true,
                                     "YAML of `accelerate config`, scripts that launch with it"},
                                    recognises,
                                    read,
                                    write};
  return files;
}

}  // namespace scaleplan::interop
