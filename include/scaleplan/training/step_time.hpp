#pragma once

#include "scaleplan/base/quantity.hpp"
#include "scaleplan/model/layout.hpp"
#include "scaleplan/training/efficiency.hpp"
#include "scaleplan/training/job.hpp"

namespace scaleplan::training {

/// Seconds of one layer and micro-batch, forward, backward and recomputation.
struct LayerTime {
  double gemm_s = 0;
  double attention_s = 0;
  double elementwise_s = 0;
  double tp_s = 0;
  double cp_s = 0;
  double ep_s = 0;
  double fsdp_s = 0;        ///< exposed gathers and scatters of ZeRO-3
  double accumulate_s = 0;  ///< gradients of the micro-batch added to those before
  [[nodiscard]] double compute() const { return gemm_s + attention_s + elementwise_s; }
  [[nodiscard]] double total() const { return compute() + tp_s + cp_s + ep_s + fsdp_s + accumulate_s; }
};

/// What a micro-batch costs, whatever pp, dp, ZeRO and interleaving are: depends on tp, cp, ep, micro_batch,
/// recompute and sequence_parallel alone, so that a search makes it once for each of these.
struct MicroBatchTime {
  LayerTime dense;    ///< of a layer with a dense feed-forward network
  LayerTime experts;  ///< of a layer with experts
  double head_s = 0;  ///< output head and loss, forward and backward
};

/// One optimiser step: step_s = scale · (micro_batches · (stage_s + p2p_s) + bubble_s + dp_s + optimizer_s).
struct StepTime {
  double step_s = 0;
  double micro_batches = 0;
  LayerTime layer;      ///< of a dense layer, or of an expert layer where the model has any
  double head_s = 0;    ///< per micro-batch, on the last stage
  double stage_s = 0;   ///< slowest stage per micro-batch
  double p2p_s = 0;     ///< exposed, per micro-batch
  double bubble_s = 0;  ///< fill and drain
  double dp_s = 0;      ///< exposed gradient reduction
  double optimizer_s = 0;
  double scale = 1;  ///< loss with the number of devices, and of one's own stack
  double tokens_per_s = 0;
  double mfu = 0;             ///< exact model FLOP over the dense peak of the multiplication type
  double interval_low_s = 0;  ///< of the step time at 90 %, by the calibration's spread
  double interval_high_s = 0;
};

/// The device's rates for one job, with the calibration applied: what `Efficiency` looks up by name, once.
struct Rates {
  double peak = 0;       ///< 16-bit FLOP/s of multiplications
  double peak_type = 0;  ///< of the job's type
  double peak_fp32 = 0;
  double flash = 0;   ///< FLOP/s of fused attention
  double memory = 0;  ///< bytes/s
  double short_k = 0;
  double elementwise = 0;
  double compute = 1;  ///< time of computation over the model's (Megatron-DeepSpeed)
  double moe = 1;
  int multiprocessors = 0;
};

/// The step-time model of one job. Valid for transformer decoders on one machine of equal devices, dense or
/// with evenly routed experts, layers all alike up to dense and expert ones; no stragglers beyond the scale
/// loss, no data loading, no checkpoints (goodput.hpp).
class StepModel {
 public:
  /// `job` must have no defect (job.hpp).
  StepModel(Job job, const Efficiency& efficiency);

  [[nodiscard]] MicroBatchTime micro_batch(const model::Layout& layout) const;
  /// Cheap: arithmetic on what `micro_batch` of the same layout gave.
  [[nodiscard]] StepTime step(const model::Layout& layout, const MicroBatchTime& times) const;
  /// No sharding of the layout takes less: the pipeline alone, without gathers, sums and the optimiser.
  [[nodiscard]] double least_step_s(const model::Layout& layout, const MicroBatchTime& times) const;
  /// Seconds of a step over those of its parts.
  [[nodiscard]] double scale() const;
  /// Another number of sequences per step; what `micro_batch` gives stays.
  void set_global_batch(std::int64_t sequences) { job_.global_batch = sequences; }
  [[nodiscard]] const Rates& rates() const { return rates_; }

 private:
  struct Traffic;

  [[nodiscard]] LayerTime layer(const model::Layout& layout, bool experts) const;
  [[nodiscard]] double context_s(const model::Layout& layout, double attention_s) const;
  [[nodiscard]] double expert_exchange_s(const model::Layout& layout) const;
  [[nodiscard]] double group_bandwidth(double ranks, double stride, int axes = 0) const;
  [[nodiscard]] Traffic traffic(const model::Layout& layout) const;
  [[nodiscard]] double gathers_s(const Traffic& traffic, double parameters, double behind_s,
                                 double micro_batches, bool latency) const;
  [[nodiscard]] double reduction_s(const model::Layout& layout, const Traffic& traffic,
                                   double behind_s) const;
  [[nodiscard]] double optimizer_s(const model::Layout& layout, const Traffic& traffic) const;
  [[nodiscard]] double micro_batches(const model::Layout& layout) const;
  void add_pipeline(const model::Layout& layout, const LayerTime& dense, const LayerTime& experts,
                    StepTime& out) const;
  [[nodiscard]] StepTime finish(StepTime parts) const;

  Job job_;
  Rates rates_;
  struct {
    double link, nic, step_s, fsdp_overlap, dp_overlap, p2p_exposed, scale_loss, reduction, site;
  } share_{};
  double model_flop_per_token_ = 0;
  double nominal_peak_ = 0;
  double spread_ = 0;  ///< of the interval: exp(1.645 sd)
};

/// Pure and deterministic. The layout must be legal for the job (layouts.hpp).
StepTime step_time(const Job& job, const model::Layout& layout, const Efficiency& efficiency);

/// Seconds of a matrix multiplication (M, K)·(K, N) with tile and wave quantisation and short-K loss.
struct Gemm {
  double m = 0;
  double n = 0;
  double k = 0;
};
double gemm_seconds(const Gemm& gemm, double peak, const Rates& rates);

}  // namespace scaleplan::training
