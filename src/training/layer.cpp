#include <algorithm>
#include <cmath>

#include "scaleplan/hardware/collectives.hpp"
#include "training/kernels.hpp"

namespace scaleplan::training {
namespace {

constexpr double activation_bytes = 2;
constexpr double launch_s = 1e-5;      // of a collective in a node
constexpr double ring_hop_s = 3e-5;    // of a key/value hop: launch, message, attention block
constexpr double ring_hidden = 0.8;    // share of the attention that hides key/value hops
constexpr double tp_overlapped = 0.5;  // of the traffic that user buffers and async TP leave

// Share of a layer's forward pass that is computed again.
double repeated(model::Recompute recompute) {
  constexpr double half_of_operators = 0.5;
  switch (recompute) {
    case model::Recompute::full:
      return 1;
    case model::Recompute::operators:
      return half_of_operators;
    case model::Recompute::none:
    case model::Recompute::selective:
      break;
  }
  return 0;
}

double passes_of_traffic(model::Recompute recompute) {
  return recompute == model::Recompute::full ? 6 : 4;
}

}  // namespace

LayerTime StepModel::layer(const model::Layout& layout, bool experts) const {
  const double tp = static_cast<double>(layout.tp);
  const double tokens =
      static_cast<double>(layout.micro_batch * job_.sequence_length) / static_cast<double>(layout.cp);
  Passes gemm = attention_gemms(job_, tokens, tp, rates_);
  if (experts) {
    gemm += expert_gemms(job_.shape, tokens, static_cast<double>(layout.ep), rates_);
    if (job_.shape.experts.shared_ffn > 0) {
      gemm +=
          dense_ffn_gemms(job_.shape, static_cast<double>(job_.shape.experts.shared_ffn), tokens, tp, rates_);
    }
  } else {
    gemm += dense_ffn_gemms(job_.shape, static_cast<double>(job_.shape.ffn), tokens, tp, rates_);
  }
  const Passes attention = core_attention(job_, tokens, tp, rates_);
  const Passes element = elementwise(job_, layout, tokens, experts, rates_);
  const double again = repeated(layout.recompute);
  const bool scores_again =
      layout.recompute == model::Recompute::selective && job_.attention == AttentionKernel::unfused;
  LayerTime out;
  out.gemm_s = rates_.compute * (gemm.both() + again * gemm.forward);
  out.attention_s = rates_.compute * (attention.both() + (scores_again ? 1 : again) * attention.forward);
  out.elementwise_s = rates_.compute * (element.both() + again * element.forward);
  if (layout.tp > 1) {
    const double bytes = activation_bytes * tokens * static_cast<double>(job_.shape.hidden);
    const double bandwidth = group_bandwidth(tp, 1, 1);
    const double each = 2 * (tp - 1) / tp * bytes / bandwidth + 2 * launch_s * std::log2(tp);
    out.tp_s = passes_of_traffic(layout.recompute) * each * (job_.tp_overlap ? tp_overlapped : 1);
  }
  out.cp_s = context_s(layout, rates_.compute * attention.both());
  out.ep_s = experts ? expert_exchange_s(layout) : 0;
  return out;
}

double StepModel::context_s(const model::Layout& layout, double attention_s) const {
  if (layout.cp <= 1) {
    return 0;
  }
  const double cp = static_cast<double>(layout.cp);
  const double tp = static_cast<double>(layout.tp);
  const model::Shape& shape = job_.shape;
  const double tokens = static_cast<double>(layout.micro_batch * job_.sequence_length) / cp;
  const double keys = shape.latent.kv_rank > 0
                          ? static_cast<double>(shape.latent.kv_rank + shape.latent.rope_size)
                          : 2 * static_cast<double>(shape.kv_heads * shape.head_size) / tp;
  const double bytes = activation_bytes * tokens * keys;
  const double bandwidth = group_bandwidth(cp, tp);
  const double peers = cp - 1;
  switch (job_.context_exchange) {
    case ContextExchange::ring:
      return std::max(0.0, 3 * peers * bytes / bandwidth - ring_hidden * attention_s) + ring_hop_s * peers;
    case ContextExchange::all_gather:
      return 3 * hardware::all_gather_s(bytes * cp, cp, bandwidth, launch_s);
    case ContextExchange::all_to_all:
      break;
  }
  // queries, keys, values and outputs change hands, forward and backward
  const HeadWidths widths = head_widths(shape, tp);
  const double moved = bytes + activation_bytes * tokens * (widths.score + widths.value);
  return 2 * (hardware::all_to_all_s(moved, cp, bandwidth, 0) + 4 * launch_s);
}

double StepModel::expert_exchange_s(const model::Layout& layout) const {
  if (layout.ep <= 1) {
    return 0;
  }
  const double ep = static_cast<double>(layout.ep);
  const double tokens =
      static_cast<double>(layout.micro_batch * job_.sequence_length) / static_cast<double>(layout.cp);
  const double bytes = activation_bytes * tokens * static_cast<double>(job_.shape.hidden) *
                       static_cast<double>(job_.shape.experts.per_token) * (ep - 1) / ep;
  const double near = std::min(
      1.0, static_cast<double>(job_.machine.scale_up_devices) / (ep * static_cast<double>(layout.tp)));
  const double each = near * bytes / (job_.machine.link.raw() * share_.link) +
                      (1 - near) * bytes / (job_.machine.nic.raw() * share_.nic) + launch_s;
  return passes_of_traffic(layout.recompute) * each;
}

double StepModel::group_bandwidth(double ranks, double stride, int axes) const {
  return hardware::ring_bandwidth(job_.machine, {ranks, stride}, {share_.link, share_.nic, share_.step_s},
                                  axes);
}

MicroBatchTime StepModel::micro_batch(const model::Layout& layout) const {
  const model::Experts& moe = job_.shape.experts;
  MicroBatchTime out;
  if (moe.experts <= 1 || moe.dense_layers > 0 || moe.period > 1) {
    out.dense = layer(layout, false);
  }
  if (moe.experts > 1) {
    out.experts = layer(layout, true);
  }
  const double tokens =
      static_cast<double>(layout.micro_batch * job_.sequence_length) / static_cast<double>(layout.cp);
  out.head_s = head_seconds(job_, tokens, static_cast<double>(layout.tp), rates_);
  return out;
}

}  // namespace scaleplan::training
