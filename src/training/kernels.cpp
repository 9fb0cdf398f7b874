#include "training/kernels.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace scaleplan::training {
namespace {

// Output tiles of the usual libraries and the rate of their main loop relative to the largest.
struct Tile {
  double m;
  double n;
  double rate;
};
constexpr std::array<Tile, 5> tiles = {
    {{256, 256, 1.0}, {128, 256, 0.93}, {256, 128, 0.93}, {128, 128, 0.80}, {64, 64, 0.55}}};
constexpr double systolic = 128;
constexpr double memory_share = 0.85;         // of the nominal bandwidth that streams reach
constexpr double unfused_share = 0.6;         // of the GEMM rate that batched score multiplications reach
constexpr double no_tensor_core_share = 0.7;  // of the fp32 peak, for head sizes that tensor cores refuse
constexpr double unfused_forward_bytes = 13;  // per score: written, softmax, dropout and mask, read
constexpr double unfused_backward_bytes = 19;
constexpr double flash_backward = 2.5;  // five multiplications instead of two

double whole(double x) {
  return std::max(1.0, std::round(x));
}

double padded(double x) {
  return std::ceil(x / systolic) * systolic / x;
}

// Work that tiles and waves add, relative to the ideal.
double quantisation(const Gemm& gemm, int multiprocessors) {
  if (multiprocessors == 0) {
    return padded(gemm.m) * padded(gemm.n) * padded(gemm.k);
  }
  const double units = multiprocessors;
  double least = 1e300;
  for (const Tile& tile : tiles) {
    const double count = std::ceil(gemm.m / tile.m) * std::ceil(gemm.n / tile.n);
    const double waves = std::ceil(count / units);
    least = std::min(least, waves * units * tile.m * tile.n / (tile.rate * gemm.m * gemm.n));
  }
  return least;
}

// Share of the score matrix that the mean layer computes: the causal half, or a window.
double attended(const model::Shape& shape, double sequence) {
  const double causal = shape.causal ? 0.5 : 1.0;
  if (shape.window <= 0 || shape.window_layers <= 0) {
    return causal;
  }
  const double w = std::min(1.0, static_cast<double>(shape.window) / sequence);
  const double windowed = static_cast<double>(shape.window_layers) / static_cast<double>(shape.layers);
  return windowed * (w - w * w / 2) + (1 - windowed) * causal;
}

double family_value(const std::map<std::string, Factor, std::less<>>& values, const std::string& family) {
  const auto found = values.find(family);
  return (found != values.end() ? found : values.find("pooled"))->second.value;
}

double ffn_matrices(const model::Shape& shape) {
  return shape.gated ? 3 : 2;
}

}  // namespace

Rates rates_of(const Job& job, const Efficiency& efficiency) {
  const hardware::Device& device = job.machine.device;
  const double gemm = family_value(efficiency.gemm, device.family);
  Rates out;
  const double nominal = peak_of(device, Precision::bf16).value().raw();
  out.peak = nominal * gemm;
  out.peak_type = peak_of(device, job.precision).value().raw() * gemm;
  if (job.precision == Precision::fp8 || job.precision == Precision::fp4) {
    out.peak_type *= efficiency.factor(precision_name(job.precision));
  }
  const auto fp32 = device.peak.find("fp32");
  out.peak_fp32 = fp32 != device.peak.end() ? fp32->second.raw() : nominal / 16;
  out.flash = nominal * family_value(efficiency.attention, device.family);
  if (job.attention == AttentionKernel::cudnn) {
    out.flash *= efficiency.factor("attention_cudnn");
  }
  out.memory = job.machine.memory_bandwidth.raw() * memory_share;
  out.short_k = efficiency.factor("short_k");
  out.elementwise = efficiency.factor(device.family == "tpu"  ? "elementwise_tpu"
                                      : job.fused_elementwise ? "elementwise_fused"
                                                              : "elementwise");
  out.compute = job.engine == Engine::megatron_deepspeed ? efficiency.factor("deepspeed_compute") : 1;
  out.moe = efficiency.factor("moe_gemm");
  out.multiprocessors = device.multiprocessors;
  return out;
}

double gemm_seconds(const Gemm& gemm, double peak, const Rates& rates) {
  const Gemm g{whole(gemm.m), whole(gemm.n), whole(gemm.k)};
  const double compute =
      2 * g.m * g.n * g.k * quantisation(g, rates.multiprocessors) * (1 + rates.short_k / g.k) / peak;
  const double memory = 2 * (g.m * g.n + g.n * g.k + g.m * g.k) / rates.memory;
  return std::max(compute, memory);
}

Passes multiply(const Gemm& gemm, double peak, const Rates& rates) {
  return {gemm_seconds(gemm, peak, rates), gemm_seconds({gemm.m, gemm.k, gemm.n}, peak, rates) +
                                               gemm_seconds({gemm.k, gemm.n, gemm.m}, peak, rates)};
}

