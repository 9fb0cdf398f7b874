#include "interop/hf_architectures.hpp"

#include <fmt/format.h>

#include <array>

namespace scaleplan::interop {

namespace {

using model::Norm;
using model::QkNorm;
using model::Shape;

void learned_positions(HfConfig& c, Shape& s, std::int64_t extra) {
  s.positions = c.required({"n_positions", "max_position_embeddings"}) + extra;
}

void gpt2(HfConfig& c, Shape& s) {
  four_times_hidden(c, s);
  learned_positions(c, s, 0);
  if (c.flag("add_cross_attention", false))
    c.refuse("add_cross_attention", "cross-attention is not modelled");
}

void gpt_bigcode(HfConfig& c, Shape& s) {
  gpt2(c, s);
  if (c.flag("multi_query", true)) s.kv_heads = 1;
}

void gpt_neox(HfConfig& c, Shape& s) {
  require_ffn(c, s);
  s.qkv_bias = s.output_bias = c.flag("attention_bias", true);
  s.parallel = c.flag("use_parallel_residual", true);
}

void opt(HfConfig& c, Shape& s) {
  require_ffn(c, s);
  learned_positions(c, s, 2);  // the two first rows of the table serve padding
  s.qkv_bias = s.output_bias = s.ffn_bias = c.flag("enable_bias", true);
  if (!c.flag("do_layer_norm_before", true)) {
    c.refuse("do_layer_norm_before", "norms behind the layers are not modelled for opt");
  }
  if (const auto width = c.size({"word_embed_proj_dim"}); width && *width != s.hidden) {
    c.refuse("word_embed_proj_dim", "a projection of the embedding is not modelled");
  }
}

void falcon(HfConfig& c, Shape& s) {
  const bool grouped = c.flag("new_decoder_architecture", false);
  if (!grouped) s.kv_heads = c.flag("multi_query", true) ? 1 : s.heads;
  s.parallel = grouped || c.flag("parallel_attn", true);
  const std::int64_t norms = c.size({"num_ln_in_parallel_attn"}).value_or(grouped ? 2 : 1);
  s.norms_per_layer = s.parallel ? norms : 2;
  s.qkv_bias = s.output_bias = s.ffn_bias = c.flag("bias", false);
  four_times_hidden(c, s);
}

void mpt(HfConfig& c, Shape& s) {
  bool alibi = false;
  c.nested("attn_config", [&](HfConfig& attention) {
    alibi = attention.flag("alibi", false);
    const std::string type = attention.word("attn_type");
    if (type == "multiquery_attention") s.kv_heads = 1;
    s.kv_heads = attention.size({"kv_n_heads"}).value_or(s.kv_heads);
    if (attention.flag("qk_ln", false)) s.qk_norm = QkNorm::full;
  });
  if (!alibi && c.flag("learned_pos_emb", true)) s.positions = c.required({"max_seq_len"});
  if (!c.flag("no_bias", false)) {
    s.qkv_bias = s.output_bias = s.ffn_bias = true;
    s.norm = Norm::layer;
  }
  s.ffn = c.size({"expansion_ratio"}).value_or(4) * s.hidden;
}

void phi(HfConfig& c, Shape& s) {
  require_ffn(c, s);
  if (c.flag("qk_layernorm", false)) c.refuse("qk_layernorm", "norms of this kind are not modelled");
}

void t5(HfConfig& c, Shape& s) {
  require_ffn(c, s);
  s.encoder_layers = s.layers;
  s.layers = c.size({"num_decoder_layers"}).value_or(s.layers);
  s.head_size = c.size({"d_kv"}).value_or(64);
  s.relative_buckets = c.size({"relative_attention_num_buckets"}).value_or(32);
  if (const std::string kind = c.word("feed_forward_proj"); !kind.empty()) {
    s.gated = kind.starts_with("gated");
  }
}

void vit(HfConfig& c, Shape& s) {
  s.layers = c.required({"num_hidden_layers"});
  s.hidden = c.required({"hidden_size"});
  s.heads = s.kv_heads = c.required({"num_attention_heads"});
  s.head_size = s.heads > 0 ? s.hidden / s.heads : 0;
  s.ffn = c.required({"intermediate_size"});
  s.vocabulary = c.length("id2label").value_or(c.size({"num_labels"}).value_or(2));
  s.qkv_bias = c.flag("qkv_bias", true);
  const std::int64_t patch = c.required({"patch_size"});
  const std::int64_t image = c.required({"image_size"});
  const std::int64_t channels = c.size({"num_channels"}).value_or(3);
  constexpr std::int64_t widest = 1 << 16;
  if (image < patch || image > widest || channels > widest) {
    c.refuse("image_size",
             fmt::format("patches of {0}×{0}×{1} values in an image of {2}×{2}", patch, channels, image));
    return;
  }
  const std::int64_t across = patch > 0 ? image / patch : 0;
  s.image.patch_values = patch * patch * channels;
  s.positions = across * across + 1;
}

}  // namespace

std::span<const HfArchitecture> gpt_architectures() {
  static const std::array all{
      HfArchitecture{"bloom",
                     {.gated = false,
                      .tied = true,
                      .qkv_bias = true,
                      .output_bias = true,
                      .ffn_bias = true,
                      .norm = Norm::layer,
                      .embedding_norm = true},
                     four_times_hidden},
      HfArchitecture{"falcon", {.gated = false, .tied = true, .norm = Norm::layer}, falcon},
      HfArchitecture{"gpt2",
                     {.gated = false,
                      .tied = true,
                      .qkv_bias = true,
                      .output_bias = true,
                      .ffn_bias = true,
                      .norm = Norm::layer},
                     gpt2},
      HfArchitecture{"gpt_bigcode",
                     {.gated = false,
                      .tied = true,
                      .qkv_bias = true,
                      .output_bias = true,
                      .ffn_bias = true,
                      .norm = Norm::layer},
                     gpt_bigcode},
      HfArchitecture{"gpt_neox", {.gated = false, .ffn_bias = true, .norm = Norm::layer}, gpt_neox},
      HfArchitecture{"gptj",
                     {.gated = false,
                      .ffn_bias = true,
                      .head_bias = true,
                      .parallel = true,
                      .norm = Norm::layer,
                      .norms_per_layer = 1},
                     four_times_hidden},
      HfArchitecture{"mpt", {.gated = false, .tied = true}, mpt},
      HfArchitecture{"mt5", {.gated = true, .norms_per_layer = 2}, t5},
      HfArchitecture{"opt", {.gated = false, .tied = true, .norm = Norm::layer}, opt},
      HfArchitecture{"phi",
                     {.gated = false,
                      .qkv_bias = true,
                      .output_bias = true,
                      .ffn_bias = true,
                      .head_bias = true,
                      .parallel = true,
                      .norm = Norm::layer,
                      .norms_per_layer = 1},
                     phi},
      HfArchitecture{"t5", {.gated = false, .tied = true}, t5},
      HfArchitecture{"vit",
                     {.gated = false,
                      .output_bias = true,
                      .ffn_bias = true,
                      .head_bias = true,
                      .causal = false,
                      .norm = Norm::layer,
                      .image = {.patch_values = 1, .class_token = true}},
                     vit},
  };
  return all;
}

}  // namespace scaleplan::interop
