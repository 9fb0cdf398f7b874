#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scaleplan/json/reader.hpp"
#include "scaleplan/model/shape.hpp"

namespace scaleplan::interop {

/// The members of one config. Keys that are null count as absent, as transformers writes them.
class HfConfig {
 public:
  HfConfig(json::ObjectReader& reader, std::vector<std::string>& notes) : reader_(&reader), notes_(&notes) {}

  using Names = std::initializer_list<std::string_view>;
  /// The first of `names` that is there and not null; each must be a whole number in [minimum, 2^31].
  std::optional<std::int64_t> size(Names names, std::int64_t minimum = 1);
  /// As `size`, and an error where it is absent or null.
  std::int64_t required(Names names);
  [[nodiscard]] bool has(std::string_view key) const { return reader_->has(key); }
  bool flag(std::string_view key, bool fallback);
  std::string word(std::string_view key);
  /// Calls `read` with the nested config, if there is one.
  void nested(std::string_view key, const std::function<void(HfConfig&)>& read);
  /// How many items of the list `key` are `wanted`; nothing when it is absent or null.
  std::optional<std::int64_t> count_of(std::string_view key, std::string_view wanted);
  /// Items of the list, or members of the object, `key`.
  std::optional<std::int64_t> length(std::string_view key);
  void refuse(std::string_view key, std::string what);
  void note(std::string text) { notes_->push_back(std::move(text)); }

 private:
  const json::Value* present(std::string_view key);

  json::ObjectReader* reader_;
  std::vector<std::string>* notes_;
};

/// What the code of a model_type fixes, and what of its config it reads beyond the common sizes.
struct HfArchitecture {
  std::string_view model_type;
  model::Shape traits;
  void (*details)(HfConfig&, model::Shape&);
};

/// The lineages: decoders like Llama, those like GPT (with T5 and ViT), mixtures of experts.
std::span<const HfArchitecture> llama_architectures();
std::span<const HfArchitecture> gpt_architectures();
std::span<const HfArchitecture> expert_architectures();

/// Details that several architectures share.
void require_ffn(HfConfig& config, model::Shape& shape);
void four_times_hidden(HfConfig& config, model::Shape& shape);
void set_window(model::Shape& shape, std::optional<std::int64_t> window, std::int64_t layers);
/// Layers slide as `layer_types` lists them, else `otherwise` many, over `usual` tokens where the config has
/// no such key (0: they do not slide then; null says that they do not).
void read_window(HfConfig& config, model::Shape& shape, std::int64_t otherwise, std::int64_t usual = 0);
void llama(HfConfig& config, model::Shape& shape);
void qwen2(HfConfig& config, model::Shape& shape);
void qwen3(HfConfig& config, model::Shape& shape);

}  // namespace scaleplan::interop
