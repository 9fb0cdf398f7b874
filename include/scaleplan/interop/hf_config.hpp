#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scaleplan/json/document.hpp"
#include "scaleplan/model/catalogue.hpp"

namespace scaleplan::interop {

/// A model read from the `config.json` of a Hugging Face checkpoint.
struct HfModel {
  model::Model model;                ///< id: the model_type; sequence_length: the longest that it allows
  std::vector<std::string> ignored;  ///< keys that say nothing about the shape, sorted
};

/// True for an object with a `model_type` (itself or in its `text_config`) and without a `schema`.
bool is_hf_config(const json::Document& document);

/// The shape that the architecture of this `model_type` builds, as transformers does: absent and null keys
/// take the architecture's own value where it has one. Of a model with several modalities the language model
/// is read; the notes of the model say what is left out (vision tower, layers that predict further tokens).
/// Errors: an unknown `model_type` (with the keys of a shape that are missing too), required sizes that are
/// absent, null or no whole numbers, and options whose parameters are not modelled.
Result<HfModel> read_hf_config(const json::Document& document);

/// The values of `model_type` that can be read, sorted.
std::vector<std::string_view> hf_model_types();

}  // namespace scaleplan::interop
