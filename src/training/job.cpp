#include "scaleplan/training/job.hpp"

#include <fmt/format.h>

#include <array>

#include "scaleplan/base/suggest.hpp"

namespace scaleplan::training {
namespace {

template <std::size_t N>
using Names = std::array<std::string_view, N>;

constexpr Names<5> precisions = {"bf16", "fp16", "fp8", "fp4", "fp32"};
constexpr Names<7> optimizers = {"adamw", "adamw-8bit", "adamw-bf16", "adafactor", "lion", "sgd", "muon"};
constexpr Names<3> kernels = {"unfused", "flash2", "cudnn"};
constexpr Names<6> engines = {"megatron", "megatron-2021",   "megatron-deepspeed",
                              "fsdp",     "deepspeed-zero3", "xla"};
constexpr Names<3> schedules = {"gpipe", "1f1b", "zero-bubble"};
constexpr Names<3> exchanges = {"ring", "all-gather", "all-to-all"};

template <class E, std::size_t N>
std::string_view name_of(const Names<N>& names, E value) {
  return names.at(static_cast<std::size_t>(value));
}

template <class E, std::size_t N>
Result<E> find(const Names<N>& names, std::string_view name, std::string_view what) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names.at(i) == name) {
      return static_cast<E>(i);
    }
  }
  const std::vector<std::string> known(names.begin(), names.end());
  std::string all;
  for (const std::string& each : known) {
    all += (all.empty() ? "" : ", ") + each;
  }
  const std::string near = did_you_mean(name, known);
  return error(fmt::format("there is no {} '{}'", what, name), near.empty() ? "one of " + all : near);
}

}  // namespace

std::string_view precision_name(Precision precision) {
  return name_of(precisions, precision);
}
std::string_view optimizer_name(Optimizer optimizer) {
  return name_of(optimizers, optimizer);
}
std::string_view attention_name(AttentionKernel kernel) {
  return name_of(kernels, kernel);
}
std::string_view engine_name(Engine engine) {
  return name_of(engines, engine);
}
std::string_view schedule_name(Schedule schedule) {
  return name_of(schedules, schedule);
}
std::string_view context_exchange_name(ContextExchange exchange) {
  return name_of(exchanges, exchange);
}

Result<Precision> find_precision(std::string_view name) {
  return find<Precision>(precisions, name, "precision");
}
Result<Optimizer> find_optimizer(std::string_view name) {
  return find<Optimizer>(optimizers, name, "optimizer");
}
Result<AttentionKernel> find_attention(std::string_view name) {
  return find<AttentionKernel>(kernels, name, "attention kernel");
}
Result<Engine> find_engine(std::string_view name) {
  return find<Engine>(engines, name, "engine");
}
Result<Schedule> find_schedule(std::string_view name) {
  return find<Schedule>(schedules, name, "pipeline schedule");
}
Result<ContextExchange> find_context_exchange(std::string_view name) {
  return find<ContextExchange>(exchanges, name, "context exchange");
}

void apply_engine_defaults(Job& job) {
  const bool core = job.engine == Engine::megatron;
  job.tp_overlap = core || job.engine == Engine::xla;
  job.p2p_overlap = core;
  job.balanced_stages = core;
  job.fused_elementwise = job.engine != Engine::fsdp;
  job.dp_overlap = job.engine != Engine::megatron_2021 && job.engine != Engine::megatron_deepspeed;
  job.scatter_gather = job.engine != Engine::megatron_deepspeed;
  job.gradient_bytes = core || job.engine == Engine::fsdp ? 4 : 2;
}

std::optional<FlopPerSecond> peak_of(const hardware::Device& device, Precision precision) {
  const auto first = [&](std::initializer_list<const char*> types) -> std::optional<FlopPerSecond> {
    for (const char* type : types) {
      if (const auto found = device.peak.find(type); found != device.peak.end()) {
        return found->second;
      }
    }
    return std::nullopt;
  };
  switch (precision) {
    case Precision::fp8:
      return first({"fp8"});
    case Precision::fp4:
      return first({"fp4"});
    case Precision::fp32:
      return first({"tf32", "fp32"});
    case Precision::fp16:
      return first({"fp16", "bf16"});
    case Precision::bf16:
      break;
  }
  return first({"bf16", "fp16"});
}

std::string defect(const Job& job) {
  if (job.sequence_length < 1 || job.global_batch < 1) {
    return "a step needs at least one sequence of one token";
  }
  for (const Precision precision : {job.precision, Precision::bf16}) {
    if (!peak_of(job.machine.device, precision)) {
      return fmt::format("device {} has no {} peak", job.machine.device.id, precision_name(precision));
    }
  }
  return model::defect(job.shape);
}

}  // namespace scaleplan::training
