#include "interop/hf_architectures.hpp"

#include <fmt/format.h>

#include <array>

namespace scaleplan::interop {

namespace {

using model::QkNorm;
using model::Shape;

void routed(HfConfig& c, Shape& s, HfConfig::Names count, HfConfig::Names width) {
  s.experts.experts = c.required(count);
  s.experts.per_token = c.required({"num_experts_per_tok", "experts_per_token", "moe_topk"});
  s.experts.expert_ffn = c.required(width);
}

void mixtral(HfConfig& c, Shape& s) {
  require_ffn(c, s);
  routed(c, s, {"num_local_experts"}, {"intermediate_size"});
  read_window(c, s, s.layers);
}

void olmoe(HfConfig& c, Shape& s) {
  llama(c, s);
  routed(c, s, {"num_experts"}, {"intermediate_size"});
}

void gpt_oss(HfConfig& c, Shape& s) {
  require_ffn(c, s);
  routed(c, s, {"num_local_experts"}, {"intermediate_size"});
  s.qkv_bias = s.output_bias = c.flag("attention_bias", true);
  read_window(c, s, (s.layers + 1) / 2, 128);
}

void minimax_m2(HfConfig& c, Shape& s) {
  require_ffn(c, s);
  routed(c, s, {"num_local_experts"}, {"intermediate_size"});
  s.experts.router_bias = c.flag("use_routing_bias", true);
  if (c.flag("use_qk_norm", true)) s.qk_norm = QkNorm::full;
}

void dbrx(HfConfig& c, Shape& s) {
  c.nested("attn_config",
           [&](HfConfig& attention) { s.kv_heads = attention.size({"kv_n_heads"}).value_or(s.heads); });
  c.nested("ffn_config", [&](HfConfig& ffn) {
    s.experts.experts = ffn.required({"moe_num_experts"});
    s.experts.per_token = ffn.required({"moe_top_k"});
    s.experts.expert_ffn = ffn.required({"ffn_hidden_size"});
  });
  s.ffn = s.experts.expert_ffn;
}

void qwen_experts(HfConfig& c, Shape& s) {
  routed(c, s, {"num_experts"}, {"moe_intermediate_size"});
  s.experts.period = c.size({"decoder_sparse_step"}).value_or(1);
  const std::int64_t dense = c.length("mlp_only_layers").value_or(0);
  if (dense > 0 && s.experts.period > 1) {
    c.refuse("mlp_only_layers", "dense layers beside a decoder_sparse_step are not modelled");
  }
  s.experts.dense_layers = dense;
}

void qwen2_moe(HfConfig& c, Shape& s) {
  qwen2(c, s);
  qwen_experts(c, s);
  s.experts.shared_ffn = c.required({"shared_expert_intermediate_size"});
  s.experts.shared_gate = true;
}

void qwen3_moe(HfConfig& c, Shape& s) {
  qwen3(c, s);
  qwen_experts(c, s);
}

void glm_experts(HfConfig& c, Shape& s) {
  routed(c, s, {"n_routed_experts"}, {"moe_intermediate_size"});
  s.experts.shared_ffn = c.size({"n_shared_experts"}, 0).value_or(0) * s.experts.expert_ffn;
  s.experts.dense_layers = c.size({"first_k_dense_replace"}, 0).value_or(0);
  if (const auto more = c.size({"num_nextn_predict_layers"}, 0).value_or(0); more > 0) {
    c.note(fmt::format("without {} layer{} that predict{} further tokens (num_nextn_predict_layers)", more,
                       more == 1 ? "" : "s", more == 1 ? "s" : ""));
  }
}

void glm4_moe(HfConfig& c, Shape& s) {
  require_ffn(c, s);
  glm_experts(c, s);
  s.qkv_bias = c.flag("attention_bias", false);
  if (c.flag("use_qk_norm", false)) s.qk_norm = QkNorm::head;
}

void deepseek(HfConfig& c, Shape& s) {
  llama(c, s);
  if (c.size({"n_routed_experts"})) glm_experts(c, s);
  if (const auto step = c.size({"moe_layer_freq"}).value_or(1); step != 1) {
    c.refuse("moe_layer_freq",
             fmt::format("experts in every {}th layer are not modelled for deepseek", step));
  }
}

void deepseek_latent(HfConfig& c, Shape& s) {
  deepseek(c, s);
  s.latent.kv_rank = c.required({"kv_lora_rank"});
  s.latent.q_rank = c.size({"q_lora_rank"}, 0).value_or(0);
  s.latent.nope_size = c.required({"qk_nope_head_dim"});
  s.latent.rope_size = c.required({"qk_rope_head_dim"});
  s.latent.value_size = c.required({"v_head_dim"});
  s.head_size = s.latent.nope_size + s.latent.rope_size;
  if (c.size({"index_topk"})) {
    c.note("without the index of sparse attention: its parameters are not counted, attention as if dense");
  }
}

void llama4(HfConfig& c, Shape& s) {
  s.qkv_bias = s.output_bias = c.flag("attention_bias", false);
  routed(c, s, {"num_local_experts"}, {"intermediate_size"});
  s.experts.shared_ffn = s.experts.expert_ffn;
  s.experts.period = c.size({"interleave_moe_layer_step"}).value_or(1);
  s.ffn = c.required({"intermediate_size_mlp"});
  const std::int64_t pattern = c.size({"no_rope_layer_interval"}).value_or(4);
  set_window(s, c.size({"attention_chunk_size"}),
             c.count_of("layer_types", "chunked_attention").value_or(s.layers - s.layers / pattern));
  c.note("chunks of attention are counted as a sliding window of the same length");
}

}  // namespace

std::span<const HfArchitecture> expert_architectures() {
  static const std::array all{
      HfArchitecture{"dbrx", {}, dbrx},
      HfArchitecture{"deepseek", {}, deepseek},
      HfArchitecture{"deepseek_v2", {}, deepseek_latent},
      HfArchitecture{"deepseek_v3", {.experts = {.router_bias = true}}, deepseek_latent},
      HfArchitecture{"glm4_moe", {.experts = {.router_bias = true}}, glm4_moe},
      HfArchitecture{"glm_moe_dsa", {.experts = {.router_bias = true}}, deepseek_latent},
      HfArchitecture{"gpt_oss", {.ffn_bias = true, .sinks = true, .experts = {.router_bias = true}}, gpt_oss},
      HfArchitecture{"kimi_k2", {.experts = {.router_bias = true}}, deepseek_latent},
      HfArchitecture{"llama4_text", {}, llama4},
      HfArchitecture{"minimax_m2", {}, minimax_m2},
      HfArchitecture{"mixtral", {}, mixtral},
      HfArchitecture{"olmoe", {.qk_norm = QkNorm::full}, olmoe},
      HfArchitecture{"qwen2_moe", {.qkv_bias = true}, qwen2_moe},
      HfArchitecture{"qwen3_moe", {.qk_norm = QkNorm::head}, qwen3_moe},
  };
  return all;
}

}  // namespace scaleplan::interop
