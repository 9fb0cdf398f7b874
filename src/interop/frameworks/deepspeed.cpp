// Keys of DeepSpeed's JSON: docs/_pages/config-json.md, runtime/config.py and runtime/lr_schedules.py of
// v0.16 to v0.18. The model is the config.json beside it. What the file has no key for (the run's name, its
// steps where no scheduler says them) stands under "scaleplan", which DeepSpeed does not look at.
#include <fmt/format.h>

#include "interop/frameworks.hpp"
#include "interop/launch/arguments.hpp"
#include "interop/launch/formats.hpp"
#include "interop/launch/hf_write.hpp"

namespace scaleplan::interop {
namespace {

constexpr std::string_view versions = "v0.16 to v0.18";

const Row rows[] = {{"optimizer.params.lr", "learning_rate"},
                    {"optimizer.params.weight_decay", "weight_decay"},
                    {"train_micro_batch_size_per_gpu", "layout.micro_batch", 1},
                    {"tensor_parallel.autotp_size", "layout.tp", 1},
                    {"sequence_parallel_size", "layout.cp", 1}};
const Row own_rows[] = {{"scaleplan.cluster", "cluster", ""},
                        {"scaleplan.sequence_length", "sequence_length"}};

struct Name {
  std::string_view theirs;
  std::string_view ours;
};
constexpr Name optimizers[] = {{"AdamW", "adamw"}, {"Adam", "adamw"}, {"FusedAdam", "adamw"},
                               {"Muon", "muon"},   {"Lion", "lion"},  {"FusedLion", "lion"},
                               {"SGD", "sgd"}};

constexpr std::string_view harmless[] = {"gradient_clipping ",
                                         "prescale_gradients ",
                                         "steps_per_print ",
                                         "wall_clock_breakdown ",
                                         "dump_state ",
                                         "train_micro_batch_size_per_gpu ",
                                         "fp16.",
                                         "bf16.",
                                         "optimizer.params.betas ",
                                         "optimizer.params.eps ",
                                         "optimizer.params.torch_adam ",
                                         "optimizer.params.adam_w_mode ",
                                         "scheduler.params.",
                                         "tensorboard.",
                                         "wandb.",
                                         "csv_monitor.",
                                         "comet.",
                                         "flops_profiler.",
                                         "comms_logger.",
                                         "checkpoint.",
                                         "data_types.",
                                         "zero_allow_untested_optimizer ",
                                         "zero_force_ds_cpu_optimizer ",
                                         "activation_checkpointing.",
                                         "zero_optimization.allgather_",
                                         "zero_optimization.reduce_",
                                         "zero_optimization.overlap_comm ",
                                         "zero_optimization.contiguous_gradients ",
                                         "zero_optimization.sub_group_size ",
                                         "zero_optimization.stage3_",
                                         "zero_optimization.round_robin_gradients ",
                                         "zero_optimization.ignore_unused_parameters ",
                                         "seed ",
                                         "data_efficiency.seed ",
                                         "scaleplan.",
                                         "train_batch_size ",
                                         "gradient_accumulation_steps ",
                                         "memory_breakdown ",
                                         "aio.",
                                         "tensor_parallel.",
                                         "zero_optimization.gather_16bit",
                                         "zero_optimization.log_trace"};

// Integrations put "auto" where they fill in a value of their own: the file does not say it.
Settings without_auto(const Settings& all) {
  Settings out;
  for (const Setting& each : all.all()) {
    if (text_of(each.value) != "auto") out.add(each);
  }
  return out;
}

void read_batch(Settings& settings, Draft& draft) {
  const Setting* all_said = settings.take("train_batch_size");
  const auto all = settings.whole("train_batch_size");
  const auto micro = settings.whole("train_micro_batch_size_per_gpu");
  const auto accumulation = settings.whole("gradient_accumulation_steps");
  if (all && micro && accumulation && *all % (*micro * *accumulation) != 0) {
    settings.fail(*all_said,
                  fmt::format("train_batch_size {} is no multiple of train_micro_batch_size_per_gpu {} x "
                              "gradient_accumulation_steps {}",
                              *all, *micro, *accumulation));
  } else if (all && micro && accumulation) {
    draft.set("layout.dp", *all / (*micro * *accumulation), all_said->place);
  } else {
    draft.leave_replicas_open();
  }
  const auto length = draft.number("sequence_length");
  if (all && length) draft.set("batch_tokens", static_cast<double>(*all) * *length, all_said->place);
}

void read_sharing(Settings& settings, Draft& draft) {
  const Setting* stage = settings.take("zero_optimization.stage");
  const std::int64_t zero = settings.whole("zero_optimization.stage", 0).value_or(0);
  if (stage != nullptr && zero > 3) settings.fail(*stage, "stage must be 0 to 3");
  if (stage != nullptr) {
    draft.set("layout.zero", zero, stage->place);
  } else {
    draft.assume("layout.zero", 0, "no zero_optimization.stage");
  }
  draft.set("engine", zero == 3 ? "deepspeed-zero3" : "megatron-deepspeed",
            stage != nullptr ? stage->place : Place{});
  const Setting* group = settings.take("zero_optimization.mics_shard_size");
  if (const auto size = settings.whole("zero_optimization.mics_shard_size", -1); size && *size > 0) {
    draft.set("layout.zero_group", *size, group->place);
  }
  for (const Setting& each : settings.all()) {
    if (each.key == "activation_checkpointing" || each.key.starts_with("activation_checkpointing.")) {
      draft.set("layout.recompute", "full", each.place);
      break;
    }
  }
  for (const char* device :
       {"zero_optimization.offload_optimizer.device", "zero_optimization.offload_param.device"}) {
    const Setting* said = settings.take(device);
    if (said != nullptr && text_of(said->value) != "none") {
      draft.notice(fmt::format("{} is not modelled; states are counted on the device", device), said->place);
    }
  }
}

void read_precision(Settings& settings, Draft& draft) {
  const Setting* brain = settings.take("bf16.enabled");
  const Setting* half = settings.take("fp16.enabled");
  const bool bf16 = settings.flag("bf16.enabled").value_or(false);
  const bool fp16 = settings.flag("fp16.enabled").value_or(false);
  if (bf16 && fp16) {
    settings.fail(*half, fmt::format("fp16 beside bf16 in line {}", brain->place.line), "keep one of them");
  } else if (bf16 || fp16) {
    draft.set("precision", bf16 ? "bf16" : "fp16", bf16 ? brain->place : half->place);
  } else {
    draft.assume("precision", "fp32", "neither bf16 nor fp16 is enabled");
  }
}

void read_optimizer(Settings& settings, Draft& draft) {
  const Setting* said = settings.take("optimizer.type");
  if (said == nullptr) return;
  for (const Name& each : optimizers) {
    if (each.theirs == text_of(said->value)) return draft.set("optimizer", each.ours, said->place);
  }
  draft.notice(fmt::format("optimizer {} is not modelled", text_of(said->value)), said->place);
}

void read_schedule(Settings& settings, Draft& draft) {
  const Setting* said = settings.take("scheduler.type");
  const Setting* total = settings.take("scheduler.params.total_num_steps");
  const Setting* own = settings.take("scaleplan.steps");
  const auto steps = total != nullptr ? settings.number(total->key) : settings.number("scaleplan.steps");
  const double batch = draft.number("batch_tokens").value_or(0);
  if (steps && batch > 0) draft.set("tokens", *steps * batch, total != nullptr ? total->place : own->place);
  if (said == nullptr) return;
  const std::string type = text_of(said->value);
  const bool cosine = type == "WarmupCosineLR";
  if (!cosine && type != "WarmupDecayLR" && type != "WarmupLR") {
    draft.notice(fmt::format("scheduler {} is not modelled", type), said->place);
    return;
  }
  draft.set("schedule.kind",
            cosine                    ? "cosine"
            : type == "WarmupDecayLR" ? "linear"
                                      : "constant",
            said->place);
  const double warmup = settings.number("scheduler.params.warmup_num_steps").value_or(1000);
  draft.set("schedule.warmup_tokens", warmup * batch, said->place);
  const Setting* least = settings.take("scheduler.params.cos_min_ratio");
  if (const auto ratio = settings.number("scheduler.params.cos_min_ratio"); ratio && cosine) {
    draft.set("schedule.final_fraction", *ratio, least->place);
  }
  const Setting* peak = settings.take("scheduler.params.warmup_max_lr");
  const auto highest = settings.number("scheduler.params.warmup_max_lr");
  const auto rate = draft.number("learning_rate");
  if (highest && rate && *highest != *rate && !cosine) {
    settings.fail(*peak,
                  fmt::format("warmup_max_lr {} is not the optimizer's lr {}", plain(*highest), plain(*rate)),
                  "make them the same");
  } else if (highest && !rate) {
    draft.set("learning_rate", *highest, peak->place);
  }
}

bool recognises(std::string_view text) {
  if (!text.starts_with('{')) return false;
  for (const std::string_view key :
       {"\"zero_optimization\"", "\"train_micro_batch_size_per_gpu\"", "\"train_batch_size\""}) {
    if (text.find(key) != std::string_view::npos) return true;
  }
  return false;
}

Result<model::Proposal> read(const std::string& text, const std::string& file,
                             const ProposalSources& sources) {
  const Result<Settings> found = json_settings(text, file);
  if (!found) return found.errors();
  Settings settings = without_auto(*found);
  for (const char* old :
       {"zero_optimization.cpu_offload", "zero_optimization.cpu_offload_params", "zero_optimization"}) {
    const Setting* said = settings.take(old);
    if (said != nullptr && !said->value.is_array()) {
      settings.fail(*said, fmt::format("{} is of DeepSpeed before v0.5", old),
                    fmt::format("this reads DeepSpeed {}", versions));
    }
  }
  Draft draft;
  read_rows(rows, settings, draft, "DeepSpeed's default");
  if (const Setting* name = settings.take("scaleplan.name")) draft.name(text_of(name->value));
  if (settings.has("scaleplan.cluster")) read_rows(std::span(own_rows).first(1), settings, draft, "");
  read_rows(std::span(own_rows).last(1), settings, draft, "");
  const auto model = config_beside("", {file, 0, 0, ""}, sources, draft, settings.errors());
  if (model && model->sequence_length > 0 && !draft.has("sequence_length")) {
    draft.assume("sequence_length", model->sequence_length, "the longest that config.json allows");
  }
  read_batch(settings, draft);
  read_sharing(settings, draft);
  read_precision(settings, draft);
  read_optimizer(settings, draft);
  read_schedule(settings, draft);
  note_strangers(settings, harmless, draft);
  if (!settings.errors().empty()) return settings.errors();
  return draft.finish(file);
}

void write_schedule(Outgoing& out, const Steps& steps, Arguments& arguments) {
  const auto kind = out.take("schedule.kind");
  const std::string name = kind ? kind->string() : "";
  if (!kind || name == "constant") arguments.add("scaleplan.steps", steps.all);
  if (!kind) return;
  if (name == "wsd") {
    out.fail("has no wsd schedule");
    return;
  }
  if (steps.warmup < 1) out.fail("schedules need a warm-up", "say schedule.warmup_tokens");
  const json::Value rate =
      out.proposal().learning_rate ? json::Value(*out.proposal().learning_rate) : json::Value(0.0);
  arguments.add("scheduler.type", name == "cosine"   ? "WarmupCosineLR"
                                  : name == "linear" ? "WarmupDecayLR"
                                                     : "WarmupLR");
  if (name != "constant") arguments.add("scheduler.params.total_num_steps", steps.all);
  arguments.add("scheduler.params.warmup_num_steps", steps.warmup);
  if (name != "cosine") arguments.add("scheduler.params.warmup_max_lr", rate);
  if (name != "cosine") return;
  if (const auto ratio = out.take("schedule.final_fraction"))
    arguments.add("scheduler.params.cos_min_ratio", *ratio);
}

void write_layout(Outgoing& out, const Steps& steps, Arguments& arguments) {
  const model::Layout& layout = *out.proposal().layout;
  for (const char* path : {"layout.dp", "layout.zero", "devices"}) out.take(path);
  arguments.add("train_batch_size", steps.batch);
  arguments.add("train_micro_batch_size_per_gpu", layout.micro_batch);
  arguments.add("gradient_accumulation_steps", steps.accumulation);
  arguments.add("zero_optimization.stage", layout.zero);
  if (const auto group = out.take("layout.zero_group"))
    arguments.add("zero_optimization.mics_shard_size", *group);
  if (layout.recompute != model::Recompute::full) return;
  out.take("layout.recompute");
  arguments.add("activation_checkpointing.partition_activations", false);
}

Result<std::vector<LaunchFile>> write(const model::Proposal& proposal) {
  Outgoing out(proposal, "DeepSpeed");
  out.need("layout");
  if (!proposal.layout) return out.finish();
  out.take("layout");
  Arguments arguments;
  if (const auto name = out.take("name")) arguments.add("scaleplan.name", *name);
  const Steps steps = take_steps(out);
  write_layout(out, steps, arguments);
  if (const auto optimizer = out.take("optimizer")) {
    std::string_view type;
    for (const Name& each : optimizers) {
      if (type.empty() && each.ours == optimizer->string()) type = each.theirs;
    }
    if (type.empty()) out.fail(fmt::format("has no optimizer {}", optimizer->string()));
    arguments.add("optimizer.type", type);
  } else {
    arguments.add("optimizer.type", "AdamW");
  }
  out.need("learning_rate");
  out.take("layout.micro_batch");
  arguments.add_rows(rows, out);
  arguments.add_rows(own_rows, out);
  write_schedule(out, steps, arguments);
  const json::Value precision = out.need("precision");
  const std::string type = precision.is_string() ? precision.string() : "bf16";
  if (type != "bf16" && type != "fp16" && type != "fp32")
    out.fail(fmt::format("cannot be told precision {}", type));
  if (type != "fp32") arguments.add(type + ".enabled", true);
  LaunchFile model = hf_config_file(out);
  if (Diagnostics errors = out.finish(); !errors.empty()) return errors;
  return std::vector<LaunchFile>{{"ds_config.json", json::write(arguments.as_json()) + "\n"},
                                 std::move(model)};
}

}  // namespace

const FrameworkFiles& deepspeed_framework() {
  static const FrameworkFiles files{
      {"deepspeed", "DeepSpeed", versions, true, true, "JSON, with the model's config.json beside it"},
      recognises,
      read,
      write};
  return files;
}

}  // namespace scaleplan::interop
