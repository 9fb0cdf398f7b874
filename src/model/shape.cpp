#include "scaleplan/model/shape.hpp"

#include <fmt/core.h>

#include <tuple>

#include "model/terms.hpp"

namespace scaleplan::model {

namespace {

auto key(const Experts& e) {
  return std::tie(e.experts, e.per_token, e.expert_ffn, e.shared_ffn, e.dense_layers, e.shared_gate);
}

auto key(const Latent& l) { return std::tie(l.kv_rank, l.q_rank, l.nope_size, l.rope_size, l.value_size); }

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
  return {};
}

}  // namespace

bool Shape::operator==(const Shape& o) const {
  return std::tie(layers, hidden, heads, kv_heads, head_size, ffn, vocabulary, positions, gated, tied,
                  qkv_bias) == std::tie(o.layers, o.hidden, o.heads, o.kv_heads, o.head_size, o.ffn,
                                        o.vocabulary, o.positions, o.gated, o.tied, o.qkv_bias) &&
         std::tie(output_bias, ffn_bias, qk_norm, norm, norms_per_layer) ==
             std::tie(o.output_bias, o.ffn_bias, o.qk_norm, o.norm, o.norms_per_layer) &&
         key(experts) == key(o.experts) && key(latent) == key(o.latent) &&
         std::tie(window, window_layers) == std::tie(o.window, o.window_layers);
}

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
  const Counts<double> size = counts(shape, terms(shape, widths_of<double>(shape)));
  if (size.total > 1e18) return fmt::format("{:.3g} parameters are more than 1e18", size.total);
  return {};
}

Parameters count_parameters(const Shape& shape) {
  const auto c = counts(shape, terms(shape, widths_of<std::int64_t>(shape)));
  return {c.total, c.active, c.embedding, c.non_embedding, c.active_non_embedding, c.head_no_embedding};
}

TokenFlop flop_per_token(const Shape& shape, std::int64_t sequence_length) {
  const double forward =
      forward_flop(terms(shape, widths_of<double>(shape)), static_cast<double>(sequence_length));
  return {FlopPerToken(forward), FlopPerToken(3 * forward)};
}

double kv_bytes_per_token(const Shape& shape, double bytes_per_value) {
  return 2 * bytes_per_value * static_cast<double>(shape.layers * shape.kv_heads * shape.head_size);
}

}  // namespace scaleplan::model
