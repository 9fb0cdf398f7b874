#include <algorithm>

#include "training/memory_model.hpp"

namespace scaleplan::training {
namespace {

double real(std::int64_t n) {
  return static_cast<double>(n);
}

}  // namespace

double moment_bytes(Optimizer optimizer) {
  switch (optimizer) {
    case Optimizer::adamw:
      return 8;
    case Optimizer::adamw_8bit:
      return 2;
    case Optimizer::adamw_bf16:
      return 4;
    case Optimizer::adafactor:
      return 0;  // rows and columns of the second moment: negligible
    case Optimizer::lion:
    case Optimizer::sgd:
    case Optimizer::muon:
      return 4;
  }
  return 8;
}

StateBytes state_bytes(Precision precision, Optimizer optimizer, Engine engine, double gradient_bytes) {
  const bool own_fp32 = engine == Engine::fsdp || engine == Engine::xla;
  const bool fp32 = precision == Precision::fp32 || own_fp32;
  const bool deepspeed_fp16 = precision == Precision::fp16 &&
                              (engine == Engine::megatron_deepspeed || engine == Engine::deepspeed_zero3);
  StateBytes bytes;
  bytes.weights = fp32 ? 4 : 2;
  bytes.gradients = fp32 ? 4 : gradient_bytes;
  const bool master = !fp32 && optimizer != Optimizer::adamw_bf16;
  double beside_moments = master ? 4 : 0;
  if (deepspeed_fp16) {
    // fp32 copies of gradients; ZeRO-1 of Megatron-DeepSpeed showed another 4 bytes (BLOOM, zero 0 against 1)
    beside_moments += engine == Engine::megatron_deepspeed ? 8 : 4;
  }
  bytes.optimizer = beside_moments + moment_bytes(optimizer);
  bytes.optimizer_tables =
      beside_moments + moment_bytes(optimizer == Optimizer::muon ? Optimizer::adamw : optimizer);
  return bytes;
}

StageLayers stage_layers(std::int64_t layers, std::int64_t stages, std::int64_t stage) {
  const std::int64_t each = layers / stages;
  const std::int64_t more = layers % stages;
  const std::int64_t first = stage * each + std::min(stage, more);
  return {first, first + each + (stage < more ? 1 : 0)};
}

Weights::Weights(const model::Shape& shape)
    : table(real(shape.vocabulary * shape.hidden + shape.positions * shape.hidden)),
      head(real(shape.vocabulary * shape.hidden)),
      tied(shape.tied),
      layers(shape.layers),
      first_experts(shape.layers),
      period(std::max<std::int64_t>(1, shape.experts.period)) {
  const model::Experts& e = shape.experts;
  const double matrices = shape.gated ? 3 : 2;
  const double h = real(shape.hidden);
  ffn = matrices * h * real(shape.ffn);
  if (e.experts > 1) {
    first_experts = e.dense_layers;
    experts = matrices * h * real(e.expert_ffn) * real(e.experts);
    router_shared = matrices * h * real(e.shared_ffn) + h * real(e.experts);
  }
  const double with_experts = real(expert_layers(layers));
  const double networks = with_experts * (experts + router_shared) + (real(layers) - with_experts) * ffn;
  common = (real(model::count_parameters(shape).non_embedding) - networks) / real(layers);
}

std::int64_t Weights::expert_layers(std::int64_t first_layers) const {
  return std::max<std::int64_t>(0, first_layers - first_experts) / period;
}

DeviceParameters device_parameters(const Weights& w, const model::Layout& layout, std::int64_t stage) {
  const auto [first, end] = stage_layers(w.layers, layout.pp, stage);
  const double t = real(layout.tp);
  const double with_experts = real(w.expert_layers(end) - w.expert_layers(first));
  const double dense = real(end - first) - with_experts;
  DeviceParameters out;
  out.layers = (real(end - first) * w.common + dense * w.ffn + with_experts * w.router_shared) / t;
  out.experts = with_experts * w.experts / real(layout.ep);
  const bool last = stage == layout.pp - 1;
  if (stage == 0) out.tables += w.table / t;
  if (last && !(w.tied && stage == 0)) out.tables += w.head / t;  // a tied head is a copy on another stage
  return out;
}

double parameters_per_device(const model::Shape& shape, const model::Layout& layout, std::int64_t stage) {
  return device_parameters(Weights(shape), layout, stage).total();
}

double checkpoint_bytes(const model::Shape& shape, Optimizer optimizer) {
  const StateBytes bytes = state_bytes(Precision::bf16, optimizer, Engine::megatron, 4);
  const model::Parameters p = model::count_parameters(shape);
  return real(p.non_embedding) * (bytes.weights + bytes.optimizer) +
         real(p.embedding) * (bytes.weights + bytes.optimizer_tables);
}

}  // namespace scaleplan::training
