#include "scaleplan/interop/hf_config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "interop/hf_architectures.hpp"
#include "scaleplan/base/suggest.hpp"

namespace scaleplan::interop {

namespace {

constexpr std::int64_t largest = std::int64_t{1} << 31;

// One size of a shape has as many names as there are lineages.
const HfConfig::Names layer_names{"num_hidden_layers", "n_layer", "n_layers", "num_layers"};
const HfConfig::Names hidden_names{"hidden_size", "n_embd", "d_model", "n_embed"};
const HfConfig::Names head_names{"num_attention_heads", "n_head", "n_heads", "num_heads"};
const HfConfig::Names kv_names{"num_key_value_heads", "num_kv_heads"};
const HfConfig::Names head_size_names{"head_dim", "d_kv"};
const HfConfig::Names ffn_names{"intermediate_size", "n_inner", "ffn_dim", "d_ff", "ffn_hidden_size"};
const HfConfig::Names context_names{"max_position_embeddings", "n_positions", "max_seq_len"};

std::array<std::span<const HfArchitecture>, 3> lineages() {
  return {llama_architectures(), gpt_architectures(), expert_architectures()};
}

const HfArchitecture* find_architecture(std::string_view type) {
  for (const auto& lineage : lineages()) {
    for (const HfArchitecture& each : lineage) {
      if (each.model_type == type) return &each;
    }
  }
  return nullptr;
}

std::string_view type_of(const json::Value& config) {
  const json::Value* type = config.find("model_type");
  return type != nullptr && type->is_string() ? std::string_view(type->string()) : std::string_view{};
}

Diagnostic unknown_type(json::ObjectReader& reader, const json::Value& config, std::string_view type) {
  std::vector<std::string> missing;
  for (const HfConfig::Names& names :
       {layer_names, hidden_names, head_names, ffn_names, HfConfig::Names{"vocab_size"}}) {
    const bool found = std::any_of(names.begin(), names.end(),
                                   [&](std::string_view name) { return config.find(name) != nullptr; });
    if (!found) missing.emplace_back(*names.begin());
  }
  std::vector<std::string> known;
  for (const std::string_view each : hf_model_types()) known.emplace_back(each);
  std::string remedy = did_you_mean(std::string(type), known);
  if (remedy.empty()) {
    remedy = "describe its shape in a scaleplan/model/1 document (scaleplan show model llama-3-8b is one)";
  }
  std::string what = fmt::format("the model_type \"{}\" is unknown", type);
  if (!missing.empty()) what += fmt::format(", and the config has no {}", fmt::join(missing, ", "));
  return error(what, remedy,
               reader.document().place(*config.find("model_type"), reader.pointer_to("model_type")));
}

void read_sizes(HfConfig& config, model::Shape& shape) {
  shape.layers = config.required(layer_names);
  shape.hidden = config.required(hidden_names);
  shape.heads = config.required(head_names);
  shape.vocabulary = config.required({"vocab_size"});
  const std::int64_t even = shape.heads > 0 ? shape.hidden / shape.heads : 0;
  shape.kv_heads = config.size(kv_names).value_or(shape.heads);
  shape.head_size = config.size(head_size_names).value_or(even);
  shape.ffn = config.size(ffn_names).value_or(0);
  shape.tied = config.flag("tie_word_embeddings", shape.tied);
}

Result<HfModel> read_shape(const json::Document& document, const json::Value& config,
                           const std::string& pointer) {
  Diagnostics diagnostics;
  json::ObjectReader reader(document, config, pointer, diagnostics);
  reader.require("model_type");
  const std::string type = reader.string("model_type").value_or("");
  if (!diagnostics.empty()) return diagnostics;
  const HfArchitecture* architecture = find_architecture(type);
  if (architecture == nullptr) return unknown_type(reader, config, type);
  for (const char* key : {"model_type", "architectures"}) reader.accept(key);
  HfModel out;
  model::Model& model = out.model;
  model.id = type;
  model.title = "Hugging Face " + type;
  model.source = document.file();
  model.shape = architecture->traits;
  HfConfig values(reader, model.notes);
  if (model.shape.image.patch_values == 0) read_sizes(values, model.shape);
  model.sequence_length = values.size(context_names).value_or(0);
  if (architecture->details != nullptr) architecture->details(values, model.shape);
  if (model.shape.image.class_token) model.sequence_length = model.shape.positions;
  if (diagnostics.empty()) {
    if (std::string wrong = defect(model.shape); !wrong.empty()) {
      reader.fail("", "impossible shape: " + wrong);
    }
  }
  if (has_errors(diagnostics)) return diagnostics;
  out.ignored = reader.finish(json::ObjectReader::Unknown::ignore);
  std::sort(out.ignored.begin(), out.ignored.end());
  return out;
}

// The config of the language model, where it stands inside that of a model with more modalities.
const json::Value* text_config(const json::Value& root) {
  const json::Value* text = root.find("text_config");
  return text != nullptr && text->is_object() && !type_of(*text).empty() ? text : nullptr;
}

}  // namespace

const json::Value* HfConfig::present(std::string_view key) {
  const json::Value* value = reader_->raw(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<std::int64_t> HfConfig::size(Names names, std::int64_t minimum) {
  std::optional<std::int64_t> found;
  std::string_view first;
  for (const std::string_view name : names) {
    if (present(name) == nullptr) continue;
    const auto value = reader_->integer(name, minimum, largest);
    if (!value) return std::nullopt;
    if (found && *found != *value) {
      reader_->fail(name, fmt::format("{} is {}, but {} is {}", name, *value, first, *found),
                    "both name the same size: keep one");
    }
    if (!found) {
      found = value;
      first = name;
    }
  }
  return found;
}

std::int64_t HfConfig::required(Names names) {
  for (const std::string_view name : names) {
    if (present(name) != nullptr) return size(names).value_or(0);
  }
  for (const std::string_view name : names) {
    if (reader_->has(name)) {
      reader_->fail(name, "expected a whole number, got null", "this architecture cannot do without it");
      return 0;
    }
  }
  reader_->require(*names.begin());
  return 0;
}

bool HfConfig::flag(std::string_view key, bool fallback) {
  return present(key) == nullptr ? fallback : reader_->boolean(key).value_or(fallback);
}

std::string HfConfig::word(std::string_view key) {
  return present(key) == nullptr ? std::string{} : reader_->string(key).value_or("");
}

void HfConfig::nested(std::string_view key, const std::function<void(HfConfig&)>& read) {
  if (present(key) == nullptr) return;
  reader_->object(key, [&](json::ObjectReader& inner) {
    HfConfig config(inner, *notes_);
    read(config);
    inner.finish(json::ObjectReader::Unknown::ignore);
  });
}

std::optional<std::int64_t> HfConfig::count_of(std::string_view key, std::string_view wanted) {
  if (present(key) == nullptr) return std::nullopt;
  const auto items = reader_->strings(key);
  if (!items) return std::nullopt;
  return std::count(items->begin(), items->end(), wanted);
}

std::optional<std::int64_t> HfConfig::length(std::string_view key) {
  const json::Value* value = present(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_array()) return static_cast<std::int64_t>(value->array().size());
  if (value->is_object()) return static_cast<std::int64_t>(value->object().size());
  return std::nullopt;
}

void HfConfig::refuse(std::string_view key, std::string what) {
  reader_->fail(key, std::move(what), "describe its shape in a scaleplan/model/1 document");
}

bool is_hf_config(const json::Document& document) {
  const json::Value& root = document.root();
  if (!root.is_object() || root.find("schema") != nullptr) return false;
  return root.find("model_type") != nullptr || text_config(root) != nullptr;
}

Result<HfModel> read_hf_config(const json::Document& document) {
  const json::Value& root = document.root();
  const json::Value* text = text_config(root);
  if (text == nullptr || find_architecture(type_of(root)) != nullptr) {
    return read_shape(document, root, "");
  }
  Result<HfModel> out = read_shape(document, *text, "/text_config");
  if (out && root.find("vision_config") != nullptr) {
    out->model.notes.emplace_back("the vision tower is not counted");
  }
  return out;
}

std::vector<std::string_view> hf_model_types() {
  std::vector<std::string_view> types;
  for (const auto& lineage : lineages()) {
    for (const HfArchitecture& each : lineage) types.push_back(each.model_type);
  }
  std::sort(types.begin(), types.end());
  return types;
}

}  // namespace scaleplan::interop
