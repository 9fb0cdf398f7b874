#include "cli/training_options.hpp"

#include <fmt/format.h>

#include <charconv>

#include "cli/files.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::cli {
namespace {

constexpr std::int64_t most = std::int64_t{1} << 31;

// Reads one command line; every text that does not read is an error that names its option.
class Reading {
 public:
  Reading(const Arguments& arguments, Diagnostics& errors, std::vector<report::AssumedInput>& assumed)
      : values_(arguments, errors), errors_(&errors), assumed_(&assumed) {}

  template <class T>
  void name(const std::string& option, Result<T> (*find)(std::string_view), std::string_view (*shown)(T),
            T& out, const std::string& why) {
    const std::optional<std::string> given = values_.text(option);
    if (!given) {
      assume(option, std::string(shown(out)), why);
      return;
    }
    take(option, find(*given), out);
  }

  std::vector<std::int64_t> wholes(const std::string& option, std::int64_t least = 1) {
    std::vector<std::int64_t> out;
    for (const std::string& word : words(option)) {
      std::int64_t value = 0;
      const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), value);
      if (code != std::errc{} || end != word.data() + word.size() || value < least || value > most) {
        fail(option, fmt::format("expected whole numbers from {}, got \"{}\"", least, word));
      } else {
        out.push_back(value);
      }
    }
    return out;
  }

  std::vector<model::Recompute> recomputations(const std::string& option) {
    std::vector<model::Recompute> out;
    for (const std::string& word : words(option)) {
      model::Recompute one = model::Recompute::none;
      if (take(option, model::find_recompute(word), one)) out.push_back(one);
    }
    return out;
  }

  void assume(const std::string& option, json::Value value, const std::string& why) {
    assumed_->push_back({option.substr(2), std::move(value), why});
  }

  void fail(const std::string& option, const std::string& message, std::string remedy = {}) {
    errors_->push_back(error("option '" + option + "': " + message, std::move(remedy)));
  }

  Values& values() { return values_; }

 private:
  template <class T>
  bool take(const std::string& option, const Result<T>& found, T& out) {
    if (found) {
      out = *found;
      return true;
    }
    fail(option, found.errors().front().message, found.errors().front().remedy);
    return false;
  }

  std::vector<std::string> words(const std::string& option) {
    std::vector<std::string> out;
    for (const std::string& list : values_.texts(option)) {
      std::size_t start = 0;
      while (start <= list.size()) {
        const std::size_t comma = std::min(list.find(',', start), list.size());
        out.push_back(list.substr(start, comma - start));
        start = comma + 1;
      }
    }
    return out;
  }

  Values values_;
  Diagnostics* errors_;
  std::vector<report::AssumedInput>* assumed_;
};

void read_software(Reading& reading, training::Job& job) {
  reading.name("--precision", training::find_precision, training::precision_name, job.precision,
               "usual of pre-training");
  reading.name("--optimizer", training::find_optimizer, training::optimizer_name, job.optimizer,
               "usual of pre-training");
  reading.name("--engine", training::find_engine, training::engine_name, job.engine,
               "has every kind of parallelism");
  const std::string& family = job.machine.device.family;
  const bool fused =
      job.engine == training::Engine::megatron && (family == "hopper" || family == "blackwell");
  job.attention = fused ? training::AttentionKernel::cudnn : training::AttentionKernel::flash2;
  reading.name("--attention", training::find_attention, training::attention_name, job.attention,
               fused ? "what Megatron-Core runs on such devices" : "what runs on most devices");
  reading.name("--schedule", training::find_schedule, training::schedule_name, job.schedule,
               "what frameworks run unless told otherwise");
  training::apply_engine_defaults(job);
  if (const auto bytes = reading.values().whole("--gradient-bytes", 2, 4)) {
    if (*bytes == 3) reading.fail("--gradient-bytes", "expected 2 or 4, got \"3\"");
    job.gradient_bytes = static_cast<double>(*bytes);
  } else {
    reading.assume("--gradient-bytes", job.gradient_bytes, "as the engine ships");
  }
  job.offload_optimizer = reading.values().flag("--offload-optimizer");
}

training::LayoutSpace read_space(Reading& reading) {
  training::LayoutSpace space;
  space.tp = reading.wholes("--tp");
  space.pp = reading.wholes("--pp");
  space.cp = reading.wholes("--cp");
  space.ep = reading.wholes("--ep");
  space.dp = reading.wholes("--dp");
  space.micro_batch = reading.wholes("--micro-batch");
  space.interleave = reading.wholes("--interleave");
  space.zero_group = reading.wholes("--zero-group", 0);
  for (const std::int64_t zero : reading.wholes("--zero", 0)) {
    if (zero > 3) reading.fail("--zero", fmt::format("expected 0 to 3, got \"{}\"", zero));
    space.zero.push_back(static_cast<int>(std::min<std::int64_t>(zero, 3)));
  }
  space.recompute = reading.recomputations("--recompute");
  const std::vector<std::string> switches = {"off", "on"};
  if (const auto choice = reading.values().choice("--sequence-parallel", switches)) {
    space.sequence_parallel = *choice == 1;
  }
  space.headroom = reading.values().between("--headroom", 0, 1).value_or(0);
  return space;
}

}  // namespace

