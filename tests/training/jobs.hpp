#pragma once

#include <string_view>

#include "scaleplan/hardware/machine.hpp"
#include "scaleplan/model/catalogue.hpp"
#include "scaleplan/training/efficiency.hpp"
#include "scaleplan/training/job.hpp"

/// Jobs that the tests of memory and layouts share.
namespace scaleplan::training::jobs {

inline hardware::Machine machine(std::string_view node_id, std::int64_t devices) {
  const json::Catalogue catalogue;
  const hardware::Node node = hardware::find_node(catalogue, node_id).value();
  return hardware::machine_of(hardware::find_device(catalogue, node.device).value(), &node, devices).value();
}

/// GPT-3 175B (arXiv:2005.14165 table 2.1) with the vocabulary padded as by Megatron.
inline model::Shape gpt3() {
  model::Shape shape;
  shape.layers = 96;
  shape.hidden = 12288;
  shape.heads = shape.kv_heads = 96;
  shape.head_size = 128;
  shape.ffn = 4 * 12288;
  shape.vocabulary = 51200;
  shape.gated = false;
  shape.tied = true;
  shape.norm = model::Norm::layer;
  return shape;
}

/// Llama 3.1 405B (arXiv:2407.21783 table 3).
inline model::Shape llama405() {
  model::Shape shape;
  shape.layers = 126;
  shape.hidden = 16384;
  shape.heads = 128;
  shape.kv_heads = 8;
  shape.head_size = 128;
  shape.ffn = 53248;
  shape.vocabulary = 128256;
  return shape;
}

/// DeepSeek-V3 (arXiv:2412.19437 section 4.2), without its multi-token prediction module.
inline model::Shape deepseek() {
  model::Shape shape;
  shape.layers = 61;
  shape.hidden = 7168;
  shape.heads = shape.kv_heads = 128;
  shape.head_size = 192;
  shape.ffn = 18432;
  shape.vocabulary = 129280;
  shape.experts.experts = 256;
  shape.experts.per_token = 8;
  shape.experts.expert_ffn = 2048;
  shape.experts.shared_ffn = 2048;
  shape.experts.dense_layers = 3;
  shape.latent = {512, 1536, 128, 64, 128};
  return shape;
}

inline Job job(model::Shape shape, hardware::Machine machine, std::int64_t global_batch,
               std::int64_t sequence, Engine engine = Engine::megatron) {
  Job out;
  out.shape = std::move(shape);
  out.machine = std::move(machine);
  out.global_batch = global_batch;
  out.sequence_length = sequence;
  out.engine = engine;
  apply_engine_defaults(out);
  return out;
}

inline Efficiency efficiency() {
  return default_efficiency(json::Catalogue()).value();
}

}  // namespace scaleplan::training::jobs
