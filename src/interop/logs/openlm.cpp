#include <fmt/format.h>

#include <set>
#include <string_view>
#include <utility>

#include "interop/flatten.hpp"
#include "interop/read_rows.hpp"

namespace scaleplan::interop {
namespace {

/// Hyperparameters that are columns of a run, and the key that says so.
constexpr std::pair<std::string_view, std::string_view> columns[] = {
    {"params", "params"},
    {"params_no_embed", "non_embedding_params"},
    {"tokens", "tokens"},
    {"lr", "learning_rate"},
    {"global_bs", "batch_sequences"},
    {"wd", "weight_decay"},
    {"warmup", "warmup_steps"},
};

/// The folder of the first shard of an evaluation, which names its text.
std::string text_of(const json::Value& result) {
  const json::Value* data = result.find("val_data");
  if (data == nullptr || !data->is_array() || data->array().empty() || !data->array()[0].is_string()) {
    return {};
  }
  std::string_view path = data->array()[0].string();
  path = path.substr(0, path.rfind('/'));
  return std::string(path.substr(path.rfind('/') + 1));
}

}  // namespace

bool is_openlm_record(const json::Value& root) {
  const json::Value* hyperparameters = root.find("hyperparameters");
  const json::Value* results = root.find("results");
  return hyperparameters != nullptr && hyperparameters->is_object() && results != nullptr &&
         results->is_array();
}

void read_openlm_record(const json::Value& root, Records& records) {
  json::Object members;
  for (const auto& [key, value] : root.object()) {
    if (key != "results") {
      members.emplace_back(key, value);
    }
  }
  const json::Value& hyperparameters = *root.find("hyperparameters");
  for (const auto& [key, column] : columns) {
    if (const json::Value* value = hyperparameters.find(key)) {
      members.emplace_back(column, *value);
    }
  }
  const json::Array& results = root.find("results")->array();
  std::set<std::string> seen;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const json::Value* loss = results[i].find("loss");
    if (loss == nullptr) {
      continue;
    }
    std::string text = text_of(results[i]);
    if (text.empty() || !seen.insert(text).second) {
      text = fmt::format("{}{}", text, i);
    }
    members.emplace_back(results.size() == 1 ? "loss" : "loss/" + text, *loss);
  }
  json::Value record(std::move(members));
  record.set_offset(root.offset());
  Flattener(records, 0).add_record(record, {});
}

}  // namespace scaleplan::interop
