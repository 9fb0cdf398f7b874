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
  double fsdp_s = 0;  ///< exposed gathers and scatters of ZeRO-3
  [[nodiscard]] double total() const {
    return gemm_s + attention_s + elementwise_s + tp_s + cp_s + ep_s + fsdp_s;
  }
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
  double scale = 1;  ///< loss with the number of devices
  double tokens_per_s = 0;
  double mfu = 0;             ///< exact model FLOP over the dense peak of the multiplication type
  double interval_low_s = 0;  ///< of the step time at 90 %, by the calibration's spread
  double interval_high_s = 0;
};

/// Pure and deterministic. The layout must be legal for the job (layouts.hpp).
StepTime step_time(const Job& job, const model::Layout& layout, const Efficiency& efficiency);

/// Seconds of a matrix multiplication (M, K)·(K, N) with tile and wave quantisation and short-K loss.
struct Gemm {
  double m = 0;
  double n = 0;
  double k = 0;
};
double gemm_seconds(const Gemm& gemm, const hardware::Machine& machine, Precision precision,
                    const Efficiency& efficiency);

}  // namespace scaleplan::training
