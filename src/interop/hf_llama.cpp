#include "interop/hf_architectures.hpp"

#include <fmt/format.h>

#include <array>

namespace scaleplan::interop {

namespace {

using model::Norm;
using model::QkNorm;
using model::Shape;

void internlm2(HfConfig& c, Shape& s) {
  require_ffn(c, s);
  s.qkv_bias = s.output_bias = c.flag("bias", false);
}

void mistral(HfConfig& c, Shape& s) {
  require_ffn(c, s);
  read_window(c, s, s.layers, 4096);
}

void phi3(HfConfig& c, Shape& s) {
  require_ffn(c, s);
  read_window(c, s, s.layers);
}

void gemma(HfConfig& c, Shape& s) {
  require_ffn(c, s);
  s.qkv_bias = s.output_bias = c.flag("attention_bias", false);
}

void gemma2(HfConfig& c, Shape& s) {
  gemma(c, s);
  read_window(c, s, (s.layers + 1) / 2, 4096);
}

void gemma3(HfConfig& c, Shape& s) {
  gemma(c, s);
  const std::int64_t pattern = c.size({"sliding_window_pattern", "_sliding_window_pattern"}).value_or(6);
  read_window(c, s, s.layers - s.layers / pattern, 4096);
}

void olmo3(HfConfig& c, Shape& s) {
  llama(c, s);
  read_window(c, s, s.layers - s.layers / 4, 4096);
}

void cohere(HfConfig& c, Shape& s) {
  llama(c, s);
  if (c.flag("use_qk_norm", false)) s.qk_norm = QkNorm::full;
}

void cohere2(HfConfig& c, Shape& s) {
  cohere(c, s);
  const std::int64_t pattern = c.size({"sliding_window_pattern"}).value_or(4);
  read_window(c, s, s.layers - s.layers / pattern, 4096);
}

void stablelm(HfConfig& c, Shape& s) {
  require_ffn(c, s);
  s.qkv_bias = c.flag("use_qkv_bias", false);
  s.parallel = c.flag("use_parallel_residual", false);
  if (s.parallel) s.norms_per_layer = 1;
  if (c.flag("qk_layernorm", false)) s.qk_norm = QkNorm::full;
}

void starcoder2(HfConfig& c, Shape& s) {
  require_ffn(c, s);
  s.qkv_bias = s.output_bias = s.ffn_bias = c.flag("use_bias", true);
  read_window(c, s, s.layers);
}

void nemotron(HfConfig& c, Shape& s) {
  require_ffn(c, s);
  s.qkv_bias = s.output_bias = c.flag("attention_bias", false);
  s.ffn_bias = c.flag("mlp_bias", false);
}

}  // namespace

std::span<const HfArchitecture> llama_architectures() {
  static const std::array all{
      HfArchitecture{"cohere", {.tied = true, .parallel = true, .norms_per_layer = 1}, cohere},
      HfArchitecture{"cohere2", {.tied = true, .parallel = true, .norms_per_layer = 1}, cohere2},
      HfArchitecture{"gemma", {.tied = true}, gemma},
      HfArchitecture{"gemma2", {.tied = true, .norms_per_layer = 4}, gemma2},
      HfArchitecture{"gemma3_text", {.tied = true, .qk_norm = QkNorm::head, .norms_per_layer = 4}, gemma3},
      HfArchitecture{"granite", {}, llama},
      HfArchitecture{"internlm2", {}, internlm2},
      HfArchitecture{"llama", {}, llama},
      HfArchitecture{"mistral", {}, mistral},
      HfArchitecture{"nemotron", {.gated = false, .norm = Norm::layer}, nemotron},
      HfArchitecture{"olmo", {.norm = Norm::plain}, llama},
      HfArchitecture{"olmo2", {.qk_norm = QkNorm::full}, llama},
      HfArchitecture{"olmo3", {.qk_norm = QkNorm::full}, olmo3},
      HfArchitecture{"phi3", {}, phi3},
      HfArchitecture{"qwen2", {.qkv_bias = true}, qwen2},
      HfArchitecture{"qwen3", {.qk_norm = QkNorm::head}, qwen3},
      HfArchitecture{"smollm3", {.tied = true}, llama},
      HfArchitecture{"stablelm", {.norm = Norm::layer}, stablelm},
      HfArchitecture{"starcoder2", {.gated = false, .tied = true, .norm = Norm::layer}, starcoder2},
  };
  return all;
}

}  // namespace scaleplan::interop
