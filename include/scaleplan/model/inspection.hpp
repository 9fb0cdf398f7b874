#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "scaleplan/base/quantity.hpp"
#include "scaleplan/model/shape.hpp"

namespace scaleplan::model {

/// Bytes for each parameter of one way to train: weights, gradients and what the optimiser keeps (master
/// weights, moments), before anything is sharded.
struct StateRecipe {
  std::string_view id;
  std::string_view title;
  double weights = 0;
  double gradients = 0;
  double optimiser = 0;
  std::string_view source;

  [[nodiscard]] double bytes() const { return weights + gradients + optimiser; }
};
std::span<const StateRecipe> state_recipes();

/// Bytes for each weight of a precision, scales of blocks not counted.
struct WeightPrecision {
  std::string_view id;
  double bytes = 0;
};
std::span<const WeightPrecision> weight_precisions();

/// What grows with the sequence, at one length.
struct AtLength {
  std::int64_t sequence_length = 0;
  TokenFlop flop;              ///< causal half of attention
  FlopPerToken forward_full;   ///< whole square of attention
  double attention_share = 0;  ///< scores, of `flop`
  Bytes kv_cache;              ///< of one sequence, bf16
};

/// Everything that follows from a shape alone.
struct Inspection {
  Parameters params;
  AtLength at;
  std::vector<Part> parts;
  std::vector<AtLength>
      lengths;  ///< 2048, 8192, …, 131072, as far as learned positions reach; none of images
  double kv_bytes_per_token = 0;  ///< bf16; 0 where nothing is generated token by token
};
Inspection inspect(const Shape& shape, std::int64_t sequence_length);

}  // namespace scaleplan::model
