#pragma once

#include "scaleplan/economy/power.hpp"
#include "scaleplan/serving/efficiency.hpp"
#include "scaleplan/serving/replica.hpp"

namespace scaleplan::serving {

/// Most prompt tokens of one pass, and most sequences that one rank decodes together.
inline constexpr double chunk_tokens = 8192;
inline constexpr double rank_sequences = 2048;

/// One sequence: tokens in and out, means over sequences. `cached` of the input are found in the prefix cache
/// and not computed; `shared` of it are in the cache once for many sequences.
struct Request {
  double input = 0;
  double output = 0;
  double cached = 0;
  double shared = 0;
  double output_cv2 = 0;  ///< squared coefficient of variation of output lengths

  [[nodiscard]] double computed() const { return input - cached; }
  /// Of a sequence met while it is decoded: long answers are met more often.
  [[nodiscard]] double mean_context() const { return input + output * (1 + output_cv2) / 2; }
};

/// Seconds of the matrices of one pass over the whole depth, per device.
struct Pass {
  double dense_compute = 0;
  double dense_read = 0;
  double expert_compute = 0;
  double expert_read = 0;
  double link = 0;
  [[nodiscard]] double total() const {
    return dense_compute + dense_read + expert_compute + expert_read + link;
  }
};

/// Seconds of one decode step, no prefill in it.
struct DecodeStep {
  Pass pass;
  double attention = 0;  ///< reading keys and values
  double layers = 0;     ///< launches and small kernels
  double sequences = 0;  ///< host time
  [[nodiscard]] double total() const { return pass.total() + attention + layers + sequences; }
};

/// What a batch of a replica in steady state costs: `step` + `prefill` is the mean time per output token.
struct MeanStep {
  DecodeStep step;
  double prefill = 0;  ///< share of a step that chunks of new prompts take
  double tokens_per_pass = 1;
  [[nodiscard]] double total() const { return (step.total() + prefill) / tokens_per_pass; }
};

/// Time model of one replica with one calibration: the terms of a roofline (compute, weights, cache, links)
/// with fixed costs per layer, pass and sequence, added up: kernels of a pass follow each other. Batches are
/// sequences per replica and need not be whole. With stages, the batch is cut into as many groups, which
/// fill the pipeline; a token still passes the whole depth.
class Clock {
 public:
  Clock(const Replica& replica, const Constants& constants) : replica_(&replica), constants_(&constants) {}

  /// `tokens` in one pass of a replica.
  [[nodiscard]] Pass pass(double tokens) const;
  [[nodiscard]] DecodeStep decode(double batch, double context) const;
  [[nodiscard]] MeanStep mean(double batch, const Request& request) const;
  /// `prompts` prefilled together with nothing else running; the wait for a batch's first tokens.
  [[nodiscard]] double prefill(double prompts, const Request& request) const;
  /// Sequences that fit; below 1 when not even one does.
  [[nodiscard]] double batch_limit(const Request& request) const;
  /// Achieved over peak of one device at a mean step of `step_s`; compute of generation alone.
  [[nodiscard]] economy::Utilisation utilisation(double batch, const Request& request, double step_s) const;

 private:
  [[nodiscard]] double prompt_attention(const Request& request) const;
  [[nodiscard]] double overhead() const;
  [[nodiscard]] double expert_hit(double tokens) const;
  [[nodiscard]] double gemm_share(Compute compute) const;

  const Replica* replica_;
  const Constants* constants_;
};

/// The bare roofline with data-sheet peaks: no decode step, mean step or prefill can be faster.
double roofline_step(const Replica& replica, double batch, const Request& request);
double roofline_prefill(const Replica& replica, double prompts, const Request& request);

}  // namespace scaleplan::serving