std::vector<Option> training_options() {
  return {
      {"--global-batch", "", "SEQUENCES", "sequences of one optimiser step", "", false},
      {"--sequence-length", "", "TOKENS", "tokens of a sequence", "the model's own", false},
      {"--precision", "", "TYPE", "of the layers' multiplications: bf16, fp16, fp8, fp4 or fp32", "bf16",
       false},
      {"--optimizer", "", "NAME", "adamw, adamw-8bit, adamw-bf16, adafactor, lion, sgd or muon", "adamw",
       false},
      {"--engine", "", "NAME", "megatron, megatron-2021, megatron-deepspeed, fsdp, deepspeed-zero3 or xla",
       "megatron", false},
      {"--attention", "", "KERNEL", "unfused, flash2 or cudnn",
       "cudnn for Megatron on Hopper and Blackwell, else flash2", false},
      {"--schedule", "", "NAME", "of the pipeline: gpipe, 1f1b or zero-bubble", "1f1b", false},
      {"--gradient-bytes", "", "N", "of a gradient as accumulated and reduced: 2 or 4", "as the engine ships",
       false},
      {"--offload-optimizer", "", "", "keep optimiser states in host memory", "", false},
      {"--tp", "", "N,…", "tensor-parallel degrees to look at", "all", true},
      {"--pp", "", "N,…", "pipeline stages", "all", true},
      {"--cp", "", "N,…", "context-parallel degrees", "all", true},
      {"--ep", "", "N,…", "expert-parallel degrees", "all", true},
      {"--dp", "", "N,…", "data-parallel replicas", "all", true},
      {"--micro-batch", "", "N,…", "sequences of a micro-batch", "all", true},
      {"--interleave", "", "N,…", "virtual stages of a device", "all", true},
      {"--zero", "", "N,…", "ZeRO stages, 0 to 3", "all that the engine has", true},
      {"--zero-group", "", "N,…", "replicas that share states (HSDP); 0: all", "all", true},
      {"--recompute", "", "KIND,…", "none, selective, operators or full", "all that the engine has", true},
      {"--sequence-parallel", "", "on|off", "sequence parallelism beside tensor parallelism", "both", false},
      {"--headroom", "", "SHARE", "of a device's memory to keep free beside what is reserved anyway", "0",
       false},
      {"--calibration", "", "FILE", "what `scaleplan calibrate` wrote", "the shipped one", false},
  };
}

StatedJob stated_job(const model::Model& model, const ChosenCluster& cluster, const Arguments& arguments,
                     Diagnostics& errors) {
  StatedJob out;
  Reading reading(arguments, errors, out.assumed);
  training::Job& job = out.job;
  job.shape = model.shape;
  job.machine = cluster.machine;
  if (const auto batch = reading.values().whole("--global-batch", 1, most)) {
    job.global_batch = *batch;
  } else if (!reading.values().text("--global-batch")) {
    reading.fail("--global-batch", "sequences of one optimiser step are not said", "add --global-batch N");
  }
  if (const auto length = reading.values().whole("--sequence-length", 1, most)) {
    job.sequence_length = *length;
  } else if (model.sequence_length > 0) {
    job.sequence_length = model.sequence_length;
    reading.assume("--sequence-length", job.sequence_length, "the model's own");
  } else if (!reading.values().text("--sequence-length")) {
    reading.fail("--sequence-length", "the model says no length of its own", "add --sequence-length TOKENS");
  }
  read_software(reading, job);
  out.space = read_space(reading);
  if (job.shape.encoder_layers > 0) {
    errors.push_back(error("layouts of encoder–decoder models are not modelled"));
  }
  if (errors.empty()) {
    if (std::string wrong = training::defect(job); !wrong.empty()) {
      errors.push_back(error(wrong, "choose another --precision or device"));
    }
  }
  return out;
}

Result<training::Efficiency> choose_efficiency(const Arguments& arguments, Session& session) {
  const auto given = arguments.options.find("--calibration");
  if (given == arguments.options.end()) return training::default_efficiency(session.catalogue);
  const std::string& path = given->second.front();
  Result<std::string> text = read_input(path, session);
  if (!text) return text.errors();
  const Result<json::Document> document = json::parse(std::move(*text), path);
  if (!document) return document.errors();
  return training::read_efficiency(*document);
}

}  // namespace scaleplan::cli
