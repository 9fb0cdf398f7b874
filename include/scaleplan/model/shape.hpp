#pragma once

#include <cstdint>
#include <string>

#include "scaleplan/base/quantity.hpp"

namespace scaleplan::model {

/// Norms hold one vector of the normalised width (RMSNorm: gain) or two (LayerNorm: gain and bias).
enum class Norm : std::uint8_t { rms, layer };

/// Mixture of experts: the feed-forward network of all layers but the first `dense_layers` is `experts`
/// routed networks of width `expert_ffn`, of which a token visits `per_token`, beside a shared one of width
/// `shared_ffn` (0: none) that every token visits, gated by one more vector when `shared_gate`.
struct Experts {
  std::int64_t experts = 1;  ///< 1: a dense model; the other fields then say nothing
  std::int64_t per_token = 1;
  std::int64_t expert_ffn = 0;
  std::int64_t shared_ffn = 0;
  std::int64_t dense_layers = 0;
  bool shared_gate = false;
};

/// Multi-head latent attention (arXiv:2405.04434 section 2.1): keys and values are rebuilt from one vector of
/// `kv_rank` and one rotary key of `rope_size` per token; queries from `q_rank` (0: no low rank). Heads have
/// `nope_size` + `rope_size` for scores and `value_size` for values.
struct Latent {
  std::int64_t kv_rank = 0;  ///< 0: grouped attention (MHA, GQA, MQA); the other fields then say nothing
  std::int64_t q_rank = 0;
  std::int64_t nope_size = 0;
  std::int64_t rope_size = 0;
  std::int64_t value_size = 0;
};

/// A transformer, as far as parameters, FLOP and bytes depend on it.
struct Shape {
  std::int64_t layers = 0;
  std::int64_t hidden = 0;
  std::int64_t heads = 0;      ///< query heads
  std::int64_t kv_heads = 0;   ///< key/value heads; divides `heads`
  std::int64_t head_size = 0;  ///< usually hidden / heads
  std::int64_t ffn = 0;        ///< width of the (dense) feed-forward network
  std::int64_t vocabulary = 0;
  std::int64_t positions = 0;  ///< learned position embeddings; 0: none
  bool gated = true;           ///< SwiGLU, GeGLU: three matrices instead of two
  bool tied = false;           ///< the output head is the input embedding
  bool qkv_bias = false;
  bool output_bias = false;  ///< of the attention's output projection
  bool ffn_bias = false;
  bool qk_norm = false;  ///< a gain of head_size for queries and one for keys
  Norm norm = Norm::rms;
  std::int64_t norms_per_layer = 2;
  Experts experts;
  Latent latent;
  std::int64_t window = 0;         ///< tokens that a sliding-window layer attends to; 0: none
  std::int64_t window_layers = 0;  ///< layers with that window; the others attend to the whole context

  [[nodiscard]] double aspect() const { return static_cast<double>(hidden) / static_cast<double>(layers); }
  bool operator==(const Shape&) const;
};

/// What is wrong with a shape ("40 heads are not a multiple of 16 key/value heads"), or empty.
std::string defect(const Shape& shape);

/// Exact parameter counts. `embedding` holds the vocabulary tables (input and, unless tied, output) and
/// learned positions; `non_embedding` the rest of the total, `active` what one token visits, embeddings
/// included. `head_no_embedding` is `non_embedding` and the output head (tied or not) on active experts.
struct Parameters {
  std::int64_t total = 0;
  std::int64_t active = 0;
  std::int64_t embedding = 0;
  std::int64_t non_embedding = 0;
  std::int64_t active_non_embedding = 0;
  std::int64_t head_no_embedding = 0;
};
Parameters count_parameters(const Shape& shape);

/// Exact model FLOP per token: matrix multiplications (two per weight), the causal half of attention, the
/// output head, the router; no recomputation, norms, softmax or embedding look-up. Training = 3 × forward.
struct TokenFlop {
  FlopPerToken forward;
  FlopPerToken training;
};
TokenFlop flop_per_token(const Shape& shape, std::int64_t sequence_length);

/// Bytes of keys and values per token at `bytes_per_value` (2 for bf16).
double kv_bytes_per_token(const Shape& shape, double bytes_per_value);

}  // namespace scaleplan::model
