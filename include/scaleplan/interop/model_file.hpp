#pragma once

#include <string>
#include <vector>

#include "scaleplan/model/catalogue.hpp"

namespace scaleplan::interop {

/// A model that a file describes.
struct ModelFile {
  model::Model model;
  std::string kind;                  ///< "file" (scaleplan/model/1) or "hugging-face"
  std::vector<std::string> ignored;  ///< keys of a Hugging Face config that say nothing about the shape
};

/// The text of a scaleplan/model/1 document or of the config.json of a Hugging Face checkpoint, told apart by
/// content.
Result<ModelFile> read_model_file(std::string text, const std::string& file);

}  // namespace scaleplan::interop
