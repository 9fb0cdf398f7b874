#define TOML_HEADER_ONLY 0
#include <fmt/format.h>
#include <toml++/toml.h>

#include <sstream>

#include "interop/launch/formats.hpp"
#include "scaleplan/base/text.hpp"

namespace scaleplan::interop {
namespace {

json::Value scalar_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* truth = node.as_boolean()) return truth->get();
  if (const auto number = node.value<double>()) return *number;
  std::ostringstream moment;
  node.visit([&moment](const auto& each) {
    if constexpr (toml::is_value<decltype(each)>) moment << each.get();
  });
  return moment.str();
}

bool scalars(const toml::array& list) {
  for (const toml::node& item : list) {
    if (!item.is_value()) return false;
  }
  return true;
}

void visit(const toml::node& node, const std::string& key, const Place& place, Settings& settings,
           const std::string& file) {
  if (settings.all().size() > most_settings) return;
  const auto place_of = [&file](const toml::source_region& region) {
    return Place{file, region.begin.line, region.begin.column, ""};
  };
  if (const toml::table* table = node.as_table()) {
    for (const auto& [name, inner] : *table) {
      const std::string full = key.empty() ? std::string(name.str()) : fmt::format("{}.{}", key, name.str());
      visit(inner, full, place_of(name.source()), settings, file);
    }
    return;
  }
  const toml::array* list = node.as_array();
  if (list != nullptr && !scalars(*list)) {
    for (std::size_t i = 0; i < list->size(); ++i) {
      visit((*list)[i], fmt::format("{}.{}", key, i), place_of((*list)[i].source()), settings, file);
    }
    return;
  }
  json::Value value;
  if (list != nullptr) {
    value = json::Array{};
    for (const toml::node& item : *list) value.push(scalar_of(item));
  } else {
    value = scalar_of(node);
  }
  settings.add({key, std::move(value), place, "", false});
}

// Dotted keys nest tables without a limit of the library's own.
bool nests_too_deep(std::string_view text) {
  std::size_t dots = 0;
  for (const char c : text) {
    if (std::string_view(",=[]{}\n#:/").find(c) != std::string_view::npos) dots = 0;
    if (c == '.' && ++dots > deepest_settings) return true;
  }
  return false;
}

}  // namespace

Result<Settings> toml_settings(const std::string& text, const std::string& file) {
  Settings settings;
  if (auto wrong = too_long(text, file)) return *wrong;
  if (nests_too_deep(text)) return error("a dotted key has more than 64 parts", {}, {file, 0, 0, ""});
  try {
    const toml::table root = toml::parse(without_bom(text), file);
    visit(root, "", {file, 1, 1, ""}, settings, file);
  } catch (const toml::parse_error& wrong) {
    return error(fmt::format("this is no TOML: {}", excerpt(wrong.description(), 120)), {},
                 {file, wrong.source().begin.line, wrong.source().begin.column, ""});
  }
  if (settings.all().size() > most_settings) return error("the file has more than 100000 values");
  if (!settings.errors().empty()) return settings.errors();
  return settings;
}

}  // namespace scaleplan::interop
