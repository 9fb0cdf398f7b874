#pragma once

#include <cstdint>

#include "scaleplan/model/layout.hpp"
#include "scaleplan/training/efficiency.hpp"
#include "scaleplan/training/job.hpp"

namespace scaleplan::training {

/// Bytes of one device of one pipeline stage at its peak.
struct StageMemory {
  double weights = 0;
  double gradients = 0;
  double optimizer = 0;
  double activations = 0;  ///< kept for the backward pass by all micro-batches in flight
  double working = 0;      ///< gathered layers, live recomputed layer, communication buffers
  double logits = 0;
  [[nodiscard]] double total() const {
    return weights + gradients + optimizer + activations + working + logits;
  }
};

/// Three readings of the worst stage, which published figures mix up: what the framework's allocator holds,
/// what it has reserved, what the driver shows; and the figure to gate on, which is at no measurement known
/// to us more than 5 % below.
struct Memory {
  StageMemory worst;
  std::int64_t worst_stage = 0;
  double allocated = 0;
  double reserved = 0;
  double driver = 0;
  double safe = 0;
  double host = 0;  ///< offloaded bytes per device
};

Memory memory(const Job& job, const model::Layout& layout, const Efficiency& efficiency);

/// Parameters that one device of the stage holds before states are sharded over replicas.
double parameters_per_device(const model::Shape& shape, const model::Layout& layout, std::int64_t stage);

/// Bytes of a full checkpoint (weights, master weights, moments) of the whole model.
double checkpoint_bytes(const model::Shape& shape, Optimizer optimizer);

}  // namespace scaleplan::training
