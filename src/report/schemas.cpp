#include <fmt/format.h>

#include <algorithm>

#include "report/common.hpp"
#include "scaleplan/report/present.hpp"

namespace scaleplan::report {
namespace {

constexpr int deepest = 24;  // a schema of a user may refer to itself
constexpr std::string_view local = "#/$defs/";

std::string text_of(const json::Value& node, std::string_view key) {
  const json::Value* value = node.find(key);
  return value != nullptr && value->is_string() ? value->string() : std::string{};
}

const json::Value* member(const json::Value& node, std::string_view key) {
  const json::Value* value = node.find(key);
  return value != nullptr && value->is_object() ? value : nullptr;
}

/// Keys of a schema as rows: path, type, what it is.
class Keys {
 public:
  explicit Keys(const json::Value& root) : root_(root) {}

  void add_members(const json::Value& node, const std::string& path, int depth = 0) {
    const json::Value* properties = member(node, "properties");
    if (properties != nullptr && depth < deepest) {
      for (const auto& [key, value] : properties->object()) {
        add(value, path.empty() ? key : fmt::format("{}.{}", path, key), is_required(node, key), depth + 1);
      }
    }
  }

  Table table{{text_column("key", "key"), text_column("type", "type"), text_column("required", "required"),
               text_column("what it is", "description")},
              {},
              {}};

 private:
  void add(const json::Value& node, const std::string& path, bool required, int depth) {
    table.rows.push_back({path, type_of(node, depth), required ? "yes" : "", text_of(node, "description")});
    add_inner(node, path, depth);
  }

  // what stands in objects, lists and maps
  void add_inner(const json::Value& node, const std::string& path, int depth) {
    if (depth >= deepest) {
      return;
    }
    const json::Value& there = resolved(node);
    add_members(there, path, depth);
    for (const json::Value& choice : choices(there)) {
      add_inner(choice, path, depth + 1);
    }
    if (const json::Value* items = member(there, "items")) {
      add_inner(*items, path + "[]", depth + 1);
    }
    if (const json::Value* others = member(there, "additionalProperties")) {
      add_inner(*others, path + ".*", depth + 1);
    }
  }

  static bool is_required(const json::Value& node, const std::string& key) {
    const json::Value* names = node.find("required");
    return names != nullptr && names->is_array() &&
           std::ranges::any_of(names->array(),
                               [&](const json::Value& n) { return n.is_string() && n.string() == key; });
  }

  static const json::Array& choices(const json::Value& node) {
    static const json::Array none;
    const json::Value* any = node.find("anyOf");
    return any != nullptr && any->is_array() ? any->array() : none;
  }

  [[nodiscard]] const json::Value& resolved(const json::Value& node) const {
    const std::string reference = text_of(node, "$ref");
    const json::Value* definitions = root_.find("$defs");
    if (!reference.starts_with(local) || definitions == nullptr) {
      return node;
    }
    const json::Value* found = definitions->find(reference.substr(local.size()));
    return found == nullptr ? node : *found;
  }

  [[nodiscard]] std::string type_of(const json::Value& node, int depth) const {
    if (depth >= deepest) {
      return "…";
    }
    if (const std::string reference = text_of(node, "$ref"); reference.starts_with(local)) {
      const bool object = text_of(resolved(node), "type") == "object";
      return object ? "object" : reference.substr(local.size());  // a quantity goes by its dimension
    }
    if (const json::Value* constant = node.find("const")) {
      return constant->is_string() ? constant->string() : json::write(*constant, false);
    }
    if (const json::Value* values = node.find("enum"); values != nullptr && values->is_array()) {
      return words(values->array(), ", ");
    }
    std::string out;
    for (const json::Value& choice : choices(node)) {
      out += (out.empty() ? "" : " or ") + type_of(choice, depth + 1);
    }
    if (!out.empty()) {
      return out;
    }
    const json::Value* type = node.find("type");
    if (type == nullptr) {
      return "any";
    }
    const std::string named = type->is_array() ? words(type->array(), " or ") : text_of(node, "type");
    const json::Value* items = member(node, "items");
    return named == "array" && items != nullptr ? "list of " + type_of(*items, depth + 1) : named;
  }

  static std::string words(const json::Array& values, std::string_view between) {
    std::string out;
    for (const json::Value& value : values) {
      out += out.empty() ? "" : between;
      out += value.is_string() ? value.string() : json::write(value, false);
    }
    return out;
  }

  const json::Value& root_;
};

}  // namespace

Report present_schemas(const std::vector<std::string>& ids, const std::vector<json::Document>& schemas) {
  Report report;
  report.title = counted(schemas.size(), "kind") + " of documents";
  report.document = listing("schemas");
  Table table{
      {text_column("id", "id"), text_column("title", "title"), text_column("description", "description")},
      {},
      {}};
  json::Value items{json::Array{}};
  for (std::size_t i = 0; i < schemas.size(); ++i) {
    const std::string title = text_of(schemas[i].root(), "title");
    const std::string description = text_of(schemas[i].root(), "description");
    table.rows.push_back({ids[i], title, description});
    items.push(json::Object{{"id", ids[i]}, {"title", title}, {"description", description}});
  }
  report.document.set("entries", std::move(items));
  report.sections.push_back({.title = "", .tables = {std::move(table)}});
  return report;
}

Report present_schema(const std::string& id, const json::Document& schema) {
  Report report;
  report.title = fmt::format("{} (scaleplan/{}/1)", text_of(schema.root(), "title"), id);
  report.document = schema.root();
  Keys keys(schema.root());
  keys.add_members(schema.root(), "");
  report.sections.push_back(
      {.title = "",
       .lines = {text_of(schema.root(), "description"), "As JSON Schema 2020-12: --format json."},
       .tables = {std::move(keys.table)}});
  return report;
}

}  // namespace scaleplan::report
