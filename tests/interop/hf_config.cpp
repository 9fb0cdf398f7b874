#include "scaleplan/interop/hf_config.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace scaleplan;
using interop::HfModel;

namespace {

json::Document document(const std::string& text) {
  auto parsed = json::parse(text, "config.json");
  if (!parsed) FAIL(to_text(parsed.errors().front()));
  return *parsed;
}

model::Model read(const std::string& text) {
  const Result<HfModel> found = interop::read_hf_config(document(text));
  if (!found) FAIL(to_text(found.errors().front()));
  return found->model;
}

std::string refusal(const std::string& text) {
  const Result<HfModel> found = interop::read_hf_config(document(text));
  if (found) FAIL("was read: " << text);
  std::string all;
  for (const Diagnostic& each : found.errors()) all += to_text(each) + "\n";
  return all;
}

struct Checkpoint {
  const char* name;
  std::int64_t total;  // parameters of the published checkpoint
  const char* config;  // the keys of its config.json that matter
};

const Checkpoint checkpoints[] = {
    {"GPT-2", 124439808,
     R"({"model_type":"gpt2","n_layer":12,"n_embd":768,"n_head":12,"n_positions":1024,"n_ctx":1024,
         "n_inner":null,"vocab_size":50257})"},
    {"StarCoder", 15517456384,
     R"({"model_type":"gpt_bigcode","n_layer":40,"n_embd":6144,"n_head":48,"n_inner":24576,
         "n_positions":8192,"vocab_size":49152,"multi_query":true})"},
    {"GPT-J 6B", 6050882784,
     R"({"model_type":"gptj","n_layer":28,"n_embd":4096,"n_head":16,"n_inner":null,"n_positions":2048,
         "vocab_size":50400,"tie_word_embeddings":false})"},
    {"Pythia 6.9B", 6857302016,
     R"({"model_type":"gpt_neox","num_hidden_layers":32,"hidden_size":4096,"num_attention_heads":32,
         "intermediate_size":16384,"vocab_size":50432})"},
    {"OPT 125M", 125239296,
     R"({"model_type":"opt","num_hidden_layers":12,"hidden_size":768,"num_attention_heads":12,"ffn_dim":3072,
         "max_position_embeddings":2048,"vocab_size":50272,"word_embed_proj_dim":768})"},
    {"BLOOM 560M", 559214592,
     R"({"model_type":"bloom","n_layer":24,"hidden_size":1024,"n_head":16,"vocab_size":250880})"},
    {"Falcon 7B", 6921720704,
     R"({"model_type":"falcon","num_hidden_layers":32,"hidden_size":4544,"num_attention_heads":71,
         "multi_query":true,"parallel_attn":true,"bias":false,"alibi":false,"vocab_size":65024})"},
    {"Falcon 40B", 41303293952,
     R"({"model_type":"falcon","n_layer":60,"num_hidden_layers":60,"hidden_size":8192,"n_head":128,
         "num_kv_heads":8,"new_decoder_architecture":true,"bias":false,"vocab_size":65024})"},
    {"MPT 7B", 6649286656,
     R"({"model_type":"mpt","n_layers":32,"d_model":4096,"n_heads":32,"expansion_ratio":4,"max_seq_len":2048,
         "attn_config":{"alibi":true,"attn_type":"multihead_attention"},"no_bias":true,"vocab_size":50432})"},
    {"Phi-2", 2779683840,
     R"({"model_type":"phi","num_hidden_layers":32,"hidden_size":2560,"num_attention_heads":32,
         "intermediate_size":10240,"num_key_value_heads":32,"vocab_size":51200})"},
    {"Llama 3.2 1B", 1235814400,
     R"({"model_type":"llama","num_hidden_layers":16,"hidden_size":2048,"num_attention_heads":32,"head_dim":64,
         "num_key_value_heads":8,"intermediate_size":8192,"vocab_size":128256,"tie_word_embeddings":true})"},
    {"InternLM2 7B", 7737708544,
     R"({"model_type":"internlm2","num_hidden_layers":32,"hidden_size":4096,"num_attention_heads":32,
         "num_key_value_heads":8,"intermediate_size":14336,"vocab_size":92544,"bias":false})"},
    {"Qwen2 0.5B", 494032768,
     R"({"model_type":"qwen2","num_hidden_layers":24,"hidden_size":896,"num_attention_heads":14,
         "num_key_value_heads":2,"intermediate_size":4864,"vocab_size":151936,"tie_word_embeddings":true})"},
    {"Qwen3 0.6B", 596049920,
     R"({"model_type":"qwen3","num_hidden_layers":28,"hidden_size":1024,"num_attention_heads":16,"head_dim":128,
         "num_key_value_heads":8,"intermediate_size":3072,"vocab_size":151936,"tie_word_embeddings":true})"},
    {"Gemma 7B", 8537680896,
     R"({"model_type":"gemma","num_hidden_layers":28,"hidden_size":3072,"num_attention_heads":16,"head_dim":256,
         "num_key_value_heads":16,"intermediate_size":24576,"vocab_size":256000})"},
    {"Gemma 2 2B", 2614341888,
     R"({"model_type":"gemma2","num_hidden_layers":26,"hidden_size":2304,"num_attention_heads":8,"head_dim":256,
         "num_key_value_heads":4,"intermediate_size":9216,"vocab_size":256000,"sliding_window":4096})"},
    {"Gemma 3 1B", 999885952,
     R"({"model_type":"gemma3_text","num_hidden_layers":26,"hidden_size":1152,"num_attention_heads":4,
         "head_dim":256,"num_key_value_heads":1,"intermediate_size":6912,"vocab_size":262144,
         "sliding_window":512,"sliding_window_pattern":6})"},
    {"OLMo 1B", 1176764416,
     R"({"model_type":"olmo","num_hidden_layers":16,"hidden_size":2048,"num_attention_heads":16,
         "intermediate_size":8192,"vocab_size":50304,"tie_word_embeddings":true})"},
    {"OLMo 2 7B", 7298617344,
     R"({"model_type":"olmo2","num_hidden_layers":32,"hidden_size":4096,"num_attention_heads":32,
         "num_key_value_heads":32,"intermediate_size":11008,"vocab_size":100352,"tie_word_embeddings":false})"},
    {"StableLM 3B", 2795443200,
     R"({"model_type":"stablelm","num_hidden_layers":32,"hidden_size":2560,"num_attention_heads":32,
         "num_key_value_heads":32,"intermediate_size":6912,"vocab_size":50304,"use_qkv_bias":false})"},
    {"StarCoder2 3B", 3030371328,
     R"({"model_type":"starcoder2","num_hidden_layers":30,"hidden_size":3072,"num_attention_heads":24,
         "num_key_value_heads":2,"intermediate_size":12288,"vocab_size":49152,"sliding_window":4096})"},
    {"Command R", 34980831232,
     R"({"model_type":"cohere","num_hidden_layers":40,"hidden_size":8192,"num_attention_heads":64,
         "num_key_value_heads":64,"intermediate_size":22528,"vocab_size":256000})"},
    {"SmolLM3", 3075098624,
     R"({"model_type":"smollm3","num_hidden_layers":36,"hidden_size":2048,"num_attention_heads":16,
         "num_key_value_heads":4,"intermediate_size":11008,"vocab_size":128256})"},
    {"Mixtral 8x7B", 46702792704,
     R"({"model_type":"mixtral","num_hidden_layers":32,"hidden_size":4096,"num_attention_heads":32,
         "num_key_value_heads":8,"intermediate_size":14336,"num_local_experts":8,"num_experts_per_tok":2,
         "vocab_size":32000,"sliding_window":null})"},
    {"OLMoE 1B-7B", 6919161856,
     R"({"model_type":"olmoe","num_hidden_layers":16,"hidden_size":2048,"num_attention_heads":16,
         "num_key_value_heads":16,"intermediate_size":1024,"num_experts":64,"num_experts_per_tok":8,
         "vocab_size":50304})"},
    {"Qwen1.5-MoE A2.7B", 14315784192,
     R"({"model_type":"qwen2_moe","num_hidden_layers":24,"hidden_size":2048,"num_attention_heads":16,
         "num_key_value_heads":16,"intermediate_size":5632,"moe_intermediate_size":1408,"num_experts":60,
         "shared_expert_intermediate_size":5632,"num_experts_per_tok":4,"decoder_sparse_step":1,
         "vocab_size":151936,"sliding_window":32768,"use_sliding_window":false,"max_window_layers":21})"},
    {"Qwen3 30B-A3B", 30532122624,
     R"({"model_type":"qwen3_moe","num_hidden_layers":48,"hidden_size":2048,"num_attention_heads":32,
         "head_dim":128,"num_key_value_heads":4,"intermediate_size":6144,"moe_intermediate_size":768,
         "num_experts":128,"num_experts_per_tok":8,"mlp_only_layers":[],"vocab_size":151936})"},
    {"DBRX", 131596523520,
     R"({"model_type":"dbrx","n_layers":40,"d_model":6144,"n_heads":48,"vocab_size":100352,
         "attn_config":{"kv_n_heads":8},
         "ffn_config":{"ffn_hidden_size":10752,"moe_num_experts":16,"moe_top_k":4}})"},
    {"gpt-oss 20B", 20914757184,
     R"({"model_type":"gpt_oss","num_hidden_layers":24,"hidden_size":2880,"num_attention_heads":64,"head_dim":64,
         "num_key_value_heads":8,"intermediate_size":2880,"num_local_experts":32,"num_experts_per_tok":4,
         "vocab_size":201088,"sliding_window":128})"},
    {"DeepSeekMoE 16B", 16375728128,
     R"({"model_type":"deepseek","num_hidden_layers":28,"hidden_size":2048,"num_attention_heads":16,
         "num_key_value_heads":16,"intermediate_size":10944,"moe_intermediate_size":1408,"n_routed_experts":64,
         "n_shared_experts":2,"num_experts_per_tok":6,"first_k_dense_replace":1,"moe_layer_freq":1,
         "vocab_size":102400})"},
    {"DeepSeek-V2-Lite", 15706484224,
     R"({"model_type":"deepseek_v2","num_hidden_layers":27,"hidden_size":2048,"num_attention_heads":16,
         "num_key_value_heads":16,"intermediate_size":10944,"moe_intermediate_size":1408,"n_routed_experts":64,
         "n_shared_experts":2,"num_experts_per_tok":6,"first_k_dense_replace":1,"q_lora_rank":null,
         "kv_lora_rank":512,"qk_nope_head_dim":128,"qk_rope_head_dim":64,"v_head_dim":128,
         "vocab_size":102400})"},
    {"DeepSeek-V3", 671026419200,
     R"({"model_type":"deepseek_v3","num_hidden_layers":61,"hidden_size":7168,"num_attention_heads":128,
         "num_key_value_heads":128,"intermediate_size":18432,"moe_intermediate_size":2048,
         "n_routed_experts":256,"n_shared_experts":1,"num_experts_per_tok":8,"first_k_dense_replace":3,
         "q_lora_rank":1536,"kv_lora_rank":512,"qk_nope_head_dim":128,"qk_rope_head_dim":64,"v_head_dim":128,
         "num_nextn_predict_layers":1,"vocab_size":129280})"},
    {"T5 base", 222903552,
     R"({"model_type":"t5","d_ff":3072,"d_model":768,"num_heads":12,"num_layers":12,"vocab_size":32128})"},
    {"Flan-T5 XXL", 11135332352,
     R"({"model_type":"t5","d_ff":10240,"d_kv":64,"d_model":4096,"num_heads":64,"num_layers":24,
         "feed_forward_proj":"gated-gelu","tie_word_embeddings":false,"vocab_size":32128})"},
    {"ViT B/16", 86567656,
     R"({"model_type":"vit","num_hidden_layers":12,"hidden_size":768,"num_attention_heads":12,
         "intermediate_size":3072,"image_size":224,"patch_size":16,"num_labels":1000})"},
};

