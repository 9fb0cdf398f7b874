#include "interop/launch/megatron_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace scaleplan::interop::megatron_run {
namespace {

const Row run_rows[] = {
    {"seq-length", "sequence_length"}, {"lr", "learning_rate"}, {"weight-decay", "weight_decay", 0.01}};

struct Name {
  std::string_view theirs;
  std::string_view ours;
};
constexpr Name optimizers[] = {
    {"adam", "adamw"}, {"sgd", "sgd"}, {"muon", "muon"}, {"dist_muon", "muon"}, {"lion", "lion"}};
constexpr Name schedules[] = {
    {"constant", "constant"}, {"linear", "linear"}, {"cosine", "cosine"}, {"WSD", "wsd"}};

std::string_view ours(std::span<const Name> names, std::string_view theirs) {
  for (const Name& each : names) {
    if (each.theirs == theirs) return each.ours;
  }
  return {};
}

std::string_view theirs(std::span<const Name> names, std::string_view our) {
  for (const Name& each : names) {
    if (each.ours == our) return each.theirs;
  }
  return {};
}

void read_precision(Settings& settings, Draft& draft) {
  const Setting* bf16 = settings.take("bf16");
  const Setting* fp16 = settings.take("fp16");
  const bool brain = settings.flag("bf16").value_or(false);
  const bool half = settings.flag("fp16").value_or(false);
  if (brain && half) {
    settings.fail(*fp16, fmt::format("fp16 beside bf16 in line {}", bf16->place.line), "keep one of them");
  }
  for (const auto& [key, type] : {Name{"fp8-format", "fp8"}, Name{"fp4-format", "fp4"}}) {
    if (const Setting* format = settings.take(key)) {
      if (!settings.word(key).value_or("").empty()) draft.set("precision", type, format->place);
    }
  }
  if (draft.has("precision")) return;
  if (brain || half) {
    draft.set("precision", brain ? "bf16" : "fp16", brain ? bf16->place : fp16->place);
  } else {
    draft.assume("precision", "fp32", "neither --bf16 nor --fp16");
  }
}

void read_optimizer(Settings& settings, Draft& draft, std::string_view reason) {
  const Setting* said = settings.take("optimizer");
  const std::string name = settings.word("optimizer").value_or("adam");
  const std::string_view our = ours(optimizers, name);
  if (said != nullptr && our.empty()) {
    settings.fail(*said, fmt::format("optimizer {} is not modelled", name),
                  "modelled are adam, sgd, muon and lion");
  } else if (said != nullptr) {
    draft.set("optimizer", our, said->place);
  } else {
    draft.assume("optimizer", our, fmt::format("{} of optimizer", reason));
  }
}

// A length in steps that may be said in iterations or in samples.
struct Length {
  const Setting* setting = nullptr;
  double steps = 0;
};

Length read_length(Settings& settings, const std::string& name, double batch) {
  const Setting* iterations = settings.take(name + "-iters");
  const Setting* samples = settings.take(name + "-samples");
  const auto by_step = settings.number(name + "-iters");
  const auto by_sample = settings.number(name + "-samples");
  if (by_step && by_sample && *by_step != 0 && *by_sample != 0) {
    settings.fail(*samples,
                  fmt::format("{0}-samples beside {0}-iters in line {1}", name, iterations->place.line),
                  "keep one of them");
  }
  if (by_sample && *by_sample > 0 && batch > 0) return {samples, *by_sample / batch};
  if (by_step && *by_step > 0) return {iterations, *by_step};
  return {};
}

double read_warmup(Settings& settings, double batch, double decay_steps) {
  const Length warmup = read_length(settings, "lr-warmup", batch);
  const Setting* fraction = settings.take("lr-warmup-fraction");
  const auto share = settings.number("lr-warmup-fraction");
  if (!share) return warmup.steps;
  if (warmup.setting != nullptr) {
    settings.fail(*fraction,
                  fmt::format("lr-warmup-fraction beside {} in line {}", warmup.setting->key,
                              warmup.setting->place.line),
                  "keep one of them");
  }
  return *share * decay_steps;
}

void read_schedule(Settings& settings, Draft& draft, const Length& train, double batch,
                   std::string_view reason) {
  const Setting* style = settings.take("lr-decay-style");
  const std::string name = settings.word("lr-decay-style").value_or("linear");
  const std::string_view kind = ours(schedules, name);
  const Length decay = read_length(settings, "lr-decay", batch);
  const double decay_steps = decay.setting != nullptr ? decay.steps : train.steps;
  const double warmup = read_warmup(settings, batch, decay_steps);
  const Length cooldown = read_length(settings, "lr-wsd-decay", batch);
  settings.take("lr-wsd-decay-style");
  const Setting* least = settings.take("min-lr");
  const auto floor = settings.number("min-lr");
  if (kind.empty()) {
    draft.notice(fmt::format("lr-decay-style {} is not modelled", name), style->place);
    return;
  }
  if (decay.setting != nullptr && train.steps > 0 && std::abs(decay_steps / train.steps - 1) > 0.01) {
    draft.notice("the learning rate does not end its decay with the run; counted as if it did",
                 decay.setting->place);
  }
  if (style != nullptr) {
    draft.set("schedule.kind", kind, style->place);
  } else {
    draft.assume("schedule.kind", kind, fmt::format("{} of lr-decay-style", reason));
  }
  const Place place = style != nullptr ? style->place : Place{};
  const double step_tokens = batch * draft.number("sequence_length").value_or(0);
  draft.set("schedule.warmup_tokens", warmup * step_tokens, place);
  const auto peak = draft.number("learning_rate");
  if (floor && peak && *peak > 0 && kind != "constant") {
    draft.set("schedule.final_fraction", rounded(*floor / *peak), least->place);
  }
  if (kind == "wsd" && cooldown.setting != nullptr && train.steps > 0) {
    draft.set("schedule.cooldown_fraction", std::min(1.0, cooldown.steps / train.steps),
              cooldown.setting->place);
  }
}

void write_precision(Outgoing& out, Arguments& arguments) {
  const json::Value need = out.need("precision");
  const std::string type = need.is_string() ? need.string() : "bf16";
  if (type == "bf16" || type == "fp8" || type == "fp4") arguments.add("bf16");
  if (type == "fp16") arguments.add("fp16");
  if (type == "fp8") arguments.add("fp8-format", "hybrid");
  if (type == "fp4") arguments.add("fp4-format", "e2m1");
}

void write_schedule(Outgoing& out, const Steps& steps, Arguments& arguments) {
  arguments.add("train-iters", steps.all);
  const auto kind = out.take("schedule.kind");
  if (!kind) return;
  const std::string_view style = theirs(schedules, kind->string());
  arguments.add("lr-decay-style", style);
  arguments.add("lr-decay-iters", steps.all);
  arguments.add("lr-warmup-iters", steps.warmup);
  const auto final_fraction = out.take("schedule.final_fraction");
  if (final_fraction && out.proposal().learning_rate) {
    arguments.add("min-lr", rounded(final_fraction->number() * *out.proposal().learning_rate));
  }
  if (style == "WSD") {
    arguments.add("lr-wsd-decay-iters", steps.cooldown);
    arguments.add("lr-wsd-decay-style", "linear");
  }
}

}  // namespace

