#include <fmt/format.h>

#include <algorithm>

#include "report/common.hpp"
#include "scaleplan/report/present.hpp"

namespace scaleplan::report {
namespace {

std::string scalar_text(const json::Value& value) {
  switch (value.kind()) {
    case json::Kind::string:
      return value.string();
    case json::Kind::number:
      return format_number(value.number(), 10);
    case json::Kind::boolean:
      return value.boolean() ? "yes" : "no";
    default:
      return {};
  }
}

std::string member_text(const json::Value& value, std::string_view key) {
  const json::Value* member = value.find(key);
  return member == nullptr ? std::string{} : scalar_text(*member);
}

// every value of an entry as "path to it" → text; arrays of scalars stay on one line
void flatten(const json::Value& value, const std::string& path, Table& table) {
  if (value.is_object()) {
    for (const auto& [key, member] : value.object()) {
      flatten(member, path.empty() ? key : fmt::format("{}.{}", path, key), table);
    }
    return;
  }
  if (!value.is_array()) {
    table.rows.push_back({path, scalar_text(value)});
    return;
  }
  std::string joined;
  for (std::size_t i = 0; i < value.array().size(); ++i) {
    const json::Value& item = value.array()[i];
    if (item.is_object() || item.is_array()) {
      flatten(item, fmt::format("{}.{}", path, i), table);
    } else {
      joined += (joined.empty() ? "" : ", ") + scalar_text(item);
    }
  }
  if (!joined.empty()) {
    table.rows.push_back({path, joined});
  }
}

}  // namespace

Report present_kinds(const std::map<std::string, std::vector<std::string>>& ids_by_kind) {
  Report report;
  report.title = "The catalogue";
  report.document = listing("kinds");
  Table table{{text_column("kind", "kind"), column("entries", "entries"), text_column("ids", "ids")}, {}, {}};
  json::Value kinds{json::Array{}};
  for (const auto& [kind, ids] : ids_by_kind) {
    constexpr std::size_t most_shown = 6;
    const std::vector<std::string> first(
        ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(std::min(ids.size(), most_shown)));
    table.rows.push_back({kind, number(static_cast<double>(ids.size())),
                          joined(first) + (ids.size() > most_shown ? ", …" : "")});
    json::Value item;
    item.set("id", kind);
    json::Value entries{json::Array{}};
    for (const std::string& id : ids) {
      entries.push(id);
    }
    item.set("entries", std::move(entries));
    kinds.push(std::move(item));
  }
  report.document.set("entries", std::move(kinds));
  report.sections.push_back(
      {"", {"'scaleplan show KIND' lists a kind, 'scaleplan show KIND ID' an entry."}, {std::move(table)}});
  return report;
}

Report present_entries(const std::string& kind, const std::vector<json::Document>& entries) {
  Report report;
  report.title = counted(entries.size(), "entry") == "1 entry"
                     ? "1 entry of " + kind
                     : fmt::format("{} entries of {}", entries.size(), kind);
  report.document = listing(kind);
  Table table{
      {text_column("id", "id"), text_column("title", "title"), text_column("source", "source")}, {}, {}};
  json::Value items{json::Array{}};
  for (const json::Document& entry : entries) {
    json::Value item;
    std::vector<Cell> row;
    for (const char* key : {"id", "title", "source"}) {
      const std::string text = member_text(entry.root(), key);
      row.emplace_back(text);
      item.set(key, text);
    }
    table.rows.push_back(std::move(row));
    items.push(std::move(item));
  }
  report.document.set("entries", std::move(items));
  report.sections.push_back({"", {}, {std::move(table)}});
  return report;
}

Report present_entry(const std::string& kind, const json::Document& entry) {
  Report report;
  const std::string title = member_text(entry.root(), "title");
  report.title = member_text(entry.root(), "id") + (title.empty() ? "" : ": " + title) + " (" + kind + ")";
  report.document = entry.root();
  Table table{{text_column("key", "key"), text_column("value", "value")}, {}, {}};
  flatten(entry.root(), "", table);
  report.sections.push_back({"", {}, {std::move(table)}});
  return report;
}

}  // namespace scaleplan::report