const char* const llama =
    R"({"model_type":"llama","num_hidden_layers":2,"hidden_size":64,"num_attention_heads":4,)"
    R"("num_key_value_heads":2,"intermediate_size":128,"vocab_size":100)";

}  // namespace

TEST_CASE("configs of published checkpoints give their totals") {
  for (const Checkpoint& each : checkpoints) {
    INFO(each.name);
    const model::Model found = read(each.config);
    CHECK(model::count_parameters(found.shape).total == each.total);
  }
}

TEST_CASE("windows of a config follow its architecture") {
  auto shape = [](const std::string& type, const std::string& more) {
    return read(R"({"model_type":")" + type +
                R"(","num_hidden_layers":10,"hidden_size":64,"num_attention_heads":4,"vocab_size":100,)"
                R"("intermediate_size":128,)" +
                more + "}")
        .shape;
  };
  CHECK(shape("mistral", R"("sliding_window":4096)").window_layers == 10);
  CHECK(shape("mistral", R"("sliding_window":null)").window == 0);
  CHECK(shape("mistral", R"("hidden_act":"silu")").window == 4096);  // what transformers takes when absent
  CHECK(shape("phi3", R"("hidden_act":"silu")").window == 0);
  CHECK(shape("qwen2", R"("sliding_window":4096,"use_sliding_window":false)").window_layers == 0);
  CHECK(shape("qwen2", R"("sliding_window":4096,"use_sliding_window":true,"max_window_layers":7)")
            .window_layers == 3);
  CHECK(shape("gemma2", R"("sliding_window":4096)").window_layers == 5);
  CHECK(shape("gemma3_text", R"("sliding_window":512)").window_layers == 9);  // every sixth is global
  CHECK(shape("olmo3", R"("sliding_window":512,"layer_types":["full_attention","sliding_attention",
    "full_attention","sliding_attention","full_attention","sliding_attention","full_attention",
    "full_attention","full_attention","full_attention"])")
            .window_layers == 3);
  CHECK(refusal(R"({"model_type":"olmo3","num_hidden_layers":3,"hidden_size":64,"num_attention_heads":4,
    "vocab_size":9,"intermediate_size":8,"sliding_window":5,"layer_types":["full_attention"]})")
            .find("1 layer types for 3 layers") != std::string::npos);
}

