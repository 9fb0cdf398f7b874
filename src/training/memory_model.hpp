#pragma once

#include <cstdint>
#include <vector>

#include "scaleplan/training/memory.hpp"

namespace scaleplan::training {

/// Layers [first, end) of a pipeline stage; the first layers % pp stages have one more.
struct StageLayers {
  std::int64_t first = 0;
  std::int64_t end = 0;
};
StageLayers stage_layers(std::int64_t layers, std::int64_t stages, std::int64_t stage);

/// Parameters of the model by how they are cut.
struct Weights {
  explicit Weights(const model::Shape& shape);

  /// Layers with experts among the first `layers`.
  [[nodiscard]] std::int64_t expert_layers(std::int64_t layers) const;

  double common = 0;         ///< of any layer: attention and norms
  double ffn = 0;            ///< dense feed-forward network
  double router_shared = 0;  ///< router and shared expert
  double experts = 0;        ///< all routed experts of one layer
  double table = 0;          ///< input embedding
  double head = 0;           ///< output matrix
  bool tied = false;
  std::int64_t layers = 0;
  std::int64_t first_experts = 0;  ///< layers before the first with experts; `layers` when there are none
  std::int64_t period = 1;
};

/// What one device of a stage holds before sharding over replicas.
struct DeviceParameters {
  double layers = 0;  ///< dense parts
  double experts = 0;
  double tables = 0;  ///< embedding and head
  [[nodiscard]] double total() const { return layers + experts + tables; }
};
DeviceParameters device_parameters(const Weights& weights, const model::Layout& layout, std::int64_t stage);

/// Bytes of one layer's activations for one micro-batch.
struct LayerActivations {
  double kept = 0;  ///< from forward to backward
  double live = 0;  ///< more, while the layer is recomputed
};

/// The memory of one job under any layout, without repeated work. States depend on the cut and on ZeRO only,
/// activations on everything else, so that a search makes each once and adds them up.
class MemoryModel {
 public:
  /// `job` must outlive the model.
  explicit MemoryModel(const Job& job);

  [[nodiscard]] Memory operator()(const model::Layout& layout) const;

  /// The stages of such a pipeline of which one holds most.
  [[nodiscard]] std::vector<std::int64_t> stages(std::int64_t pp) const;
  /// Weights, gradients, optimiser states, and what is gathered and bucketed of them.
  [[nodiscard]] StageMemory states(const model::Layout& layout, std::int64_t stage) const;
  /// Activations, logits, and buffers of their size.
  [[nodiscard]] StageMemory activations(const model::Layout& layout, std::int64_t stage) const;
  /// Micro-batches whose activations the stage holds at once, at most.
  [[nodiscard]] double in_flight(const model::Layout& layout, std::int64_t stage) const;

 private:
  [[nodiscard]] LayerActivations layer(const model::Layout& layout, double tokens, bool experts) const;
  [[nodiscard]] double gathered(const model::Layout& layout, const DeviceParameters& device) const;

  const Job* job_;
  Weights weights_;
  StateBytes bytes_;
  bool fp32_weights_;
};

StageMemory operator+(const StageMemory& states, const StageMemory& activations);
/// The figure to gate on, of one stage.
double safe_bytes(const StageMemory& stage);

}  // namespace scaleplan::training
