// Keys of torchtitan's TOML: torchtitan/config/job_config.py of v0.2.0 to v0.2.2 (later versions are
// configured in Python). A flavor that is not one of torchtitan's own is told by the config.json among its
// hf_assets_path.
#include <fmt/format.h>

#include "interop/frameworks.hpp"
#include "interop/launch/arguments.hpp"
#include "interop/launch/formats.hpp"
#include "interop/launch/hf_write.hpp"
#include "interop/launch/torchrun.hpp"
#include "interop/launch/torchtitan.hpp"

namespace scaleplan::interop {
namespace {

constexpr std::string_view versions = "v0.2.0 to v0.2.2";
constexpr std::string_view reason = "torchtitan's default";

const Row rows[] = {{"training.seq_len", "sequence_length", 2048},
                    {"optimizer.lr", "learning_rate", 8e-4},
                    {"optimizer.weight_decay", "weight_decay", 0.1},
                    {"parallelism.tensor_parallel_degree", "layout.tp", 1},
                    {"parallelism.pipeline_parallel_degree", "layout.pp", 1},
                    {"parallelism.context_parallel_degree", "layout.cp", 1},
                    {"parallelism.expert_parallel_degree", "layout.ep", 1}};

void read_model(Settings& settings, Draft& draft, const ProposalSources& sources) {
  const Setting* said = settings.take("model.flavor");
  const Setting* assets = settings.take("model.hf_assets_path");
  const std::string name = settings.word("model.name").value_or("llama3");
  const std::string flavor = settings.word("model.flavor").value_or("debugmodel");
  const Place place = said != nullptr ? said->place : Place{};
  if (const auto known = find_flavor(name, flavor, sources.catalogue)) return draft.shape(*known, place);
  if (assets == nullptr) {
    draft.notice(fmt::format("the shape of {} {} is not known here", name, flavor), place);
    return;
  }
  config_beside(text_of(assets->value), place, sources, draft, settings.errors());
}

void read_replicas(Settings& settings, Draft& draft) {
  const Setting* copies_said = settings.take("parallelism.data_parallel_replicate_degree");
  const Setting* shards_said = settings.take("parallelism.data_parallel_shard_degree");
  const std::int64_t copies = settings.whole("parallelism.data_parallel_replicate_degree").value_or(1);
  const std::int64_t shards = settings.whole("parallelism.data_parallel_shard_degree", -1).value_or(-1);
  const Setting* reshard_said = settings.take("parallelism.fsdp_reshard_after_forward");
  const std::string reshard = settings.word("parallelism.fsdp_reshard_after_forward").value_or("default");
  const bool stages = draft.whole("layout.pp", 1) > 1;
  const int sharded = reshard == "never" || (reshard == "default" && stages) ? 2 : 3;
  const std::int64_t cp = draft.whole("layout.cp", 1);
  const Place place = shards_said != nullptr ? shards_said->place : Place{};
  if (shards < 1) {
    if (copies > 1) {
      settings.fail(*copies_said, "replicas of shards need data_parallel_shard_degree",
                    "say it, so that the number of devices follows");
    }
    draft.leave_replicas_open();
    draft.set("layout.zero", sharded, reshard_said != nullptr ? reshard_said->place : place);
    return;
  }
  const std::int64_t group = shards * cp;
  draft.set("layout.dp", copies * shards, place);
  draft.set("layout.zero", group > 1 ? sharded : 0, place);
  if (group > 1 && copies > 1) draft.set("layout.zero_group", group, place);
}

void read_stages(Settings& settings, Draft& draft) {
  const Setting* said = settings.take("parallelism.pipeline_parallel_schedule");
  const std::string schedule = settings.word("parallelism.pipeline_parallel_schedule").value_or("1F1B");
  const Setting* depth = settings.take("parallelism.pipeline_parallel_layers_per_stage");
  const auto layers = settings.whole("parallelism.pipeline_parallel_layers_per_stage");
  const std::int64_t first =
      settings.whole("parallelism.pipeline_parallel_first_stage_less_layers", 0).value_or(1);
  const std::int64_t last =
      settings.whole("parallelism.pipeline_parallel_last_stage_less_layers", 0).value_or(1);
  const std::int64_t stages = draft.whole("layout.pp", 1);
  if (stages == 1) return;
  const bool single = schedule == "1F1B" || schedule == "GPipe";
  if (schedule != "1F1B" && schedule != "Interleaved1F1B") {
    draft.notice(
        fmt::format("pipeline schedule {} is counted as 1F1B{}", schedule, single ? "" : ", interleaved"),
        said->place);
  }
  if (single) return;
  const auto shape = draft.known_shape();
  if (layers && shape && (shape->layers + first + last + *layers - 1) / *layers % stages == 0) {
    draft.set("layout.interleave", (shape->layers + first + last + *layers - 1) / *layers / stages,
              depth->place);
  } else if (layers && shape) {
    settings.fail(*depth,
                  fmt::format("{} layers in pieces of {} are no whole number of pieces for each of {} stages",
                              shape->layers, *layers, stages));
  } else {
    draft.assume("layout.interleave", 2, "two virtual stages for looped schedules");
  }
}

void read_batch(Settings& settings, Draft& draft) {
  const Setting* local_said = settings.take("training.local_batch_size");
  const Setting* global_said = settings.take("training.global_batch_size");
  const Setting* piece_said = settings.take("parallelism.pipeline_parallel_microbatch_size");
  const std::int64_t local = settings.whole("training.local_batch_size").value_or(8);
  const std::int64_t global = settings.whole("training.global_batch_size", -1).value_or(-1);
  const std::int64_t piece = settings.whole("parallelism.pipeline_parallel_microbatch_size").value_or(1);
  const bool stages = draft.whole("layout.pp", 1) > 1;
  const Setting* said = stages ? piece_said : local_said;
  if (said != nullptr) {
    draft.set("layout.micro_batch", stages ? piece : local, said->place);
  } else {
    draft.assume("layout.micro_batch", stages ? piece : local, "torchtitan's default batch of a device");
  }
  const double length = draft.number("sequence_length").value_or(0);
  const std::int64_t dp = draft.whole("layout.dp", 0);
  if (global > 0) {
    draft.set("batch_tokens", static_cast<double>(global) * length, global_said->place);
  } else if (dp > 0) {
    draft.assume("batch_tokens", static_cast<double>(local * dp) * length,
                 "no global_batch_size: one local batch each");
  }
  const Setting* steps_said = settings.take("training.steps");
  const std::int64_t steps = settings.whole("training.steps").value_or(10000);
  const double batch = draft.number("batch_tokens").value_or(0);
  if (batch <= 0) return;
  if (steps_said != nullptr) {
    draft.set("tokens", static_cast<double>(steps) * batch, steps_said->place);
  } else {
    draft.assume("tokens", static_cast<double>(steps) * batch, "torchtitan's default of training.steps");
  }
}

void read_schedule(Settings& settings, Draft& draft) {
  const Setting* ratio_said = settings.take("lr_scheduler.decay_ratio");
  const Setting* type_said = settings.take("lr_scheduler.decay_type");
  const Setting* warmup_said = settings.take("lr_scheduler.warmup_steps");
  const Setting* floor_said = settings.take("lr_scheduler.min_lr_factor");
  const auto ratio = settings.number("lr_scheduler.decay_ratio");
  const std::string type = settings.word("lr_scheduler.decay_type").value_or("linear");
  const double warmup = settings.number("lr_scheduler.warmup_steps").value_or(200);
  const double floor = settings.number("lr_scheduler.min_lr_factor").value_or(0);
  const Setting* said = ratio_said != nullptr ? ratio_said : type_said != nullptr ? type_said : warmup_said;
  if (!ratio && type == "sqrt") {
    draft.notice("decay_type sqrt without decay_ratio is not modelled", type_said->place);
    return;
  }
  const char* kind = ratio ? (*ratio == 0 ? "constant" : "wsd") : type == "cosine" ? "cosine" : "linear";
  const Place place = said != nullptr ? said->place : Place{};
  if (said != nullptr) {
    draft.set("schedule.kind", kind, place);
  } else {
    draft.assume("schedule.kind", kind, fmt::format("{} of lr_scheduler", reason));
  }
  draft.set("schedule.warmup_tokens", warmup * draft.number("batch_tokens").value_or(0),
            warmup_said != nullptr ? warmup_said->place : place);
  if (ratio && *ratio > 0) draft.set("schedule.cooldown_fraction", *ratio, place);
  if (floor_said != nullptr) draft.set("schedule.final_fraction", floor, floor_said->place);
}

void read_recompute(Settings& settings, Draft& draft) {
  const Setting* said = settings.take("activation_checkpoint.mode");
  const Setting* option_said = settings.take("activation_checkpoint.selective_ac_option");
  settings.take("activation_checkpoint.memory_budget");
  const std::string mode = settings.word("activation_checkpoint.mode").value_or("selective");
  const std::string option = settings.word("activation_checkpoint.selective_ac_option").value_or("2");
  const Place place = said != nullptr ? said->place : Place{};
  const bool every_layer = mode == "full" || (mode == "selective" && option == "1");
  const std::string kind = mode == "none" ? "none" : every_layer ? "full" : "operators";
  if (said != nullptr) {
    draft.set("layout.recompute", kind, place);
  } else {
    draft.assume("layout.recompute", kind, fmt::format("{}: every second layer", reason));
  }
  const bool layers = mode == "selective" && option != "op" && !every_layer;
  if (said != nullptr && (layers || mode == "memory_budget")) {
    draft.notice(mode == "memory_budget"
                     ? "a memory budget is counted as recomputing about half of the operators"
                     : "recomputing every so many layers is counted as about half of the operators",
                 option_said != nullptr ? option_said->place : place);
  }
}

void read_precision(Settings& settings, Draft& draft) {
  const Setting* converters = settings.take("model.converters");
  const Setting* param = settings.take("training.mixed_precision_param");
  const Setting* all = settings.take("training.dtype");
  const std::string listed = converters == nullptr ? "" : text_of(converters->value);
  if (listed.find("float8") != std::string::npos || listed.find(".mx") != std::string::npos ||
      listed.find("\"mx") != std::string::npos) {
    draft.set("precision", "fp8", converters->place);
  } else if (param != nullptr) {
    draft.set("precision", text_of(param->value) == "float32" ? "fp32" : "bf16", param->place);
  } else {
    draft.assume("precision", "bf16", fmt::format("{} of training.mixed_precision_param", reason));
  }
  if (all != nullptr && text_of(all->value) == "bfloat16") {
    draft.notice("training.dtype bfloat16 keeps no fp32 weights; they are counted", all->place);
  }
}

void read_optimizer(Settings& settings, Draft& draft) {
  const Setting* said = settings.take("optimizer.name");
  const std::string name = settings.word("optimizer.name").value_or("AdamW");
  if (name != "AdamW" && name != "Adam") {
    settings.fail(*said, fmt::format("optimizer {} is not modelled", name), "torchtitan has Adam and AdamW");
  } else if (said != nullptr) {
    draft.set("optimizer", "adamw", said->place);
  } else {
    draft.assume("optimizer", "adamw", fmt::format("{} of optimizer.name", reason));
  }
}

void read_tensor_parallel(Settings& settings, Draft& draft) {
  if (draft.whole("layout.tp", 1) > 1) {
    draft.fill("layout.sequence_parallel", true);  // torchtitan's tensor parallelism includes it
  }
  const Setting* said = settings.take("parallelism.expert_tensor_parallel_degree");
  if (said != nullptr && settings.whole("parallelism.expert_tensor_parallel_degree").value_or(1) > 1) {
    draft.notice("experts cut by tensor parallelism are counted whole", said->place);
  }
  for (const std::string_view key : torchtitan_switches()) {
    const Setting* on = settings.take(key);
    if (on != nullptr && settings.flag(key).value_or(false)) {
      draft.notice(fmt::format("{} is not modelled", key), on->place);
    }
  }
}

bool recognises(std::string_view text) {
  const auto table = [&](std::string_view name) {
    const std::size_t at = text.find(name);
    return at != std::string_view::npos && (at == 0 || text[at - 1] == '\n');
  };
  return (table("[training]") || table("[parallelism]")) &&
         (table("[model]") || table("[job]") || table("[optimizer]") || table("[lr_scheduler]"));
}

Result<model::Proposal> read(const std::string& text, const std::string& file,
                             const ProposalSources& sources) {
  Result<Settings> found = toml_settings(text, file);
  if (!found) return found.errors();
  Settings& settings = *found;
  for (const std::string_view key : torchtitan_refused()) {
    if (const Setting* said = settings.take(key)) {
      settings.fail(*said, fmt::format("{} is of torchtitan before v0.2.0", key),
                    fmt::format("this reads torchtitan {}", versions));
    }
  }
  Draft draft;
  draft.set("engine", "fsdp", {file, 0, 0, ""});
  read_labels(text, file, draft);
  read_rows(rows, settings, draft, reason);
  read_model(settings, draft, sources);
  read_replicas(settings, draft);
  read_stages(settings, draft);
  read_batch(settings, draft);
  read_schedule(settings, draft);
  read_recompute(settings, draft);
  read_precision(settings, draft);
  read_optimizer(settings, draft);
  read_tensor_parallel(settings, draft);
  note_strangers(settings, torchtitan_harmless(), draft);
  if (!settings.errors().empty()) return settings.errors();
  return draft.finish(file);
}

void write_replicas(Outgoing& out, Arguments& arguments) {
  const model::Layout& layout = *out.proposal().layout;
  for (const char* path : {"layout.dp", "layout.zero_group"}) out.take(path);
  if (layout.zero != 1) out.take("layout.zero");
  const std::int64_t group = layout.zero == 0 ? 1 : layout.state_group();
  if ((layout.zero == 0 && layout.cp > 1) || group % layout.cp != 0 || layout.dp * layout.cp % group != 0) {
    out.fail(fmt::format("states are shared by all of a context-parallel group of {}, not by {}", layout.cp,
                         group));
    return;
  }
  arguments.add("parallelism.data_parallel_replicate_degree", layout.dp * layout.cp / group);
  arguments.add("parallelism.data_parallel_shard_degree", group / layout.cp);
  arguments.add("parallelism.fsdp_reshard_after_forward", layout.zero == 2 ? "never" : "always");
}

void write_stages(Outgoing& out, const Steps& steps, Arguments& arguments) {
  const model::Layout& layout = *out.proposal().layout;
  for (const char* path : {"layout.micro_batch", "layout.interleave"}) out.take(path);
  arguments.add("training.global_batch_size", steps.batch);
  if (layout.pp == 1) {
    arguments.add("training.local_batch_size", layout.micro_batch);
    return;
  }
  arguments.add("training.local_batch_size", layout.micro_batch * steps.accumulation);
  arguments.add("parallelism.pipeline_parallel_microbatch_size", layout.micro_batch);
  arguments.add("parallelism.pipeline_parallel_schedule", layout.interleave > 1 ? "Interleaved1F1B" : "1F1B");
  arguments.add("parallelism.pipeline_parallel_first_stage_less_layers", 0);
  arguments.add("parallelism.pipeline_parallel_last_stage_less_layers", 0);
  const std::int64_t pieces = layout.pp * layout.interleave;
  const std::int64_t layers = out.proposal().shape ? out.proposal().shape->layers : pieces;
  if (layers % pieces != 0) {
    out.fail(fmt::format("{} layers are no multiple of {} pipeline stages", layers, pieces));
  } else if (layout.interleave > 1) {
    arguments.add("parallelism.pipeline_parallel_layers_per_stage", layers / pieces);
  }
}

void write_schedule(Outgoing& out, const Steps& steps, Arguments& arguments) {
  arguments.add("training.steps", steps.all);
  const auto kind = out.take("schedule.kind");
  if (!kind) return;
  arguments.add("lr_scheduler.warmup_steps", steps.warmup);
  const auto cooldown = out.take("schedule.cooldown_fraction");
  if (kind->string() == "wsd" && !cooldown) out.fail("a wsd schedule needs its cooldown_fraction");
  if (kind->string() == "wsd" && cooldown) arguments.add("lr_scheduler.decay_ratio", *cooldown);
  if (kind->string() == "constant") arguments.add("lr_scheduler.decay_ratio", 0.0);
  arguments.add("lr_scheduler.decay_type", kind->string() == "cosine" ? "cosine" : "linear");
  if (const auto floor = out.take("schedule.final_fraction"))
    arguments.add("lr_scheduler.min_lr_factor", *floor);
}

void write_layout(Outgoing& out, const Steps& steps, Arguments& arguments) {
  const model::Layout& layout = *out.proposal().layout;
  write_replicas(out, arguments);
  write_stages(out, steps, arguments);
  if (layout.tp > 1 && !layout.sequence_parallel) {
    out.fail("tensor parallelism includes sequence parallelism", "set layout.sequence_parallel");
  } else {
    out.take("layout.sequence_parallel");
  }
  if (layout.recompute == model::Recompute::selective) return;  // stays, and is named
  out.take("layout.recompute");
  const bool chosen = layout.recompute == model::Recompute::operators;
  arguments.add("activation_checkpoint.mode", chosen ? "selective" : model::recompute_name(layout.recompute));
  if (chosen) arguments.add("activation_checkpoint.selective_ac_option", "op");
}

void write_precision(Outgoing& out, Arguments& arguments) {
  const json::Value need = out.need("precision");
  const std::string type = need.is_string() ? need.string() : "bf16";
  if (type != "bf16" && type != "fp8" && type != "fp32")
    out.fail(fmt::format("cannot be told precision {}", type));
  arguments.add("training.mixed_precision_param", type == "fp32" ? "float32" : "bfloat16");
  if (type != "fp8") return;
  arguments.add("model.converters", json::Array{"quantize.linear.float8"});
  arguments.add("quantize.linear.float8.filter_fqns", json::Array{"output"});
}

Result<std::vector<LaunchFile>> write(const model::Proposal& proposal) {
  Outgoing out(proposal, "torchtitan");
  const std::string head = labels(out, "#");
  out.need("layout");
  if (!proposal.layout) return out.finish();
  out.take("layout");
  Arguments arguments;
  std::vector<LaunchFile> files{{"config.toml", ""}};
  write_flavor(out, arguments, files);
  const Steps steps = take_steps(out);
  arguments.add_rows(rows, out);
  write_layout(out, steps, arguments);
  write_schedule(out, steps, arguments);
  write_precision(out, arguments);
  if (const auto optimizer = out.take("optimizer")) {
    if (optimizer->string() != "adamw") out.fail(fmt::format("has no optimizer {}", optimizer->string()));
    arguments.add("optimizer.name", "AdamW");
  }
  const std::string distributed = torchrun_arguments(out);
  if (Diagnostics errors = out.finish(); !errors.empty()) return errors;
  files.front().text = head + fmt::format("# For torchtitan {}.\n", versions) + rounding_note(out, steps) +
                       "\n" + arguments.as_toml();
  files.push_back({"run.sh", "#!/bin/bash\n" + head + "set -euo pipefail\n\n" + distributed +
                                 "\nPYTHONPATH=. torchrun \"${DISTRIBUTED_ARGS[@]}\" -m torchtitan.train "
                                 "--job.config_file config.toml \"$@\"\n"});
  return files;
}

}  // namespace

const FrameworkFiles& torchtitan_framework() {
  static const FrameworkFiles files{
      {"torchtitan", "torchtitan", versions, true, true, "TOML"}, recognises, read, write};
  return files;
}

}  // namespace scaleplan::interop