HeadWidths head_widths(const model::Shape& shape, double tp) {
  const double heads = static_cast<double>(shape.heads) / tp;
  const model::Latent& latent = shape.latent;
  if (latent.kv_rank > 0) {
    return {heads * static_cast<double>(latent.nope_size + latent.rope_size),
            heads * static_cast<double>(latent.value_size), heads};
  }
  const double width = heads * static_cast<double>(shape.head_size);
  return {width, width, heads};
}

Passes attention_gemms(const Job& job, double tokens, double tp, const Rates& rates) {
  const model::Shape& shape = job.shape;
  const double h = static_cast<double>(shape.hidden);
  const HeadWidths widths = head_widths(shape, tp);
  const auto product = [&](double n, double k) { return multiply({tokens, n, k}, rates.peak_type, rates); };
  Passes out = product(h, widths.value);
  const model::Latent& latent = shape.latent;
  if (latent.kv_rank == 0) {
    // fewer key heads than ranks are computed on each of them
    const double keys = std::max(1.0, static_cast<double>(shape.kv_heads) / tp);
    out += product(widths.score + 2 * keys * static_cast<double>(shape.head_size), h);
    return out;
  }
  const double kv_rank = static_cast<double>(latent.kv_rank);
  const double q_rank = static_cast<double>(latent.q_rank);
  if (q_rank > 0) {
    out += product(q_rank, h);
  }
  out += product(widths.score, q_rank > 0 ? q_rank : h);
  out += product(kv_rank + static_cast<double>(latent.rope_size), h);
  out += product(widths.heads * static_cast<double>(latent.nope_size) + widths.value, kv_rank);
  return out;
}

Passes dense_ffn_gemms(const model::Shape& shape, double width, double tokens, double tp,
                       const Rates& rates) {
  const double h = static_cast<double>(shape.hidden);
  const double ups = ffn_matrices(shape) - 1;
  Passes out = multiply({tokens, ups * width / tp, h}, rates.peak_type, rates);
  out += multiply({tokens, h, width / tp}, rates.peak_type, rates);
  return out;
}

Passes expert_gemms(const model::Shape& shape, double tokens, double ep, const Rates& rates) {
  const double h = static_cast<double>(shape.hidden);
  const double experts = static_cast<double>(shape.experts.experts);
  const double width = static_cast<double>(shape.experts.expert_ffn);
  const double each = tokens * static_cast<double>(shape.experts.per_token) * ep / experts;
  Passes out = multiply({each, (ffn_matrices(shape) - 1) * width, h}, rates.peak_type, rates);
  out += multiply({each, h, width}, rates.peak_type, rates);
  const double share = experts / ep / rates.moe;
  return {out.forward * share, out.backward * share};
}

Passes core_attention(const Job& job, double tokens, double tp, const Rates& rates) {
  const model::Shape& shape = job.shape;
  const double s = static_cast<double>(job.sequence_length);
  const HeadWidths widths = head_widths(shape, tp);
  const double flop = 2 * tokens * s * (widths.score + widths.value);
  if (job.attention != AttentionKernel::unfused) {
    const double forward = attended(shape, s) * flop / rates.flash;
    return {forward, flash_backward * forward};
  }
  const double rate =
      shape.head_size % 8 == 0 ? unfused_share * rates.peak : no_tensor_core_share * rates.peak_fp32;
  const double scores = widths.heads * tokens * s / rates.memory;
  return {flop / rate + unfused_forward_bytes * scores, 2 * flop / rate + unfused_backward_bytes * scores};
}

Passes elementwise(const Job& job, const model::Layout& layout, double tokens, bool experts,
                   const Rates& rates) {
  const model::Shape& shape = job.shape;
  const double h = static_cast<double>(shape.hidden);
  const double tp = static_cast<double>(layout.tp);
  const model::Experts& moe = shape.experts;
  const double width =
      static_cast<double>(experts ? moe.per_token * moe.expert_ffn + moe.shared_ffn : shape.ffn);
  const double residual = layout.tp > 1 && !layout.sequence_parallel ? 10 : 10 / tp;
  const double bytes = tokens * h * (residual + (8 + 2 * ffn_matrices(shape) * width / h) / tp);
  const double forward = rates.elementwise * bytes / rates.memory;
  return {forward, 2 * forward};
}

double head_seconds(const Job& job, double tokens, double tp, const Rates& rates) {
  const double vocabulary = static_cast<double>(job.shape.vocabulary) / tp;
  constexpr double loss_bytes = 16;  // per logit: 32-bit logits, their gradient, the 16-bit copies
  return multiply({tokens, vocabulary, static_cast<double>(job.shape.hidden)}, rates.peak, rates).both() +
         loss_bytes * tokens * vocabulary / rates.memory;
}

}  // namespace scaleplan::training