TEST_CASE("the language model of a config with several modalities is read") {
  const std::string text = std::string(llama) + "}";
  const model::Model plain = read(text);
  const model::Model inner = read(R"({"model_type":"llava","vision_config":{},"text_config":)" + text + "}");
  CHECK(inner.shape == plain.shape);
  REQUIRE(inner.notes.size() == 1);
  CHECK(inner.notes.front() == "the vision tower is not counted");
}

TEST_CASE("keys that say nothing about the shape are listed") {
  const Result<HfModel> found = interop::read_hf_config(
      document(std::string(llama) + R"(,"torch_dtype":"bfloat16","rope_theta":10000.0})"));
  REQUIRE(found);
  CHECK(found->ignored == std::vector<std::string>{"rope_theta", "torch_dtype"});
}

TEST_CASE("bad configs are refused with place and remedy") {
  auto with = [](const std::string& key, const std::string& value) {
    std::string text = std::string(llama) + "}";
    const std::size_t at = text.find("\"" + key + "\":") + key.size() + 3;
    const std::size_t end = text.find_first_of(",}", at);
    return text.replace(at, end - at, value);
  };
  auto says = [](const std::string& text, std::initializer_list<const char*> words) {
    const std::string all = refusal(text);
    for (const char* word : words) {
      INFO(all);
      CHECK(all.find(word) != std::string::npos);
    }
  };
  says(with("num_hidden_layers", "null"), {"config.json:1:", "/num_hidden_layers", "got null"});
  says(with("hidden_size", "\"64\""), {"/hidden_size", "whole number", "\"64\""});
  says(with("hidden_size", "64.5"), {"/hidden_size", "64.5"});
  says(with("hidden_size", "-64"), {"/hidden_size"});
  says(with("hidden_size", "1e300"), {"/hidden_size"});
  says(with("num_key_value_heads", "3"), {"4 heads are not a multiple of 3 key/value heads"});
  says(with("vocab_size", "[100]"), {"/vocab_size"});
  says(with("model_type", "7"), {"/model_type", "string"});
  says(with("model_type", "\"lama\""), {"\"lama\" is unknown", "llama"});
  says(R"({"model_type":"mamba","hidden_size":8,"vocab_size":9})",
       {"/model_type", "mamba", "num_hidden_layers", "num_attention_heads", "intermediate_size"});
  says(R"({"model_type":"llama"})",
       {"num_hidden_layers", "hidden_size", "num_attention_heads", "vocab_size", "intermediate_size"});
  says(R"({"model_type":"mixtral","num_hidden_layers":2,"hidden_size":64,"num_attention_heads":4,
           "intermediate_size":8,"vocab_size":9})",
       {"num_local_experts", "num_experts_per_tok"});
  says(R"({"model_type":"gpt2","n_layer":2,"num_hidden_layers":3,"n_embd":64,"n_head":4,"n_positions":8,
           "vocab_size":9})",
       {"/n_layer", "num_hidden_layers is 3"});
  says(R"({"model_type":"opt","num_hidden_layers":2,"hidden_size":64,"num_attention_heads":4,"ffn_dim":8,
           "max_position_embeddings":8,"vocab_size":9,"word_embed_proj_dim":32})",
       {"word_embed_proj_dim"});
}

