#include "cli/models.hpp"

#include "cli/files.hpp"
#include "scaleplan/base/digest.hpp"
#include "scaleplan/interop/model_file.hpp"

namespace scaleplan::cli {
namespace {

bool looks_like_path(const std::string& text) {
  return text == "-" || text.ends_with(".json") || text.find('/') != std::string::npos || is_file(text);
}

Result<ChosenModel> of_file(const std::string& path, Session& session) {
  Result<std::string> text = read_input(path, session);
  if (!text) {
    return text.errors();
  }
  ChosenModel out;
  out.digest = sha256(*text);
  Result<interop::ModelFile> found = interop::read_model_file(std::move(*text), path);
  if (!found) {
    return found.errors();
  }
  out.kind = std::move(found->kind);
  out.model = std::move(found->model);
  out.ignored = std::move(found->ignored);
  return out;
}

}  // namespace

Result<ChosenModel> choose_model(const std::string& text, Session& session) {
  if (looks_like_path(text)) {
    return of_file(text, session);
  }
  Result<model::Model> model = model::find_model(session.catalogue, text);
  if (!model) {
    return model.errors();
  }
  ChosenModel out;
  out.model = std::move(*model);
  out.kind = "catalogue";
  return out;
}

Operand model_operand() {
  return {
      "MODEL",
      "an id ('scaleplan show models' lists them), a scaleplan/model/1 file, or a Hugging Face config.json",
      1, 1};
}

}  // namespace scaleplan::cli
