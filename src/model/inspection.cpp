#include "scaleplan/model/inspection.hpp"

#include <array>

namespace scaleplan::model {

namespace {

constexpr double bf16 = 2;

AtLength at_length(const Shape& shape, std::int64_t sequence_length) {
  AtLength out;
  out.sequence_length = sequence_length;
  out.flop = flop_per_token(shape, sequence_length);
  out.forward_full = flop_per_token(shape, sequence_length, AttentionCount::full).forward;
  for (const Part& part : parts(shape, sequence_length)) {
    out.attention_share += part.attention_scores / out.flop.forward;
  }
  out.kv_cache = Bytes(kv_bytes(shape, bf16, sequence_length));
  return out;
}

}  // namespace

std::span<const StateRecipe> state_recipes() {
  static constexpr std::array all{
      StateRecipe{"bf16-fp32-gradients", "bf16 weights, fp32 gradients, Adam with fp32 master weights", 2, 4,
                  12, "Megatron-LM, docs/user-guide/features/dist_optimizer.md"},
      StateRecipe{"fp16-fp16-gradients", "fp16 weights and gradients, Adam with fp32 copies of both", 2, 2,
                  16, "Megatron-LM, docs/user-guide/features/dist_optimizer.md"},
      StateRecipe{"fp32", "fp32 throughout, Adam", 4, 4, 8,
                  "Megatron-LM, docs/user-guide/features/dist_optimizer.md"},
      StateRecipe{"bf16-8bit-adam", "bf16 weights and gradients, 8-bit Adam with fp32 master weights", 2, 2,
                  6, "stas00/ml-engineering, training/performance"},
      StateRecipe{"bf16-moments", "bf16 weights, gradients and moments, no master weights", 2, 2, 4,
                  "stas00/ml-engineering, training/performance"},
  };
  return all;
}

std::span<const WeightPrecision> weight_precisions() {
  static constexpr std::array all{WeightPrecision{"fp32", 4}, WeightPrecision{"bf16", 2},
                                  WeightPrecision{"fp8", 1}, WeightPrecision{"int4", 0.5}};
  return all;
}

Inspection inspect(const Shape& shape, std::int64_t sequence_length) {
  Inspection out;
  out.params = count_parameters(shape);
  out.at = at_length(shape, sequence_length);
  out.parts = parts(shape, sequence_length);
  out.kv_bytes_per_token = shape.causal ? kv_bytes_per_token(shape, bf16) : 0;
  const std::int64_t most = shape.positions > 0 ? shape.positions : 131072;
  for (std::int64_t length = 2048; shape.causal && length <= most; length *= 4) {
    out.lengths.push_back(at_length(shape, length));
  }
  return out;
}

}  // namespace scaleplan::model
