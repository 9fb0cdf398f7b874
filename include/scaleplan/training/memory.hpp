#pragma once

#include <cstdint>

#include "scaleplan/model/layout.hpp"
#include "scaleplan/training/job.hpp"

namespace scaleplan::training {

/// Bytes of model states per parameter, before they are shared among replicas. Sources: ZeRO
/// (arXiv:1910.02054 section 3), Megatron-LM docs/user-guide/features/dist_optimizer.md; DeepSpeed with fp16
/// holds 20 bytes of sharded states (ZeRO-Infinity, arXiv:2104.07857, and the BLOOM tuning runs); FSDP and
/// XLA keep weights and gradients in fp32. Optimisers other than AdamW: moments by their papers plus the fp32
/// master copy, which weights of fp32 and `adamw_bf16` do not need.
struct StateBytes {
  double weights = 2;
  double gradients = 4;
  double optimizer = 12;         ///< master copy and moments of matrices in layers
  double optimizer_tables = 12;  ///< the same of embeddings (Muon leaves them to AdamW)
};
StateBytes state_bytes(Precision precision, Optimizer optimizer, Engine engine, double gradient_bytes);
/// Bytes of an optimiser's moments per parameter, without the master copy.
double moment_bytes(Optimizer optimizer);

/// Bytes of one device of one pipeline stage at its peak.
struct StageMemory {
  double weights = 0;
  double gradients = 0;
  double optimizer = 0;
  double activations = 0;  ///< kept for the backward pass by all micro-batches in flight
  double working = 0;      ///< gathered layers, live recomputed layer, communication buffers
  double logits = 0;
  double host = 0;  ///< offloaded states; not in the total
  [[nodiscard]] double states() const { return weights + gradients + optimizer; }
  [[nodiscard]] double total() const { return states() + activations + working + logits; }
};

/// Three readings of the worst stage, which published figures mix up: what the framework's allocator holds,
/// what it has reserved, what the driver shows; and the figure to gate on, which is at no measurement with a
/// known micro-batch more than 5 % below. Each is states + factor · the rest + context; factors and contexts
/// were chosen on 12 readings of torchtitan (reserved) and 60 of the BLOOM tuning runs (driver).
/// Regime: transformers in 16-bit activations; experts visited evenly; no activation offload.
struct Memory {
  StageMemory worst;
  std::int64_t worst_stage = 0;
  double allocated = 0;
  double reserved = 0;
  double driver = 0;
  double safe = 0;
  double host = 0;  ///< offloaded bytes per device
};

/// The layout must be legal for the job (layouts.hpp).
Memory memory(const Job& job, const model::Layout& layout);

/// Parameters that one device of the stage holds before states are sharded over replicas.
double parameters_per_device(const model::Shape& shape, const model::Layout& layout, std::int64_t stage);

/// Bytes of a full checkpoint (16-bit weights, master copy, moments) of the whole model.
double checkpoint_bytes(const model::Shape& shape, Optimizer optimizer);

}  // namespace scaleplan::training
