#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "scaleplan/model/catalogue.hpp"

namespace scaleplan::cli {

/// A model as it was named, and where it came from.
struct ChosenModel {
  model::Model model;
  std::string kind;                  ///< "catalogue", "file" (scaleplan/model/1) or "hugging-face"
  std::string digest;                ///< SHA-256 of the text of the file, else empty
  std::vector<std::string> ignored;  ///< keys of a Hugging Face config that say nothing about the shape
};

/// A MODEL operand: an id of the catalogue ("llama-3-8b"), or a file, told apart by its content: a
/// scaleplan/model/1 document, or the config.json of a Hugging Face checkpoint; "-" is standard input.
/// Whatever exists, ends in .json or holds a / is a path.
Result<ChosenModel> choose_model(const std::string& text, Session& session);

/// "MODEL", for the operands of commands.
Operand model_operand();

}  // namespace scaleplan::cli
