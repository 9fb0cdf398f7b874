#include <cmath>

#include "scaleplan/num/statistics.hpp"
#include "scaleplan/training/layouts.hpp"
#include "training/memory_model.hpp"

namespace scaleplan::training {

namespace {

// Layers like StepTime::layer: all of a dense model, those with experts of a mixture.
double layers_of_kind(const model::Shape& shape) {
  const Weights weights(shape);
  const std::int64_t experts = weights.expert_layers(weights.layers);
  return static_cast<double>(experts > 0 ? experts : weights.layers);
}

}  // namespace

void set_level(RankedLayout& ranked, double level) {
  StepTime& time = ranked.time;
  const double sd = std::log(time.interval_high_s / time.step_s) / num::normal_quantile(0.95);
  const double factor = std::exp(num::normal_quantile((1 + level) / 2) * sd);
  time.interval_low_s = time.step_s / factor;
  time.interval_high_s = time.step_s * factor;
}

std::vector<Part> time_parts(const Job& job, const RankedLayout& ranked) {
  const StepTime& time = ranked.time;
  const LayerTime& layer = time.layer;
  const double m = time.micro_batches;
  const double stages = static_cast<double>(ranked.layout.pp);
  const double layers = m * layers_of_kind(job.shape) / stages;
  const double known = layers * layer.total() + m * time.head_s / stages;
  const double unscaled = m * (time.stage_s + time.p2p_s) + time.bubble_s + time.dp_s + time.optimizer_s;
  return {{"gemm", "matrix multiplications", layers * layer.gemm_s},
          {"attention", "core attention", layers * layer.attention_s},
          {"elementwise", "norms, activation functions, residuals", layers * layer.elementwise_s},
          {"head", "output head and loss", m * time.head_s / stages},
          {"tensor_parallel", "tensor-parallel traffic", layers * layer.tp_s},
          {"context_parallel", "context-parallel traffic", layers * layer.cp_s},
          {"expert_parallel", "expert-parallel traffic", layers * layer.ep_s},
          {"weight_gathers", "ZeRO-3 traffic", layers * layer.fsdp_s},
          {"gradient_sums", "gradients added up in memory", layers * layer.accumulate_s},
          {"imbalance", "stages that wait for the slowest, and dense layers of a mixture",
           m * time.stage_s - known},
          {"pipeline_messages", "messages between stages", m * time.p2p_s},
          {"bubble", "pipeline fill and drain", time.bubble_s},
          {"gradient_reduction", "gradient traffic", time.dp_s},
          {"optimizer", "optimiser step", time.optimizer_s},
          {"scale_loss", "loss with the number of devices, and of one's own stack", time.step_s - unscaled}};
}

std::vector<Part> memory_parts(const Memory& memory) {
  const StageMemory& stage = memory.worst;
  return {{"weights", "weights", stage.weights},
          {"gradients", "gradients", stage.gradients},
          {"optimizer", "master weights and moments", stage.optimizer},
          {"activations", "activations kept for the backward pass", stage.activations},
          {"working", "gathered weights, live layer, buffers", stage.working},
          {"logits", "logits and loss", stage.logits}};
}

}  // namespace scaleplan::training
