#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "model/read.hpp"
#include "scaleplan/model/catalogue.hpp"

namespace scaleplan::model {

namespace {

const std::vector<std::string> norm_names{"rms", "layer", "plain"};    // in the order of Norm
const std::vector<std::string> qk_norm_names{"none", "head", "full"};  // in the order of QkNorm

// The members that are written only where they differ from what a shape has by itself.
struct Flag {
  const char* key;
  bool Shape::*member;
};
constexpr std::array flags{
    Flag{"gated", &Shape::gated},       Flag{"tied", &Shape::tied},
    Flag{"qkv_bias", &Shape::qkv_bias}, Flag{"output_bias", &Shape::output_bias},
    Flag{"ffn_bias", &Shape::ffn_bias}, Flag{"head_bias", &Shape::head_bias},
    Flag{"sinks", &Shape::sinks},       Flag{"parallel", &Shape::parallel},
    Flag{"causal", &Shape::causal},     Flag{"embedding_norm", &Shape::embedding_norm},
};
struct Size {
  const char* key;
  std::int64_t Shape::*member;
  std::int64_t maximum;
};
constexpr std::array sizes{
    Size{"positions", &Shape::positions, most},
    Size{"norms_per_layer", &Shape::norms_per_layer, 16},
    Size{"relative_buckets", &Shape::relative_buckets, most},
};

template <class Enum>
void read_choice(json::ObjectReader& reader, const char* key, const std::vector<std::string>& names,
                 Enum& member) {
  const auto name = reader.choice(key, names);
  for (std::size_t i = 0; name && i < names.size(); ++i) {
    if (names[i] == *name) member = static_cast<Enum>(i);
  }
}

void read_experts(json::ObjectReader& experts, Experts& e) {
  e.experts = experts.integer("experts", 1, 100000).value_or(1);
  e.per_token = experts.integer("per_token", 1, 100000).value_or(1);
  e.expert_ffn = experts.integer("expert_ffn", 0, widest).value_or(0);
  e.shared_ffn = experts.integer("shared_ffn", 0, widest).value_or(0);
  e.dense_layers = experts.integer("dense_layers", 0, most_layers).value_or(0);
  e.period = experts.integer("period", 1, most_layers).value_or(1);
  e.shared_gate = experts.boolean("shared_gate").value_or(false);
  e.router_bias = experts.boolean("router_bias").value_or(false);
  experts.finish();
}

void read_latent(json::ObjectReader& latent, Latent& l) {
  for (const char* key : {"kv_rank", "value_size"}) latent.require(key);
  l.kv_rank = latent.integer("kv_rank", 1, widest).value_or(1);
  l.q_rank = latent.integer("q_rank", 0, widest).value_or(0);
  l.nope_size = latent.integer("nope_size", 0, widest).value_or(0);
  l.rope_size = latent.integer("rope_size", 0, widest).value_or(0);
  l.value_size = latent.integer("value_size", 1, widest).value_or(1);
  latent.finish();
}

void read_image(json::ObjectReader& image, Image& i) {
  image.require("patch_values");
  i.patch_values = image.integer("patch_values", 1, widest).value_or(1);
  i.output_values = image.integer("output_values", 0, widest).value_or(0);
  i.timestep_features = image.integer("timestep_features", 0, widest).value_or(0);
  i.class_token = image.boolean("class_token").value_or(false);
  image.finish();
}

void read_attention(json::ObjectReader& reader, Shape& shape) {
  reader.object("latent", [&](json::ObjectReader& latent) { read_latent(latent, shape.latent); });
  const Latent& l = shape.latent;
  const std::int64_t even = shape.heads > 0 ? shape.hidden / shape.heads : 0;
  shape.head_size =
      reader.integer("head_size", 1, widest).value_or(l.kv_rank > 0 ? l.nope_size + l.rope_size : even);
  shape.window = reader.integer("window", 0, most).value_or(0);
  const std::int64_t windows = shape.window > 0 ? shape.layers : 0;
  shape.window_layers = reader.integer("window_layers", 0, most_layers).value_or(windows);
}

void check_aspect(json::ObjectReader& reader, const Shape& shape) {
  const auto aspect = reader.number("aspect");
  if (aspect && std::abs(*aspect - shape.aspect()) > 1e-6 * shape.aspect()) {
    reader.fail("aspect", "the aspect is not hidden / layers", "leave it out: it is derived");
  }
}

using Pairs = std::initializer_list<std::pair<const char*, std::int64_t>>;

json::Value object_of(Pairs sizes_of, std::initializer_list<std::pair<const char*, bool>> flags_of = {}) {
  json::Value object;
  for (const auto& [key, size] : sizes_of) {
    if (size > 0) object.set(key, size);
  }
  for (const auto& [key, flag] : flags_of) {
    if (flag) object.set(key, true);
  }
  return object;
}

void write_nested(const Shape& shape, json::Value& value) {
  if (const Latent& l = shape.latent; l.kv_rank > 0) {
    value.set("latent", object_of({{"kv_rank", l.kv_rank},
                                   {"q_rank", l.q_rank},
                                   {"nope_size", l.nope_size},
                                   {"rope_size", l.rope_size},
                                   {"value_size", l.value_size}}));
  }
  if (const Experts& e = shape.experts; e.experts > 1) {
    value.set("experts", object_of({{"experts", e.experts},
                                    {"per_token", e.per_token},
                                    {"expert_ffn", e.expert_ffn},
                                    {"shared_ffn", e.shared_ffn},
                                    {"dense_layers", e.dense_layers},
                                    {"period", e.period == 1 ? 0 : e.period}},
                                   {{"shared_gate", e.shared_gate}, {"router_bias", e.router_bias}}));
  }
  if (const Image& i = shape.image; i.patch_values > 0) {
    value.set("image", object_of({{"patch_values", i.patch_values},
                                  {"output_values", i.output_values},
                                  {"timestep_features", i.timestep_features}},
                                 {{"class_token", i.class_token}}));
  }
}

}  // namespace

void read_common(json::ObjectReader& reader, Shape& shape) {
  read_choice(reader, "norm", norm_names, shape.norm);
  read_choice(reader, "qk_norm", qk_norm_names, shape.qk_norm);
  shape.vocabulary = reader.integer("vocabulary", 1, most).value_or(0);
  reader.require("vocabulary");
  for (const Size& size : sizes) {
    shape.*size.member = reader.integer(size.key, 0, size.maximum).value_or(shape.*size.member);
  }
  for (const Flag& flag : flags) {
    shape.*flag.member = reader.boolean(flag.key).value_or(shape.*flag.member);
  }
  reader.object("experts", [&](json::ObjectReader& experts) { read_experts(experts, shape.experts); });
}

Shape read_shape(json::ObjectReader& reader) {
  Shape shape;
  bool complete = true;
  for (const char* key : {"layers", "hidden", "heads"}) complete = reader.require(key) && complete;
  shape.layers = reader.integer("layers", 1, most_layers).value_or(0);
  shape.hidden = reader.integer("hidden", 1, widest).value_or(0);
  shape.heads = reader.integer("heads", 1, widest).value_or(0);
  shape.kv_heads = reader.integer("kv_heads", 1, widest).value_or(shape.heads);
  shape.ffn = reader.integer("ffn", 0, widest).value_or(0);
  shape.encoder_layers = reader.integer("encoder_layers", 0, most_layers).value_or(0);
  read_attention(reader, shape);
  reader.object("image", [&](json::ObjectReader& image) { read_image(image, shape.image); });
  read_common(reader, shape);
  if (complete && shape.layers > 0 && shape.hidden > 0 && shape.heads > 0 && shape.vocabulary > 0) {
    check_aspect(reader, shape);
    if (std::string wrong = defect(shape); !wrong.empty()) {
      reader.fail("layers", "impossible shape: " + wrong);
    }
  } else {
    reader.accept("aspect");
  }
  return shape;
}

json::Value shape_to_json(const Shape& shape) {
  static const Shape usual;
  json::Value value;
  value.set("layers", shape.layers);
  value.set("hidden", shape.hidden);
  value.set("heads", shape.heads);
  value.set("kv_heads", shape.kv_heads);
  value.set("head_size", shape.head_size);
  value.set("ffn", shape.ffn);
  value.set("vocabulary", shape.vocabulary);
  value.set("aspect", shape.aspect());
  for (const Flag& flag : flags) {
    const bool always = flag.member == &Shape::gated || flag.member == &Shape::tied;
    if (always || shape.*flag.member != usual.*flag.member) value.set(flag.key, shape.*flag.member);
  }
  for (const Size& size : sizes) {
    if (shape.*size.member != usual.*size.member) value.set(size.key, shape.*size.member);
  }
  if (shape.norm != usual.norm) value.set("norm", norm_names[static_cast<std::size_t>(shape.norm)]);
  if (shape.qk_norm != usual.qk_norm) {
    value.set("qk_norm", qk_norm_names[static_cast<std::size_t>(shape.qk_norm)]);
  }
  if (shape.encoder_layers > 0) value.set("encoder_layers", shape.encoder_layers);
  if (shape.window > 0) {
    value.set("window", shape.window);
    value.set("window_layers", shape.window_layers);
  }
  write_nested(shape, value);
  return value;
}

}  // namespace scaleplan::model
