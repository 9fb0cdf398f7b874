#pragma once

#include <map>
#include <string>
#include <string_view>

#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::training {

/// A calibrated constant: its estimate and the standard error of its logarithm.
struct Factor {
  double value = 1;
  double log_se = 0;
};

/// The physical constants of the step-time and memory models: share/scaleplan/calibrations, schema
/// scaleplan/calibration/1. A device family without its own constant takes the pooled one, and says so.
/// Names in `factors`:
///   fp8, fp4             multiplications over their own peak, relative to 16-bit ones
///   short_k              K at which prologue and epilogue double a multiplication
///   attention_cudnn      cuDNN and FlashAttention 3 over FlashAttention 2
///   elementwise(_fused, _tpu)  memory traffic of norms, activations, residuals over the least: eager, in
///                        compiled or hand-written kernels, by XLA
///   moe_gemm             experts' multiplications over dense ones of their size
///   link, nic            share of nominal rates that collectives reach
///   ring_step_s          seconds of a ring step and bucket
///   fsdp_overlap, dp_overlap   share of the traffic hidden behind computation
///   p2p_exposed          share of pipeline messages not hidden
///   scale_loss           loss for each doubling of devices beyond eight
///   deepspeed_compute, deepspeed_reduction   Megatron-DeepSpeed: time over Megatron's
///   site                 step time of one's own stack over the model's, from own runs
struct Efficiency {
  std::string id;
  std::map<std::string, Factor, std::less<>> gemm;       ///< by family or "pooled": main-loop share of peak
  std::map<std::string, Factor, std::less<>> attention;  ///< by family or "pooled": flash, of 16-bit peak
  std::map<std::string, Factor, std::less<>> factors;    ///< the others by name
  double between_sources = 0;  ///< sd of ln(measured / predicted) between stacks and clusters
  double within_source = 0;    ///< sd within one
  double moe_sd = 0;           ///< of ln(measured / predicted) for mixtures of experts

  /// The value; an unknown name is a programming error.
  [[nodiscard]] double factor(std::string_view name) const;
  /// True when the family has constants of its own.
  [[nodiscard]] bool knows(std::string_view family) const { return gemm.contains(family); }
};

/// A calibration of kind "training"; another kind, an absent or a non-positive constant is an error.
Result<Efficiency> read_efficiency(const json::Document& document);
json::Value to_json(const Efficiency& efficiency);
/// The shipped calibration that is in force unless another is named.
Result<Efficiency> default_efficiency(const json::Catalogue& catalogue);

}  // namespace scaleplan::training
