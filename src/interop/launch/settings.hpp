#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scaleplan/base/result.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::interop {

/// One setting of a launch file under the name that its framework gives it, nested names joined by dots.
struct Setting {
  std::string key;
  json::Value value;  ///< a scalar, or an array of scalars; null: said without a value
  Place place;
  std::string unresolved;  ///< a variable of a script that the script does not set, or empty
  bool understood = false;
};

/// Texts of scripts and YAML are words: "true" is a truth value, "12" a number, when asked for one.
std::optional<double> number_of(const json::Value& value);
std::optional<bool> truth_of(const json::Value& value);
/// A scalar as it would be typed.
std::string text_of(const json::Value& value);

/// What a launch file says. Readers ask for settings by name, which marks them as understood; what does not
/// read is an error with its place.
class Settings {
 public:
  /// A key that was said before with another value is an error that names both lines.
  void add(Setting setting);

  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
  /// Marks it as understood; null when it was not said.
  const Setting* take(std::string_view key);
  std::optional<std::int64_t> whole(std::string_view key, std::int64_t minimum = 1);
  std::optional<double> number(std::string_view key);
  std::optional<std::string> word(std::string_view key);
  /// True also for a flag without a value.
  std::optional<bool> flag(std::string_view key);

  void fail(const Setting& setting, std::string message, std::string remedy = {});
  [[nodiscard]] Diagnostics& errors() { return errors_; }
  [[nodiscard]] const std::deque<Setting>& all() const { return all_; }

 private:
  [[nodiscard]] const Setting* find(std::string_view key) const;
  const Setting* valued(std::string_view key);

  std::deque<Setting> all_;
  std::map<std::string, std::size_t, std::less<>> index_;
  Diagnostics errors_;
};

/// Whether `key` begins with one of the prefixes, or is one that ends in a blank.
bool is_among(std::string_view key, std::span<const std::string_view> prefixes);

}  // namespace scaleplan::interop
