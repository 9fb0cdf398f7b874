#include "scaleplan/interop/model_file.hpp"

#include "scaleplan/interop/hf_config.hpp"

namespace scaleplan::interop {

Result<ModelFile> read_model_file(std::string text, const std::string& file) {
  const Result<json::Document> document = json::parse(std::move(text), file);
  if (!document) return document.errors();
  if (is_hf_config(*document)) {
    Result<HfModel> found = read_hf_config(*document);
    if (!found) return found.errors();
    return ModelFile{std::move(found->model), "hugging-face", std::move(found->ignored)};
  }
  if (document->root().is_object() && document->root().find("schema") == nullptr) {
    return error("this is no model: it has neither a \"schema\" nor a \"model_type\"",
                 "give a scaleplan/model/1 document or the config.json of a Hugging Face checkpoint",
                 {.file = file, .line = 1, .column = 1, .pointer = ""});
  }
  Result<model::Model> model = model::read_model(*document);
  if (!model) return model.errors();
  return ModelFile{std::move(*model), "file", {}};
}

}  // namespace scaleplan::interop
