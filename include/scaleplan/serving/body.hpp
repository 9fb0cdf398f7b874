#pragma once

#include "scaleplan/model/shape.hpp"

namespace scaleplan::serving {

/// A transformer as serving sees it: what a pass multiplies and reads, and what a token leaves in the cache.
/// Widths are elements; parameters are counts.
struct Body {
  double layers = 0;
  double moe_layers = 0;
  double hidden = 0;
  double heads = 0;
  double kv_heads = 0;  ///< the most shards that a cache can be cut into
  double vocabulary = 0;
  double dense_params = 0;     ///< all that multiplies every token: no routed expert, the head, no look-up
  double expert_params = 0;    ///< of all routed experts
  double experts = 1;          ///< of one layer
  double per_token = 1;        ///< experts that a token visits
  bool latent = false;         ///< multi-head latent attention: one compressed cache that every head reads
  double cache_width = 0;      ///< values that a token leaves in one layer's cache
  double prefill_width = 0;    ///< mean of score and value width of a head when keys and values are in full
  double decode_width = 0;     ///< score plus value width of a head that reads the compressed cache
  double attention_share = 1;  ///< layers that have a cache at all (hybrids with state-space layers: fewer)
  double window = 0;           ///< tokens that a windowed layer attends to; 0: none
  double window_share = 0;     ///< layers with that window

  [[nodiscard]] bool routed() const { return expert_params > 0; }
  [[nodiscard]] double active_params() const { return dense_params + expert_params * per_token / experts; }
  /// Weights and look-up table that a device must hold, all replicas of the table counted once.
  [[nodiscard]] double cache_values_per_token() const { return layers * attention_share * cache_width; }
  /// Tokens that attention reads, averaged over layers, at a context of `tokens`.
  [[nodiscard]] double attended(double tokens) const;
};

Body body_of(const model::Shape& shape);

}  // namespace scaleplan::serving
