#include <fmt/format.h>

#include "interop/launch/formats.hpp"

namespace scaleplan::interop {
namespace {

bool scalars(const json::Array& list) {
  for (const json::Value& item : list) {
    if (item.is_object() || item.is_array()) return false;
  }
  return true;
}

void visit(const json::Document& document, const json::Value& value, const std::string& key,
           const std::string& pointer, Settings& settings) {
  if (value.is_object()) {
    for (const auto& [name, inner] : value.object()) {
      visit(document, inner, key.empty() ? name : fmt::format("{}.{}", key, name),
            json::pointer_join(pointer, name), settings);
    }
  } else if (value.is_array() && !scalars(value.array())) {
    for (std::size_t i = 0; i < value.array().size(); ++i) {
      visit(document, value.array()[i], fmt::format("{}.{}", key, i), json::pointer_join(pointer, i),
            settings);
    }
  } else {
    settings.add({key, value, document.place(value, pointer), "", false});
  }
}

}  // namespace

std::optional<Diagnostic> too_long(const std::string& text, const std::string& file) {
  if (text.size() <= longest_settings) return std::nullopt;
  return error(fmt::format("{} bytes are too many for a configuration", text.size()),
               fmt::format("a configuration has at most {} MiB", longest_settings >> 20U), {file, 0, 0, ""});
}

Result<Settings> json_settings(const std::string& text, const std::string& file) {
  Settings settings;
  if (auto wrong = too_long(text, file)) return *wrong;
  const Result<json::Document> document = json::parse(text, file, {longest_settings, deepest_settings});
  if (!document) return document.errors();
  if (!document->root().is_object()) return error("the file holds no object", {}, {file, 1, 1, ""});
  visit(*document, document->root(), "", "", settings);
  if (settings.all().size() > most_settings) return error("the file has more than 100000 values");
  return settings;
}

}  // namespace scaleplan::interop
