#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "interop/flatten.hpp"
#include "interop/read_rows.hpp"

namespace scaleplan::interop {
namespace {

/// The record that the Trainer appends when it ends: its `train_loss` is the mean over the whole run.
bool is_summary(const json::Value& record) {
  return record.find("train_runtime") != nullptr;
}

json::Value renamed(const json::Value& record) {
  json::Object members = record.object();
  for (auto& [key, value] : members) {
    key = key == "train_loss" ? "train_loss_mean" : key;
  }
  json::Value out(std::move(members));
  out.set_offset(record.offset());
  return out;
}

}  // namespace

Diagnostics read_trainer_state(const json::Document& document, Records& records,
                               std::map<std::string, std::size_t>& ignored) {
  const json::Value& root = document.root();
  const json::Value& history = *root.find("log_history");
  if (!history.is_array()) {
    return {error(fmt::format("expected an array of records, got {}", json::kind_name(history.kind())),
                  "give the trainer_state.json as the Trainer wrote it",
                  document.place(history, "/log_history"))};
  }
  Flattener flattener(records, 0);
  for (std::size_t i = 0; i < history.array().size(); ++i) {
    const json::Value& record = history.array()[i];
    const std::string pointer = json::pointer_join("/log_history", i);
    if (record.is_object() && is_summary(record)) {
      flattener.add_record(renamed(record), pointer);
    } else {
      flattener.add_record(record, pointer);
    }
  }
  for (const auto& [key, value] : root.object()) {
    const bool used = key == "max_steps" && value.is_number() && value.number() > 0 && records.rows() > 0;
    if (used) {
      records.add({key, nullptr, {}}, CellKind::number, value.offset(), value.number(), {});
    } else if (key != "log_history") {
      ignored[key] = 1;
    }
  }
  return {};
}

}  // namespace scaleplan::interop
