#include "interop/hf_architectures.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace scaleplan::interop {

using model::Shape;

void require_ffn(HfConfig& c, Shape& s) {
  s.ffn = c.required({"intermediate_size", "ffn_dim", "d_ff"});
}

void four_times_hidden(HfConfig&, Shape& s) {
  if (s.ffn == 0) s.ffn = 4 * s.hidden;
}

void set_window(Shape& s, std::optional<std::int64_t> window, std::int64_t layers) {
  s.window = layers > 0 ? window.value_or(0) : 0;
  s.window_layers = s.window > 0 ? layers : 0;
}

// Layers that slide: those that the config lists, or `otherwise`.
void read_window(HfConfig& c, Shape& s, std::int64_t otherwise, std::int64_t usual) {
  auto window = c.size({"sliding_window", "sliding_window_size"});
  if (!window && !c.has("sliding_window")) window = usual;
  if (const auto items = c.length("layer_types"); items && *items != s.layers) {
    c.refuse("layer_types", fmt::format("{} layer types for {} layers", *items, s.layers));
  }
  set_window(s, window, c.count_of("layer_types", "sliding_attention").value_or(otherwise));
}

void llama(HfConfig& c, Shape& s) {
  require_ffn(c, s);
  s.qkv_bias = s.output_bias = c.flag("attention_bias", false);
  s.ffn_bias = c.flag("mlp_bias", false);
}

namespace {

// Layers slide from max_window_layers on, where the config says that they slide at all.
void qwen_window(HfConfig& c, Shape& s) {
  const std::int64_t first = c.size({"max_window_layers"}, 0).value_or(s.layers);
  const bool slides = c.flag("use_sliding_window", false);
  read_window(c, s, slides ? std::max<std::int64_t>(0, s.layers - first) : 0);
}

}  // namespace

void qwen2(HfConfig& c, Shape& s) {
  require_ffn(c, s);
  qwen_window(c, s);
}

void qwen3(HfConfig& c, Shape& s) {
  llama(c, s);
  qwen_window(c, s);
}

}  // namespace scaleplan::interop
