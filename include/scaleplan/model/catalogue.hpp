#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/json/reader.hpp"
#include "scaleplan/model/shape.hpp"

namespace scaleplan::model {

/// A published model: share/scaleplan/models, schema scaleplan/model/1.
struct Model {
  std::string id;
  std::string title;
  std::string source;
  Shape shape;
  std::int64_t sequence_length = 0;             ///< in training or the longest; 0: not said
  std::optional<std::int64_t> published_total;  ///< its check: parameters of the checkpoint
  std::optional<std::int64_t> published_active;
  double published_tolerance = 0;  ///< relative, for figures that were published rounded
  double published_active_tolerance = 0;
  std::vector<std::string> notes = {};  ///< what the shape leaves out
};

Result<Model> read_model(const json::Document& document);
Result<Model> find_model(const json::Catalogue& catalogue, std::string_view id);

/// The members of a shape object: the fields of Shape by their names. kv_heads: heads unless given;
/// head_size: hidden / heads, with latent attention nope_size + rope_size; window_layers: all layers; norm:
/// "rms" | "layer" | "plain"; qk_norm: "none" | "head" | "full"; nested: experts, latent, image; `aspect` is
/// derived.
Shape read_shape(json::ObjectReader& reader);
/// Reads back as the same shape.
json::Value shape_to_json(const Shape& shape);

}  // namespace scaleplan::model
