#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scaleplan/base/quantity.hpp"

namespace scaleplan::model {

/// Norms hold one vector of the normalised width (RMSNorm, LayerNorm without bias: gain), two (LayerNorm:
/// gain and bias) or none (LayerNorm without parameters).
enum class Norm : std::uint8_t { rms, layer, plain };

/// Gains on queries and keys: none, one of head_size for each, or one over all heads of each.
enum class QkNorm : std::uint8_t { none, head, full };

/// Mixture of experts: of the layers after the first `dense_layers`, the last of every `period` has as its
/// feed-forward network `experts` routed networks of width `expert_ffn`, of which a token visits `per_token`,
/// beside a shared one of width `shared_ffn` (0: none) that every token visits, gated by one more vector when
/// `shared_gate`.
struct Experts {
  std::int64_t experts = 1;  ///< 1: a dense model; the other fields then say nothing
  std::int64_t per_token = 1;
  std::int64_t expert_ffn = 0;
  std::int64_t shared_ffn = 0;
  std::int64_t dense_layers = 0;
  bool shared_gate = false;
  bool router_bias = false;  ///< one value for each expert
  std::int64_t period = 1;

  bool operator==(const Experts&) const = default;
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

  bool operator==(const Latent&) const = default;
};

/// Images as tokens: a patch of `patch_values` (side² · channels) is projected to one token. A class head
/// over `vocabulary` reads one of them (ViT, arXiv:2010.11929), or every token is projected to
/// `output_values` (DiT, arXiv:2212.09748). With `timestep_features`, adaLN-Zero: labels of `vocabulary` and
/// a timestep of so many features, through two layers, shift and scale the six branches of each block.
struct Image {
  std::int64_t patch_values = 0;  ///< 0: tokens of a vocabulary; the other fields then say nothing
  std::int64_t output_values = 0;
  std::int64_t timestep_features = 0;
  bool class_token = false;

  bool operator==(const Image&) const = default;
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
  bool head_bias = false;  ///< one value for each entry of the vocabulary
  bool sinks = false;      ///< a learned attention logit for each head (gpt-oss)
  bool parallel = false;   ///< attention and feed-forward network read the same input and are added together
  bool causal = true;      ///< tokens attend to earlier tokens only
  QkNorm qk_norm = QkNorm::none;
  Norm norm = Norm::rms;
  std::int64_t norms_per_layer = 2;
  bool embedding_norm = false;        ///< a norm between the embedding and the first layer
  std::int64_t relative_buckets = 0;  ///< learned relative positions (T5): values for each head and stack
  std::int64_t encoder_layers = 0;    ///< encoder–decoder: `layers` then attend to the encoder too
  Experts experts = {};
  Latent latent = {};
  std::int64_t window = 0;         ///< tokens that a sliding-window layer attends to; 0: none
  std::int64_t window_layers = 0;  ///< layers with that window; the others attend to the whole context
  Image image = {};

  [[nodiscard]] double aspect() const { return static_cast<double>(hidden) / static_cast<double>(layers); }
  bool operator==(const Shape&) const = default;
};

/// What is wrong with a shape ("40 heads are not a multiple of 16 key/value heads"), or empty.
std::string defect(const Shape& shape);

/// Layers whose feed-forward network is routed; the others have a dense one.
std::int64_t routed_layers(const Shape& shape);

/// Exact parameter counts. `embedding` holds the tables that are looked up (vocabulary, learned positions),
/// the patch projection of images and, unless tied, the output head; `non_embedding` the rest of the total,
/// `active` what one token visits, embeddings included (of an encoder–decoder: what a pair of tokens visits).
/// `head_no_embedding` is `non_embedding` and the output head (tied or not) on active experts.
struct Parameters {
  std::int64_t total = 0;
  std::int64_t active = 0;
  std::int64_t embedding = 0;
  std::int64_t non_embedding = 0;
  std::int64_t active_non_embedding = 0;
  std::int64_t head_no_embedding = 0;
};
Parameters count_parameters(const Shape& shape);

/// What attention counts: the lower triangle of the scores that a causal kernel computes, or the whole square
/// (arXiv:2204.02311 appendix B). Shapes that are not causal always count the whole.
enum class AttentionCount : std::uint8_t { causal, full };

/// Exact model FLOP per token: matrix multiplications (two per weight), attention over `sequence_length`
/// tokens (in layers with a window, over the window), the output head, the router; no recomputation, norms,
/// softmax or embedding look-up. Training = 3 × forward. An encoder–decoder is counted per token of pairs
/// with `sequence_length` tokens on each side, of which each passes its own half; what an image model
/// computes once for an image is spread over its `sequence_length` patches.
struct TokenFlop {
  FlopPerToken forward;
  FlopPerToken training;
};
TokenFlop flop_per_token(const Shape& shape, std::int64_t sequence_length,
                         AttentionCount count = AttentionCount::causal);

/// One part of a model: "attention", "feed-forward", "experts", "router", "norms", "biases", "embedding",
/// "head". The head of tied embeddings has no parameters of its own. Parts add up to the totals.
struct Part {
  std::string_view name;
  std::int64_t params = 0;
  std::int64_t active_params = 0;
  FlopPerToken forward;
  FlopPerToken attention_scores;  ///< the share of `forward` that grows with the sequence
};
std::vector<Part> parts(const Shape& shape, std::int64_t sequence_length);

/// Bytes of keys and values that one more token adds while every window has room, at `bytes_per_value` (2 for
/// bf16): of grouped attention 2·kv_heads·head_size values per layer, of latent attention kv_rank +
/// rope_size.
double kv_bytes_per_token(const Shape& shape, double bytes_per_value);

/// Bytes of keys and values of one sequence with `context_length` tokens: layers with a window keep at most
/// the window. An encoder–decoder holds the keys of as many input tokens, too.
double kv_bytes(const Shape& shape, double bytes_per_value, std::int64_t context_length);

}  // namespace scaleplan::model
