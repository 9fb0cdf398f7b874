#include "interop/launch/arguments.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace scaleplan::interop {
namespace {

std::string bare(const json::Value& value) {
  return value.is_number() ? plain(value.number()) : text_of(value);
}

// JSON strings are TOML strings and YAML strings, too; numbers in full.
std::string quoted(const json::Value& value) {
  if (!value.is_array()) return value.is_number() ? plain(value.number()) : json::write(value, false);
  std::string text;
  for (const json::Value& item : value.array()) text += (text.empty() ? "[" : ", ") + quoted(item);
  return text.empty() ? "[]" : text + "]";
}

void set_nested(json::Value& object, std::string_view name, const json::Value& value) {
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos) {
    object.set(std::string(name), value);
    return;
  }
  const std::string key(name.substr(0, dot));
  json::Value inner = object.find(key) == nullptr ? json::Value(json::Object{}) : *object.find(key);
  set_nested(inner, name.substr(dot + 1), value);
  object.set(key, std::move(inner));
}

void write_table(const json::Value& table, const std::string& path, std::string& out) {
  const auto& members = table.object();
  const bool own =
      std::any_of(members.begin(), members.end(), [](const auto& m) { return !m.second.is_object(); });
  if (own && !path.empty()) out += fmt::format("\n[{}]\n", path);
  for (const auto& [key, value] : members) {
    if (!value.is_object()) out += fmt::format("{} = {}\n", key, quoted(value));
  }
  for (const auto& [key, value] : members) {
    if (value.is_object()) write_table(value, path.empty() ? key : fmt::format("{}.{}", path, key), out);
  }
}

void write_yaml(const json::Value& table, const std::string& indent, std::string& out) {
  for (const auto& [key, value] : table.object()) {
    if (!value.is_object()) {
      out += fmt::format("{}{}: {}\n", indent, key, quoted(value));
      continue;
    }
    out += fmt::format("{}{}:\n", indent, key);
    write_yaml(value, indent + "  ", out);
  }
}

}  // namespace

void Arguments::add(std::string_view name, json::Value value) {
  all_.emplace_back(std::string(name), std::move(value));
}

void Arguments::add_rows(std::span<const Row> rows, Outgoing& out) {
  for (const Row& row : rows) {
    const auto value = out.take(std::string(row.path));
    const bool nothing_said =
        says_nothing(row.otherwise) && value && text_of(*value) == text_of(row.otherwise);
    if (!value || nothing_said) continue;
    add(row.key, *value);
  }
}

std::string Arguments::as_options() const {
  std::string out;
  for (const auto& [name, value] : all_) {
    const bool alone = value.is_null() || (value.is_boolean() && value.boolean());
    out +=
        alone ? fmt::format("    --{}\n", name) : fmt::format("    --{} {}\n", name, shell_word(bare(value)));
  }
  return out;
}

json::Value Arguments::as_json() const {
  json::Value root = json::Object{};
  for (const auto& [name, value] : all_) {
    set_nested(root, name, value.is_null() ? json::Value(true) : value);
  }
  return root;
}

std::string Arguments::as_toml() const {
  std::string out;
  write_table(as_json(), "", out);
  return out;
}

std::string Arguments::as_yaml() const {
  std::string out;
  write_yaml(as_json(), "", out);
  return out;
}

std::string shell_word(const std::string& text) {
  const bool safe =
      !text.empty() &&
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:/@%") ==
          std::string::npos;
  if (safe) return text;
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace scaleplan::interop
