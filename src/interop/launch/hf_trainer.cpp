#include "interop/launch/hf_trainer.hpp"

#include <fmt/format.h>

namespace scaleplan::interop {
namespace {

struct Name {
  std::string_view theirs;
  std::string_view ours;
};
constexpr Name optimizers[] = {{"adamw_torch_fused", "adamw"},
                               {"adamw_torch", "adamw"},
                               {"adamw_bnb_8bit", "adamw-8bit"},
                               {"adamw_8bit", "adamw-8bit"},
                               {"adafactor", "adafactor"},
                               {"lion_32bit", "lion"},
                               {"sgd", "sgd"}};

const Row rows[] = {{"block-size", "sequence_length"},
                    {"learning-rate", "learning_rate", 5e-5},
                    {"weight-decay", "weight_decay", 0.0}};

constexpr std::string_view harmless[] = {"main-process-",
                                         "machine-rank ",
                                         "num-machines ",
                                         "num-processes ",
                                         "tokenizer-name ",
                                         "model-name-or-path ",
                                         "train-file ",
                                         "validation-",
                                         "dataset-",
                                         "do-train ",
                                         "do-eval ",
                                         "output-dir ",
                                         "overwrite-",
                                         "logging-",
                                         "save-",
                                         "eval-",
                                         "seed ",
                                         "report-to ",
                                         "bf16 ",
                                         "fp16 ",
                                         "torch-dtype ",
                                         "preprocessing-",
                                         "dataloader-",
                                         "streaming ",
                                         "gradient-checkpointing ",
                                         "gradient-checkpointing-kwargs ",
                                         "use-fast-tokenizer ",
                                         "cache-dir ",
                                         "token ",
                                         "trust-remote-code ",
                                         "low-cpu-mem-usage ",
                                         "num-train-epochs ",
                                         "adam-",
                                         "max-grad-norm ",
                                         "run-name ",
                                         "ddp-",
                                         "per-device-eval",
                                         "load-best",
                                         "resume-",
                                         "sbatch."};

struct Kwargs {
  std::optional<double> floor;
  std::optional<double> decay_steps;
};

Kwargs read_kwargs(Settings& settings) {
  const Setting* said = settings.take("lr-scheduler-kwargs");
  if (said == nullptr || !said->unresolved.empty()) return {};
  const auto document = json::parse(text_of(said->value), said->place.file);
  if (!document || !document->root().is_object()) {
    settings.fail(*said, "lr_scheduler_kwargs must be a JSON object");
    return {};
  }
  Kwargs out;
  for (const auto& [key, value] : document->root().object()) {
    if (key == "min_lr_rate" || key == "min_lr_ratio") out.floor = number_of(value);
    if (key == "num_decay_steps") out.decay_steps = number_of(value);
  }
  return out;
}

void read_schedule(Settings& settings, Draft& draft, double steps) {
  const Setting* said = settings.take("lr-scheduler-type");
  const std::string type = settings.word("lr-scheduler-type").value_or("linear");
  const Setting* warmup_said = settings.take("warmup-steps");
  const Setting* ratio_said = settings.take("warmup-ratio");
  const double ratio = settings.number("warmup-ratio").value_or(0);
  const double warmup = settings.number("warmup-steps").value_or(ratio * steps);
  const Kwargs kwargs = read_kwargs(settings);
  const char* kind = type == "linear"                                       ? "linear"
                     : type == "cosine" || type == "cosine_with_min_lr"     ? "cosine"
                     : type == "constant" || type == "constant_with_warmup" ? "constant"
                     : type == "warmup_stable_decay"                        ? "wsd"
                                                                            : "";
  if (*kind == '\0') {
    draft.notice(fmt::format("lr_scheduler_type {} is not modelled", type), said->place);
    return;
  }
  const Place place = said != nullptr ? said->place : Place{};
  if (said != nullptr) {
    draft.set("schedule.kind", kind, place);
  } else {
    draft.assume("schedule.kind", kind, "the trainer's default of lr_scheduler_type");
  }
  draft.set("schedule.warmup_tokens", warmup * draft.number("batch_tokens").value_or(0),
            warmup_said != nullptr  ? warmup_said->place
            : ratio_said != nullptr ? ratio_said->place
                                    : place);
  if (kwargs.floor && kind != std::string_view("constant"))
    draft.set("schedule.final_fraction", *kwargs.floor, place);
  if (kind == std::string_view("wsd") && kwargs.decay_steps && steps > 0) {
    draft.set("schedule.cooldown_fraction", std::min(1.0, *kwargs.decay_steps / steps), place);
  }
}

void read_batch(Settings& settings, Draft& draft) {
  const Setting* each_said = settings.take("per-device-train-batch-size");
  const std::int64_t each = settings.whole("per-device-train-batch-size").value_or(8);
  const Setting* again_said = settings.take("gradient-accumulation-steps");
  const std::int64_t accumulation = settings.whole("gradient-accumulation-steps").value_or(1);
  if (each_said != nullptr) {
    draft.set("layout.micro_batch", each, each_said->place);
  } else {
    draft.assume("layout.micro_batch", each, "the trainer's default of per_device_train_batch_size");
  }
  const std::int64_t model = draft.whole("layout.tp", 1) * draft.whole("layout.cp", 1);
  const std::int64_t devices = draft.whole("devices", 0);
  const auto length = draft.number("sequence_length");
  if (devices == 0 || model < 1 || devices % model != 0 || !length) return;
  const Setting* said = again_said != nullptr ? again_said : each_said;
  const std::int64_t replicas = devices / model;
  const double batch =
      static_cast<double>(each) * static_cast<double>(accumulation) * static_cast<double>(replicas);
  draft.set("batch_tokens", batch * *length, said != nullptr ? said->place : Place{});
}

void read_optimizer(Settings& settings, Draft& draft) {
  const Setting* said = settings.take("optim");
  const std::string name = settings.word("optim").value_or("adamw_torch");
  for (const Name& each : optimizers) {
    if (each.theirs != name) continue;
    if (said != nullptr) return draft.set("optimizer", each.ours, said->place);
    return draft.assume("optimizer", each.ours, "the trainer's default of optim");
  }
  draft.notice(fmt::format("optimizer {} is not modelled", name), said->place);
}

}  // namespace

void read_hf_trainer(Settings& settings, Draft& draft, const ProposalSources& sources) {
  const Setting* config = settings.take("config-name");
  if (config == nullptr) config = settings.take("model-name-or-path");
  if (config != nullptr)
    config_beside(text_of(config->value), config->place, sources, draft, settings.errors());
  read_rows(rows, settings, draft, "the trainer's default");
  read_batch(settings, draft);
  const Setting* again = settings.take("gradient-checkpointing");
  if (settings.flag("gradient-checkpointing").value_or(false))
    draft.set("layout.recompute", "full", again->place);
  const Setting* steps_said = settings.take("max-steps");
  const auto steps = settings.whole("max-steps", -1);
  const double batch = draft.number("batch_tokens").value_or(0);
  if (steps && *steps > 0 && batch > 0)
    draft.set("tokens", static_cast<double>(*steps) * batch, steps_said->place);
  read_schedule(settings, draft, static_cast<double>(steps.value_or(0)));
  read_optimizer(settings, draft);
  note_strangers(settings, harmless, draft);
}

std::string hf_trainer_arguments(Outgoing& out, const Steps& steps) {
  const model::Layout& layout = *out.proposal().layout;
  Arguments arguments;
  arguments.add("config_name", "config.json");
  const auto length = out.take("sequence_length");
  if (length) arguments.add("block_size", *length);
  out.take("layout.micro_batch");
  arguments.add("per_device_train_batch_size", layout.micro_batch);
  arguments.add("gradient_accumulation_steps", steps.accumulation);
  arguments.add("max_steps", steps.all);
  const json::Value rate = out.need("learning_rate");
  arguments.add("learning_rate", rate);
  if (const auto decay = out.take("weight_decay")) arguments.add("weight_decay", *decay);
  if (layout.recompute == model::Recompute::full && layout.zero < 2) {
    out.take("layout.recompute");
    arguments.add("gradient_checkpointing", "true");
  }
  if (const auto kind = out.take("schedule.kind")) {
    const std::string& name = kind->string();
    const auto floor = out.take("schedule.final_fraction");
    if (name == "linear" && floor)
      out.fail("a linear schedule ends at zero", "leave out schedule.final_fraction");
    const bool above = name == "cosine" && floor;
    arguments.add("lr_scheduler_type", name == "constant" ? "constant_with_warmup"
                                       : name == "wsd"    ? "warmup_stable_decay"
                                       : above            ? "cosine_with_min_lr"
                                                          : name);
    arguments.add("warmup_steps", steps.warmup);
    if (above)
      arguments.add("lr_scheduler_kwargs", fmt::format("{{\"min_lr_rate\": {}}}", plain(floor->number())));
    if (name == "wsd") {
      const std::string more = floor ? fmt::format(", \"min_lr_ratio\": {}", plain(floor->number())) : "";
      arguments.add("lr_scheduler_kwargs",
                    fmt::format("{{\"num_decay_steps\": {}{}}}", steps.cooldown, more));
    }
  }
  if (const auto optimizer = out.take("optimizer")) {
    std::string_view name;
    for (const Name& each : optimizers) {
      if (name.empty() && each.ours == optimizer->string()) name = each.theirs;
    }
    if (name.empty()) out.fail(fmt::format("has no optimizer {}", optimizer->string()));
    arguments.add("optim", name);
  }
  return "TRAINER_ARGS=(\n" + arguments.as_options() + ")\n";
}

}  // namespace scaleplan::interop
