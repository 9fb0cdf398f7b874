#include <algorithm>

#include "training/memory_model.hpp"

namespace scaleplan::training {
namespace {

using model::Recompute;

double real(std::int64_t n) {
  return static_cast<double>(n);
}

/// Bytes per token that a layer keeps for its backward pass, by what cuts them.
struct PerToken {
  double whole = 0;  ///< the sequence's cut
  double queries = 0;
  double keys = 0;
  double values = 0;
  double mixed = 0;    ///< output of the attention
  double core = 0;     ///< scores, or the softmax's statistics
  double network = 0;  ///< feed-forward network or shared expert
  double routed = 0;   ///< experts, the sequence's cut
};

PerToken attention(const Job& job, double tp) {
  const model::Shape& s = job.shape;
  const double a = real(s.heads);
  PerToken out;
  out.whole = (job.dropout ? 10 : 8) * real(s.hidden);  // inputs of norms and blocks, dropout masks
  if (s.latent.kv_rank > 0) {
    out.whole += 2 * real(s.latent.q_rank + s.latent.kv_rank + s.latent.rope_size);
    out.queries = out.keys = 2 * a * real(s.latent.nope_size + s.latent.rope_size);
    out.values = out.mixed = 2 * a * real(s.latent.value_size);
  } else {
    out.queries = out.mixed = 2 * a * real(s.head_size);
    // fewer key/value heads than ranks are copied
    out.keys = out.values = 2 * std::max(real(s.kv_heads), std::min(a, tp)) * real(s.head_size);
  }
  const bool unfused = job.attention == AttentionKernel::unfused;
  out.core = unfused ? (job.dropout ? 5 : 2) * a * real(job.sequence_length) : 4 * a;
  return out;
}

void add_network(const model::Shape& s, bool experts, PerToken& out) {
  const double per_width = s.gated ? 6 : 4;  // input and output of the activation function, gate
  if (experts) {
    out.network = per_width * real(s.experts.shared_ffn);
    out.routed = real(s.experts.per_token) * (4 * real(s.hidden) + per_width * real(s.experts.expert_ffn)) +
                 4 * real(s.experts.experts);
  } else {
    out.network = per_width * real(s.ffn);
  }
}

}  // namespace

// arXiv:2205.05198 table 2, generalised to grouped heads, gated networks, latent attention and experts
LayerActivations MemoryModel::layer(const model::Layout& layout, double tokens, bool experts) const {
  const double t = real(layout.tp);
  const double sequence = layout.sequence_parallel ? t : 1;
  const double h = real(job_->shape.hidden);
  PerToken x = attention(*job_, t);
  add_network(job_->shape, experts, x);
  const double cut = x.queries + x.keys + x.values + x.mixed + x.network + x.core;
  const double full = tokens * ((x.whole + x.routed) / sequence + cut / t);
  switch (layout.recompute) {
    case Recompute::none:
      break;
    case Recompute::selective: {
      const double scores = job_->attention == AttentionKernel::unfused ? tokens * x.core / t : 0;
      return {full - scores, scores};
    }
    case Recompute::operators: {
      // layer input, output of attention and of every second matrix multiplication (torchtitan)
      const double outputs =
          x.queries + x.values + x.mixed + x.core + x.network / (job_->shape.gated ? 3 : 2);
      return {std::min(full, tokens * ((4 * h + x.routed / 2) / sequence + outputs / t)), full};
    }
    case Recompute::full:
      return {tokens * 2 * h / sequence, full};
  }
  return {full, 0};
}

// micro-batches whose activations a stage holds: GPipe all; 1F1B and ZB1P (arXiv:2401.10241) as many as there
// are stages from here on; interleaved 2·(stages after) + (v − 1)·p + 1 chunks of 1/v (arXiv:2104.04473)
double MemoryModel::in_flight(const model::Layout& layout, std::int64_t stage) const {
  if (layout.pp == 1) return 1;
  const double m = std::max(1.0, real(job_->global_batch) / real(layout.dp * layout.micro_batch));
  if (job_->schedule == Schedule::gpipe) return m;
  const double after = real(layout.pp - stage - 1);
  if (layout.interleave == 1) return std::min(m, after + 1);
  const double v = real(layout.interleave);
  return std::min(m, (2 * after + (v - 1) * real(layout.pp) + 1) / v);
}

StageMemory MemoryModel::activations(const model::Layout& layout, std::int64_t stage) const {
  const model::Shape& s = job_->shape;
  const double t = real(layout.tp);
  const double tokens = real(layout.micro_batch * job_->sequence_length) / real(layout.cp);
  const double stream = 2 * tokens * real(s.hidden);  // one 16-bit residual stream
  const auto [first, end] = stage_layers(weights_.layers, layout.pp, stage);
  const std::int64_t with_experts = weights_.expert_layers(end) - weights_.expert_layers(first);
  const std::int64_t plain = end - first - with_experts;
  StageMemory out;
  double kept = 0;
  for (const bool experts : {false, true}) {
    if (const std::int64_t count = experts ? with_experts : plain; count > 0) {
      const LayerActivations one = layer(layout, tokens, experts);
      kept += real(count) * one.kept;
      out.working = std::max(out.working, one.live);
    }
  }
  const MemoryEffects& effects = job_->memory_effects;
  out.activations = in_flight(layout, stage) * kept * effects.activations * effects.all;
  // sequence parallelism gathers the input of a block and scatters its output; autograd of FSDP engines keeps
  // the gathered inputs of both blocks while a layer is live
  if (layout.sequence_parallel) out.working += (fp32_weights_ ? 4 : 2) * stream;
  if (layout.cp > 1) {  // two blocks of keys and values on the ring (arXiv:2310.01889)
    out.working += 8 * tokens * real(std::max(s.kv_heads, layout.tp) * s.head_size) / t;
  }
  if (layout.pp > 1) out.working += 2 * stream / (layout.sequence_parallel ? t : 1);
  if (stage == layout.pp - 1) {
    // 16-bit logits, fp32 copy, fp32 and 16-bit gradients; PyTorch's cross entropy keeps log-probabilities
    // instead of the last
    out.logits = (fp32_weights_ ? 14 : 12) * tokens * real(s.vocabulary) / t;
  }
  return out;
}

}  // namespace scaleplan::training
