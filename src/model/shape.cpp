#include "scaleplan/model/shape.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "model/terms.hpp"

namespace scaleplan::model {

namespace {

std::string expert_defect(const Shape& shape) {
  const Experts& e = shape.experts;
  if (e.experts < 1) return fmt::format("{} experts", e.experts);
  if (e.experts == 1) return {};
  if (e.per_token < 1 || e.per_token > e.experts) {
    return fmt::format("{} of {} experts per token", e.per_token, e.experts);
  }
  if (e.expert_ffn < 1) return "experts without a width";
  if (e.dense_layers < 0 || e.dense_layers > shape.layers) {
    return fmt::format("{} dense layers of {}", e.dense_layers, shape.layers);
  }
  if (e.period < 1) return "experts in every 0th layer";
  if (shape.encoder_layers > 0) return "experts in an encoder–decoder are not modelled";
  return {};
}

std::string attention_defect(const Shape& shape) {
  const Latent& l = shape.latent;
  if (l.kv_rank > 0 && (l.nope_size < 0 || l.rope_size < 0 || l.nope_size + l.rope_size < 1)) {
    return "latent attention without a width of scores (nope_size + rope_size)";
  }
  if (l.kv_rank > 0 && l.value_size < 1) return "latent attention without a value_size";
  if (shape.window_layers < 0 || shape.window_layers > shape.layers) {
    return fmt::format("{} layers with a window of {}", shape.window_layers, shape.layers);
  }
  if ((shape.window > 0) != (shape.window_layers > 0)) {
    return fmt::format("a window of {} tokens in {} layers", shape.window, shape.window_layers);
  }
  return {};
}

// Positions that a token's scores cover, in units of those of the causal half: mean over the layers.
double positions(const Shape& shape, double s, AttentionCount count) {
  const bool whole_square = count == AttentionCount::full || !shape.causal;
  const double full = whole_square ? 2 * s : s;
  const auto layers = static_cast<double>(shape.layers);
  if (shape.encoder_layers > 0) {
    const auto encoder = static_cast<double>(shape.encoder_layers);
    // encoder and cross-attention see everything; a token of a pair passes one of the two sides
    return 0.5 * (2 * s * encoder + (full + 2 * s) * layers) / (encoder + layers);
  }
  const auto w = static_cast<double>(shape.window);
  if (shape.window_layers == 0 || s <= w) return full;
  const double banded = whole_square ? 2 * w : 2 * w - w * w / s;
  const auto windows = static_cast<double>(shape.window_layers);
  return (banded * windows + full * (layers - windows)) / layers;
}

// A token of a pair passes either the encoder or the decoder.
double passed_share(const Shape& shape) {
  return shape.encoder_layers > 0 ? 0.5 : 1;
}

double cache_values_per_layer(const Shape& shape) {
  return static_cast<double>(shape.latent.kv_rank > 0 ? shape.latent.kv_rank + shape.latent.rope_size
                                                      : 2 * shape.kv_heads * shape.head_size);
}

}  // namespace

std::string defect(const Shape& shape) {
  if (shape.layers < 1 || shape.hidden < 1 || shape.heads < 1 || shape.head_size < 1 ||
      shape.vocabulary < 1) {
    return "layers, hidden, heads, head_size and vocabulary must be at least 1";
  }
  if (shape.kv_heads < 1 || shape.heads % shape.kv_heads != 0) {
    return fmt::format("{} heads are not a multiple of {} key/value heads", shape.heads, shape.kv_heads);
  }
  if (shape.ffn < 1 && (shape.experts.experts == 1 || shape.experts.dense_layers > 0)) {
    return "ffn must be at least 1";
  }
  if (std::string wrong = expert_defect(shape); !wrong.empty()) return wrong;
  if (std::string wrong = attention_defect(shape); !wrong.empty()) return wrong;
  const Counts<double> size = counts(shape, terms(shape, widths_of<double>(shape)));
  if (size.total > 1e18) return fmt::format("{:.3g} parameters are more than 1e18", size.total);
  return {};
}

std::int64_t routed_layers(const Shape& s) {
  return s.experts.experts > 1 ? (s.layers - s.experts.dense_layers) / s.experts.period : 0;
}

Parameters count_parameters(const Shape& shape) {
  const auto c = counts(shape, terms(shape, widths_of<std::int64_t>(shape)));
  return {c.total, c.active, c.embedding, c.non_embedding, c.active_non_embedding, c.head_no_embedding};
}

TokenFlop flop_per_token(const Shape& shape, std::int64_t sequence_length, AttentionCount count) {
  const Terms<double> t = terms(shape, widths_of<double>(shape));
  const auto s = static_cast<double>(sequence_length);
  const double once = t.per_sequence > 0 ? 2 * t.per_sequence / s : 0;
  const double forward =
      2 * passed_share(shape) * multiplied(t) + once + t.scores * positions(shape, s, count);
  return {FlopPerToken(forward), FlopPerToken(3 * forward)};
}

std::vector<Part> parts(const Shape& shape, std::int64_t sequence_length) {
  const auto w = terms(shape, widths_of<std::int64_t>(shape));
  const auto s = static_cast<double>(sequence_length);
  const double scores = static_cast<double>(w.scores) * positions(shape, s, AttentionCount::causal);
  auto part = [&](std::string_view name, std::int64_t params, std::int64_t active, std::int64_t matrices) {
    const double flop = 2 * passed_share(shape) * static_cast<double>(matrices);
    return Part{name, params, active, FlopPerToken(flop), FlopPerToken(0)};
  };
  const std::int64_t own_head = shape.tied ? 0 : w.head;
  std::vector<Part> all = {
      part("attention", w.attention, w.attention, w.attention),
      part("feed-forward", w.ffn, w.ffn, w.ffn),
      part("experts", w.experts, w.visited_experts, w.visited_experts),
      part("router", w.router, w.router, w.router),
      part("norms", w.norms, w.norms, 0),
      part("biases", w.biases, w.visited_biases, 0),
      part("embedding", w.lookups + w.patches, w.lookups + w.patches, w.patches),
      part("head", own_head, own_head, w.head),
      part("once per sequence", w.per_sequence, w.per_sequence, 0),
  };
  all.front().forward = FlopPerToken(all.front().forward.raw() + scores);
  all.front().attention_scores = FlopPerToken(scores);
  if (w.per_sequence > 0) all.back().forward = FlopPerToken(2 * static_cast<double>(w.per_sequence) / s);
  std::erase_if(all, [](const Part& p) { return p.params == 0 && p.forward.raw() == 0; });
  return all;
}

double kv_bytes_per_token(const Shape& shape, double bytes_per_value) {
  return bytes_per_value * static_cast<double>(shape.layers) * cache_values_per_layer(shape);
}

double kv_bytes(const Shape& shape, double bytes_per_value, std::int64_t context_length) {
  const auto context = static_cast<double>(context_length);
  const double kept = std::min(context, static_cast<double>(shape.window));
  const auto windows = static_cast<double>(shape.window_layers);
  const double sides = shape.encoder_layers > 0 ? 2 : 1;
  return bytes_per_value * cache_values_per_layer(shape) *
         (windows * kept + (static_cast<double>(shape.layers) * sides - windows) * context);
}

}  // namespace scaleplan::model
