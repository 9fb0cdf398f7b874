#include "scaleplan/training/memory.hpp"

#include <algorithm>
#include <utility>

#include "training/memory_model.hpp"

namespace scaleplan::training {
namespace {

/// reading = states + factor · (everything else) + context
struct Reading {
  double factor;
  double context;  ///< bytes: device context, communicators, library workspaces
};
constexpr Reading reserved_reading{1.02, 0.5e9};
constexpr Reading driver_reading{1.15, 4e9};
constexpr Reading safe_reading{1.2, 5e9};

constexpr double bucket_parameters = 4e7;  // of gradients reduced in one call (Megatron-LM's least)

double read(const StageMemory& stage, const Reading& reading) {
  return stage.states() + reading.factor * (stage.total() - stage.states()) + reading.context;
}

double real(std::int64_t n) {
  return static_cast<double>(n);
}

}  // namespace

double safe_bytes(const StageMemory& stage) {
  return read(stage, safe_reading);
}

StageMemory operator+(const StageMemory& states, const StageMemory& activations) {
  StageMemory out = states;
  out.activations = activations.activations;
  out.working += activations.working;
  out.logits = activations.logits;
  return out;
}

MemoryModel::MemoryModel(const Job& job)
    : job_(&job),
      weights_(job.shape),
      bytes_(state_bytes(job.precision, job.optimizer, job.engine, job.gradient_bytes)),
      fp32_weights_(job.engine == Engine::fsdp || job.engine == Engine::xla) {
  const MemoryEffects& effects = job.memory_effects;
  bytes_.weights *= effects.weights * effects.all;
  bytes_.gradients *= effects.all;
  if (effects.moment_bytes) {
    const double saved = moment_bytes(job.optimizer) - *effects.moment_bytes;
    bytes_.optimizer -= saved;
    bytes_.optimizer_tables -= saved;
  }
  bytes_.optimizer *= effects.all;
  bytes_.optimizer_tables *= effects.all;
}

// later stages hold fewer micro-batches and no more layers: beside the first, only the last and, with
// experts, those up to the first that has nothing else can hold most
std::vector<std::int64_t> MemoryModel::stages(std::int64_t pp) const {
  std::vector<std::int64_t> out;
  for (std::int64_t stage = 0; stage < pp - 1; ++stage) {
    out.push_back(stage);
    const bool experts_alone =
        weights_.period == 1 && stage_layers(weights_.layers, pp, stage).first >= weights_.first_experts;
    if (experts_alone || weights_.first_experts == weights_.layers) break;
  }
  out.push_back(pp - 1);
  return out;
}

// 16-bit weights that ZeRO-3 gathers: two layers and the tables; inside a pipeline the whole stage stays
// gathered, with its gradients
double MemoryModel::gathered(const model::Layout& layout, const DeviceParameters& device) const {
  if (layout.zero == 3 && layout.pp > 1) return (2 + bytes_.gradients) * device.total();
  if (layout.zero == 3 && job_->reshard) {
    const bool experts = weights_.first_experts < weights_.layers;
    const double network = experts ? weights_.router_shared : weights_.ffn;
    const double layer =
        (weights_.common + network) / real(layout.tp) + (experts ? weights_.experts / real(layout.ep) : 0);
    return 2 * (2 * layer + device.tables);
  }
  const bool kept_whole = layout.zero == 3 || (layout.zero == 2 && fp32_weights_);
  return kept_whole ? 2 * device.total() : 0;
}

StageMemory MemoryModel::states(const model::Layout& layout, std::int64_t stage) const {
  const DeviceParameters device = device_parameters(weights_, layout, stage);
  const double group = real(layout.state_group());
  const double expert_group = std::max(1.0, group * real(layout.tp) / real(layout.ep));
  const double dense = device.layers + device.tables;
  const auto held = [&](bool sharded) {
    return sharded ? dense / group + device.experts / expert_group : device.total();
  };
  const bool sharded = layout.zero >= 1;
  StageMemory out;
  out.weights = bytes_.weights * held(layout.zero == 3 || (layout.zero == 2 && fp32_weights_));
  out.gradients = bytes_.gradients * held(layout.zero >= 2);
  out.optimizer = bytes_.optimizer * held(sharded) +
                  (bytes_.optimizer_tables - bytes_.optimizer) * device.tables / (sharded ? group : 1);
  if (job_->offload_optimizer) std::swap(out.host, out.optimizer);
  out.working = gathered(layout, device);
  if (layout.dp * layout.cp > 1 && layout.zero < 3) {
    out.working += bytes_.gradients * std::min(device.total(), bucket_parameters);
  }
  return out;
}

Memory MemoryModel::operator()(const model::Layout& layout) const {
  Memory out;
  for (const std::int64_t stage : stages(layout.pp)) {
    const StageMemory here = states(layout, stage) + activations(layout, stage);
    if (here.total() > out.worst.total()) {
      out.worst = here;
      out.worst_stage = stage;
    }
    out.reserved = std::max(out.reserved, read(here, reserved_reading));
    out.driver = std::max(out.driver, read(here, driver_reading));
    out.safe = std::max(out.safe, safe_bytes(here));
    out.host = std::max(out.host, here.host);
  }
  out.allocated = out.worst.total();
  return out;
}

Memory memory(const Job& job, const model::Layout& layout) {
  return MemoryModel(job)(layout);
}

}  // namespace scaleplan::training