void read(Settings& settings, Draft& draft, std::string_view reason) {
  read_rows(run_rows, settings, draft, reason);
  const Setting* global = settings.take("global-batch-size");
  auto batch = settings.whole("global-batch-size");
  const auto length = draft.number("sequence_length");
  const std::int64_t replica =
      draft.whole("layout.tp", 1) * draft.whole("layout.pp", 1) * draft.whole("layout.cp", 1);
  const std::int64_t devices = draft.whole("devices", 0);
  if (!batch && global == nullptr && devices > 0 && replica > 0 && length) {
    batch = draft.whole("layout.micro_batch", 1) * devices / replica;
    draft.assume("batch_tokens", static_cast<double>(*batch) * *length,
                 "no global-batch-size: one micro-batch of each replica");
  } else if (batch && length) {
    draft.set("batch_tokens", static_cast<double>(*batch) * *length, global->place);
  }
  const auto sequences = static_cast<double>(batch.value_or(0));
  const Length train = read_length(settings, "train", sequences);
  if (train.setting != nullptr && length && sequences > 0) {
    draft.set("tokens", train.steps * sequences * *length, train.setting->place);
  }
  read_schedule(settings, draft, train, sequences, reason);
  read_precision(settings, draft);
  read_optimizer(settings, draft, reason);
}

void write(Outgoing& out, const Steps& steps, Arguments& arguments) {
  arguments.add("global-batch-size", steps.batch);
  out.need("learning_rate");
  arguments.add_rows(run_rows, out);
  write_schedule(out, steps, arguments);
  if (const auto optimizer = out.take("optimizer")) {
    const std::string_view name = theirs(optimizers, optimizer->string());
    if (name.empty()) out.fail(fmt::format("has no optimizer {}", optimizer->string()));
    arguments.add("optimizer", name);
  }
  write_precision(out, arguments);
}

}  // namespace scaleplan::interop::megatron_run
