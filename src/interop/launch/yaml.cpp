#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "interop/launch/formats.hpp"
#include "scaleplan/base/text.hpp"

namespace scaleplan::interop {
namespace {

class Flattening {
 public:
  Flattening(Settings& settings, const std::string& file) : settings_(&settings), file_(&file) {}

  void visit(const YAML::Node& node, const std::string& key, std::size_t depth, Place place) {
    if (++visited_ > most_settings || depth > deepest_settings) {
      if (!stopped_) {
        settings_->errors().push_back(error(visited_ > most_settings
                                                ? "the file has more than 100000 values, aliases included"
                                                : "the file has more than 64 levels",
                                            {}, place_of(node)));
      }
      stopped_ = true;
    }
    if (stopped_) return;
    if (node.IsMap()) {
      map(node, key, depth);
    } else if (node.IsSequence() && !scalars(node)) {
      for (std::size_t i = 0; i < node.size() && !stopped_; ++i) {
        visit(node[i], fmt::format("{}.{}", key, i), depth + 1, place_of(node[i]));
      }
    } else {
      settings_->add({key, value_of(node), std::move(place), "", false});
    }
  }

 private:
  [[nodiscard]] Place place_of(const YAML::Node& node) const {
    const YAML::Mark mark = node.Mark();
    const bool known = mark.line >= 0;
    return {*file_, known ? static_cast<std::size_t>(mark.line) + 1 : 0,
            known ? static_cast<std::size_t>(mark.column) + 1 : 0, ""};
  }

  void map(const YAML::Node& node, const std::string& key, std::size_t depth) {
    for (const auto& member : node) {
      if (stopped_) return;
      if (!member.first.IsScalar()) {
        settings_->errors().push_back(error("a key is no word", {}, place_of(member.first)));
        continue;
      }
      const std::string& name = member.first.Scalar();
      if (name == "<<") {
        settings_->errors().push_back(
            error("merge keys are not read", "write the members out", place_of(member.first)));
        continue;
      }
      visit(member.second, key.empty() ? name : fmt::format("{}.{}", key, name), depth + 1,
            place_of(member.first));
    }
  }

  static bool scalars(const YAML::Node& list) {
    for (const auto& item : list) {
      if (item.IsMap() || item.IsSequence()) return false;
    }
    return true;
  }

  json::Value value_of(const YAML::Node& node) {
    if (node.IsSequence()) {
      json::Array items;
      visited_ += node.size();
      for (const auto& item : node) items.push_back(value_of(item));
      return items;
    }
    // "~", "null" and nothing at all say the same as leaving the key out, but quoted words are words
    if (node.IsNull() || !node.IsScalar()) return "null";
    return node.Scalar();
  }

  Settings* settings_;
  const std::string* file_;
  std::size_t visited_ = 0;
  bool stopped_ = false;
};

}  // namespace

Result<Settings> yaml_settings(const std::string& text, const std::string& file) {
  Settings settings;
  if (auto wrong = too_long(text, file)) return *wrong;
  try {
    const YAML::Node root = YAML::Load(std::string(without_bom(text)));
    if (!root.IsMap()) return error("the file holds no keys and values", {}, {file, 1, 1, ""});
    Flattening(settings, file).visit(root, "", 0, {file, 1, 1, ""});
  } catch (const YAML::Exception& wrong) {
    const bool known = wrong.mark.line >= 0;
    return error(fmt::format("this is no YAML: {}", excerpt(wrong.msg, 120)), {},
                 {file, known ? static_cast<std::size_t>(wrong.mark.line) + 1 : 1,
                  known ? static_cast<std::size_t>(wrong.mark.column) + 1 : 1, ""});
  }
  if (!settings.errors().empty()) return settings.errors();
  return settings;
}

}  // namespace scaleplan::interop
