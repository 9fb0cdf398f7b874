#include "scaleplan/serving/body.hpp"

#include <algorithm>

namespace scaleplan::serving {

double Body::attended(double tokens) const {
  if (window_share <= 0) return tokens;
  return (1 - window_share) * tokens + window_share * std::min(tokens, window);
}

Body body_of(const model::Shape& shape) {
  auto real = [](std::int64_t count) { return static_cast<double>(count); };
  const model::Experts& experts = shape.experts;
  const bool routed = experts.experts > 1;
  Body body;
  body.layers = real(shape.layers);
  body.moe_layers = routed ? real((shape.layers - experts.dense_layers) / experts.period) : 0;
  body.hidden = real(shape.hidden);
  body.heads = real(shape.heads);
  body.kv_heads = real(shape.kv_heads);
  body.vocabulary = real(shape.vocabulary);
  body.experts = routed ? real(experts.experts) : 1;
  body.per_token = routed ? real(experts.per_token) : 1;
  body.dense_params = real(model::count_parameters(shape).head_no_embedding);
  for (const model::Part& part : model::parts(shape, 1)) {
    if (part.name != "experts") continue;
    body.expert_params = real(part.params);
    body.dense_params -= real(part.active_params);
  }
  const model::Latent& latent = shape.latent;
  body.latent = latent.kv_rank > 0;
  const double head = real(shape.head_size);
  body.cache_width = body.latent ? real(latent.kv_rank + latent.rope_size) : 2 * body.kv_heads * head;
  body.prefill_width = body.latent ? real(latent.nope_size + latent.rope_size + latent.value_size) / 2 : head;
  body.decode_width = body.latent ? real(2 * latent.kv_rank + latent.rope_size) : 2 * head;
  body.window = real(shape.window);
  body.window_share = real(shape.window_layers) / body.layers;
  return body;
}

}  // namespace scaleplan::serving
