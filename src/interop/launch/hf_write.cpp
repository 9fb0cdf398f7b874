#include "interop/launch/hf_write.hpp"

#include "scaleplan/interop/hf_config.hpp"

namespace scaleplan::interop {
namespace {

using model::Shape;
using Add = void (*)(const Shape&, json::Value&);

void llama(const Shape& s, json::Value& out) {
  if (s.qkv_bias) out.set("attention_bias", true);
  if (s.ffn_bias) out.set("mlp_bias", true);
}

void window(const Shape& s, json::Value& out) {
  out.set("sliding_window", s.window > 0 ? json::Value(s.window) : json::Value());
}

void nothing(const Shape&, json::Value&) {}

void gpt2(const Shape& s, json::Value& out) {
  out = json::Object{{"n_layer", s.layers},
                     {"n_embd", s.hidden},
                     {"n_head", s.heads},
                     {"n_inner", s.ffn},
                     {"n_positions", s.positions},
                     {"vocab_size", s.vocabulary},
                     {"tie_word_embeddings", s.tied}};
}

void mixtral(const Shape& s, json::Value& out) {
  window(s, out);
  out.set("intermediate_size", s.experts.expert_ffn);
  out.set("num_local_experts", s.experts.experts);
  out.set("num_experts_per_tok", s.experts.per_token);
}

void qwen_experts(const Shape& s, json::Value& out) {
  llama(s, out);
  out.set("num_experts", s.experts.experts);
  out.set("num_experts_per_tok", s.experts.per_token);
  out.set("moe_intermediate_size", s.experts.expert_ffn);
  out.set("decoder_sparse_step", s.experts.period);
  json::Value dense = json::Array{};
  for (std::int64_t i = 0; i < s.experts.dense_layers; ++i) dense.push(i);
  out.set("mlp_only_layers", std::move(dense));
  if (s.experts.shared_ffn > 0) out.set("shared_expert_intermediate_size", s.experts.shared_ffn);
}

void shared_experts(const Shape& s, json::Value& out) {
  llama(s, out);
  out.set("n_routed_experts", s.experts.experts);
  out.set("num_experts_per_tok", s.experts.per_token);
  out.set("moe_intermediate_size", s.experts.expert_ffn);
  out.set("n_shared_experts", s.experts.expert_ffn > 0 ? s.experts.shared_ffn / s.experts.expert_ffn : 0);
  out.set("first_k_dense_replace", s.experts.dense_layers);
}

void glm(const Shape& s, json::Value& out) {
  shared_experts(s, out);
  out.set("use_qk_norm", s.qk_norm != model::QkNorm::none);
}

void latent(const Shape& s, json::Value& out) {
  if (s.experts.experts > 1) shared_experts(s, out);
  out.set("kv_lora_rank", s.latent.kv_rank);
  out.set("q_lora_rank", s.latent.q_rank > 0 ? json::Value(s.latent.q_rank) : json::Value());
  out.set("qk_nope_head_dim", s.latent.nope_size);
  out.set("qk_rope_head_dim", s.latent.rope_size);
  out.set("v_head_dim", s.latent.value_size);
}

struct Candidate {
  const char* type;
  const char* builds;  // class of transformers
  Add add;
};
constexpr Candidate candidates[] = {
    {"llama", "LlamaForCausalLM", llama},
    {"qwen2", "Qwen2ForCausalLM", nothing},
    {"qwen3", "Qwen3ForCausalLM", llama},
    {"olmo2", "Olmo2ForCausalLM", llama},
    {"mistral", "MistralForCausalLM", window},
    {"gpt2", "GPT2LMHeadModel", gpt2},
    {"mixtral", "MixtralForCausalLM", mixtral},
    {"qwen3_moe", "Qwen3MoeForCausalLM", qwen_experts},
    {"qwen2_moe", "Qwen2MoeForCausalLM", qwen_experts},
    {"deepseek", "DeepseekForCausalLM", shared_experts},
    {"glm4_moe", "Glm4MoeForCausalLM", glm},
    {"deepseek_v2", "DeepseekV2ForCausalLM", latent},
    {"deepseek_v3", "DeepseekV3ForCausalLM", latent},
};

json::Value common(const Shape& s) {
  return json::Object{{"num_hidden_layers", s.layers},  {"hidden_size", s.hidden},
                      {"num_attention_heads", s.heads}, {"num_key_value_heads", s.kv_heads},
                      {"head_dim", s.head_size},        {"intermediate_size", s.ffn},
                      {"vocab_size", s.vocabulary},     {"tie_word_embeddings", s.tied}};
}

}  // namespace

Result<json::Value> write_hf_config(const Shape& shape, std::int64_t context) {
  for (const Candidate& each : candidates) {
    json::Value body = common(shape);
    each.add(shape, body);
    json::Value config = json::Object{{"architectures", json::Array{each.builds}}, {"model_type", each.type}};
    for (const auto& [key, value] : body.object()) config.set(key, value);
    if (each.add != gpt2) config.set("max_position_embeddings", context);
    const auto document = json::parse(json::write(config), "config.json");
    const auto again = document ? read_hf_config(*document) : Result<HfModel>(document.errors());
    if (again && again->model.shape == shape) return config;
  }
  return error("no architecture of Hugging Face transformers that is known here has this shape",
               "known are those of Llama, Qwen, OLMo 2, Mistral, GPT-2, Mixtral, GLM and DeepSeek");
}

LaunchFile hf_config_file(Outgoing& out) {
  const model::Proposal& proposal = out.proposal();
  if (!proposal.shape) {
    out.need("shape");
    return {};
  }
  const auto config = write_hf_config(*proposal.shape, proposal.sequence_length.value_or(2048));
  if (!config) {
    out.fail(config.errors().front().message, config.errors().front().remedy);
    return {};
  }
  out.take_all("shape");
  return {"config.json", json::write(*config) + "\n"};
}

}  // namespace scaleplan::interop