TEST_CASE("whatever stands in a config, it is read or refused with its place") {
  const json::Value values[] = {nullptr, "12",           true,           -1,          0, 0.5,
                                1e18,    json::Array{7}, json::Object{}, 2147483648.0};
  for (const Checkpoint& each : checkpoints) {
    const json::Document whole = document(each.config);
    for (const auto& [key, unused] : whole.root().object()) {
      for (const json::Value& value : values) {
        json::Value changed = whole.root();
        changed.set(key, value);
        const json::Document written = document(json::write(changed));
        const Result<HfModel> found = interop::read_hf_config(written);
        INFO(each.name << ": " << key << " = " << json::write(value));
        if (found) {
          CHECK(model::defect(found->model.shape).empty());
          CHECK(model::count_parameters(found->model.shape).total > 0);
        } else {
          CHECK(found.errors().front().place.line > 0);
        }
      }
    }
  }
}

TEST_CASE("a config is told from other documents by its content") {
  CHECK(interop::is_hf_config(document(R"({"model_type":"llama"})")));
  CHECK(interop::is_hf_config(document(R"({"text_config":{"model_type":"llama"}})")));
  CHECK_FALSE(interop::is_hf_config(document(R"({"schema":"scaleplan/model/1","model_type":"llama"})")));
  CHECK_FALSE(interop::is_hf_config(document(R"([1])")));
  CHECK(interop::hf_model_types().size() > 40);
}
