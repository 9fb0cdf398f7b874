#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "interop/flatten.hpp"
#include "interop/read_rows.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::interop {
namespace {

void add_array(const json::Array& items, const std::string& pointer, Records& records) {
  Flattener flattener(records, 0);
  for (std::size_t i = 0; i < items.size(); ++i) {
    flattener.add_record(items[i], json::pointer_join(pointer, i));
  }
}

Diagnostics add_single(const json::Document& document, Records& records) {
  const json::Value& root = document.root();
  const json::Value* schema = root.find("schema");
  if (schema != nullptr) {
    const std::string what = schema->is_string() ? excerpt(schema->string()) : "no name";
    return {error(fmt::format("a document of schema \"{}\" is no list of runs", what),
                  "give the run rows: JSON Lines, CSV, or an object with \"runs\"",
                  document.place(*schema, "/schema"))};
  }
  Flattener(records, 0).add_record(root, {});
  return {};
}

}  // namespace

Diagnostics read_json_rows(std::string_view text, Records& records, RunLog& log) {
  const Result<json::Document> document = json::parse(std::string(text), records.file());
  if (!document) {
    return document.errors();
  }
  const json::Value& root = document->root();
  if (root.is_array()) {
    add_array(root.array(), {}, records);
    return {};
  }
  if (root.find("log_history") != nullptr) {
    log.format = trainer_state_name;
    return read_trainer_state(*document, records, log.ignored);
  }
  if (is_openlm_record(root)) {
    log.format = "OpenLM run record";
    read_openlm_record(root, records);
    return {};
  }
  const json::Value* runs = root.find("runs");
  if (runs == nullptr) {
    return add_single(*document, records);
  }
  if (!runs->is_array()) {
    return {error(fmt::format("expected an array of runs, got {}", json::kind_name(runs->kind())),
                  "write \"runs\": [{...}, {...}]", document->place(*runs, "/runs"))};
  }
  for (const auto& [key, value] : root.object()) {
    if (key != "runs" && key != "schema" && key != "$schema") {
      log.ignored[key] = 1;
    }
  }
  add_array(runs->array(), "/runs", records);
  return {};
}

}  // namespace scaleplan::interop
