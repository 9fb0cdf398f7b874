#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

#include "scaleplan/model/shape.hpp"

namespace scaleplan::model {

/// A value with its derivative along one direction.
struct Dual {
  double value = 0;
  double slope = 0;

  friend Dual operator+(Dual a, Dual b) { return {a.value + b.value, a.slope + b.slope}; }
  friend Dual operator-(Dual a, Dual b) { return {a.value - b.value, a.slope - b.slope}; }
  friend Dual operator*(Dual a, Dual b) { return {a.value * b.value, a.slope * b.value + a.value * b.slope}; }
};

template <class T>
T whole(std::int64_t n) {
  if constexpr (std::is_same_v<T, Dual>) {
    return {static_cast<double>(n), 0};
  } else {
    return static_cast<T>(n);
  }
}

inline std::int64_t norm_vectors(Norm norm) {
  switch (norm) {
    case Norm::rms:
      return 1;
    case Norm::layer:
      return 2;
    case Norm::plain:
      return 0;
  }
  return 1;
}

/// The widths of a shape as whole numbers, as doubles, or as duals along the family's smooth curve.
template <class T>
struct Widths {
  T layers;
  T routed_layers;
  T hidden;
  T heads;
  T kv_heads;
  T ffn;
  T expert_ffn;
};

template <class T>
Widths<T> widths_of(const Shape& s) {
  return {whole<T>(s.layers),
          whole<T>(routed_layers(s)),
          whole<T>(s.hidden),
          whole<T>(s.heads),
          whole<T>(s.kv_heads),
          whole<T>(s.ffn),
          whole<T>(s.experts.expert_ffn)};
}

/// Weights of a model by what they cost; matrices are multiplied once for each token that visits them.
template <class T>
struct Terms {
  T attention;        ///< matrices
  T ffn;              ///< matrices of dense and shared networks
  T experts;          ///< matrices of routed networks
  T visited_experts;  ///< those that a token visits
  T router;           ///< matrices, the gate of shared experts
  T norms;
  T biases;  ///< and other single values
  T visited_biases;
  T lookups;       ///< vocabulary, positions, class token
  T patches;       ///< matrix: projection of image patches
  T head;          ///< output matrix, whether or not it is tied
  T per_sequence;  ///< matrices that are multiplied once for a sequence, not for each token
  T scores;        ///< forward FLOP per token and position in the causal half of attention
};

/// One attention of one layer.
template <class T>
struct AttentionTerms {
  T matrices;
  T biases;
  T norms;
  T scores;
};

template <class T>
AttentionTerms<T> grouped_attention(const Shape& s, const Widths<T>& w) {
  auto n = [](std::int64_t x) { return whole<T>(x); };
  const T head_size = n(s.head_size);
  const T queries = w.heads * head_size;
  const T keys = w.kv_heads * head_size;
  T norms = n(0);
  if (s.qk_norm == QkNorm::head) norms = n(2) * head_size;
  if (s.qk_norm == QkNorm::full) norms = queries + keys;
  return {n(2) * w.hidden * (queries + keys),
          n(s.qkv_bias ? 1 : 0) * (queries + n(2) * keys) + n(s.output_bias ? 1 : 0) * w.hidden +
              n(s.sinks ? 1 : 0) * w.heads,
          norms, n(2) * queries};
}

template <class T>
AttentionTerms<T> latent_attention(const Shape& s, const Widths<T>& w) {
  auto n = [](std::int64_t x) { return whole<T>(x); };
  const Latent& l = s.latent;
  const T queries = w.heads * n(l.nope_size + l.rope_size);
  const T values = w.heads * n(l.value_size);
  const T down = w.hidden * n(l.kv_rank + l.rope_size);
  const T up = n(l.kv_rank) * (w.heads * n(l.nope_size) + values);
  const T q = l.q_rank > 0 ? n(l.q_rank) * (w.hidden + queries) : w.hidden * queries;
  return {q + down + up + values * w.hidden,
          n(s.qkv_bias ? 1 : 0) * n(l.q_rank + l.kv_rank + l.rope_size) + n(s.output_bias ? 1 : 0) * w.hidden,
          n(norm_vectors(s.norm)) * n(l.q_rank + l.kv_rank), queries + values};
}

// A vision transformer looks no words up: its table is a class head, or labels beside a head of pixels.
template <class T>
void add_image(const Shape& s, const Widths<T>& w, Terms<T>& t) {
  auto n = [](std::int64_t x) { return whole<T>(x); };
  const Image& image = s.image;
  const T table = n(s.vocabulary) * w.hidden;
  const bool diffuses = image.output_values > 0;
  t.patches = n(image.patch_values) * w.hidden;
  t.lookups = n(s.positions + (image.class_token ? 1 : 0)) * w.hidden + (diffuses ? table : n(0));
  t.head = n(image.output_values) * w.hidden;
  t.per_sequence = diffuses ? n(0) : table;
  T biases = w.hidden + n(image.output_values);
  if (image.timestep_features > 0) {
    const T branches = n(6) * w.layers + n(2);  // the last layer only shifts and scales
    t.per_sequence =
        t.per_sequence + (n(image.timestep_features) + w.hidden + branches * w.hidden) * w.hidden;
    biases = biases + (branches + n(2)) * w.hidden;
  }
  t.biases = t.biases + biases;
  t.visited_biases = t.visited_biases + biases;
}

template <class T>
Terms<T> terms(const Shape& s, const Widths<T>& w) {
  auto n = [](std::int64_t x) { return whole<T>(x); };
  const T encoder = n(s.encoder_layers);
  const T dense_layers = w.layers - w.routed_layers + encoder;
  // an encoder–decoder attends twice in each layer of the decoder, and has a third norm there
  const T attentions = w.layers + encoder + (s.encoder_layers > 0 ? w.layers : n(0));
  const AttentionTerms<T> attention = s.latent.kv_rank > 0 ? latent_attention(s, w) : grouped_attention(s, w);
  const T norm = n(norm_vectors(s.norm)) * w.hidden;
  const T norms = (w.layers + encoder) * n(s.norms_per_layer) + (attentions - w.layers - encoder) +
                  n(s.encoder_layers > 0 ? 2 : 1) + n(s.embedding_norm ? 1 : 0);

  const T matrices = n(s.gated ? 3 : 2) * w.hidden;
  const T ups = n(s.gated ? 2 : 1);
  const T ffn_bias = n(s.ffn_bias ? 1 : 0);
  const T expert_bias = w.routed_layers * ffn_bias * (ups * w.expert_ffn + w.hidden);
  const T expert = w.routed_layers * matrices * w.expert_ffn;
  const T experts = n(s.experts.experts);
  const T visited = n(s.experts.per_token);

  const T biases = attentions * attention.biases + dense_layers * ffn_bias * (ups * w.ffn + w.hidden) +
                   w.routed_layers * n(s.experts.router_bias ? 1 : 0) * experts +
                   n(s.relative_buckets * (s.encoder_layers > 0 ? 2 : 1)) * w.heads +
                   n(s.head_bias ? s.vocabulary : 0);
  const T table = n(s.vocabulary) * w.hidden;
  Terms<T> t{attentions * attention.matrices,
             dense_layers * matrices * w.ffn + w.routed_layers * matrices * n(s.experts.shared_ffn),
             experts * expert,
             visited * expert,
             w.routed_layers * (experts + n(s.experts.shared_gate ? 1 : 0)) * w.hidden,
             norms * norm + attentions * attention.norms,
             biases + experts * expert_bias,
             biases + visited * expert_bias,
             table + n(s.positions) * w.hidden,
             n(0),
             table,
             n(0),
             (w.layers + encoder) * attention.scores};
  if (s.image.patch_values > 0) add_image(s, w, t);
  return t;
}

template <class T>
struct Counts {
  T total;
  T active;
  T embedding;
  T non_embedding;
  T active_non_embedding;
  T head_no_embedding;
};

template <class T>
Counts<T> counts(const Shape& s, const Terms<T>& t) {
  const T embedding = t.lookups + t.patches + whole<T>(s.tied ? 0 : 1) * t.head;
  const T common = t.attention + t.ffn + t.router + t.norms + t.per_sequence;
  const T all = common + t.experts + t.biases;
  const T active = common + t.visited_experts + t.visited_biases;
  return {all + embedding, active + embedding, embedding, all, active, active + t.head};
}

/// Weights that each token multiplies.
template <class T>
T multiplied(const Terms<T>& t) {
  return t.attention + t.ffn + t.visited_experts + t.router + t.patches + t.head;
}

}  // namespace scaleplan::model
