#include "interop/launch/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "scaleplan/base/quantity.hpp"
#include "scaleplan/base/text.hpp"

namespace scaleplan::interop {

std::optional<double> number_of(const json::Value& value) {
  if (value.is_number()) return value.number();
  if (!value.is_string()) return std::nullopt;
  std::string text = value.string();
  std::erase(text, '_');  // YAML and Python group digits so
  if (text.starts_with('+')) text.erase(0, 1);
  double number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole_text = code == std::errc{} && end == text.data() + text.size();
  return whole_text && std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::optional<bool> truth_of(const json::Value& value) {
  if (value.is_boolean()) return value.boolean();
  if (!value.is_string()) return std::nullopt;
  std::string text = value.string();
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (text == "true" || text == "yes" || text == "on") return true;
  if (text == "false" || text == "no" || text == "off") return false;
  return std::nullopt;
}

std::string text_of(const json::Value& value) {
  return value.is_string() ? value.string() : json::write(value, false);
}

const Setting* Settings::find(std::string_view key) const {
  const auto found = index_.find(key);
  return found == index_.end() ? nullptr : &all_[found->second];
}

void Settings::add(Setting setting) {
  if (const Setting* before = find(setting.key)) {
    if (text_of(before->value) != text_of(setting.value)) {
      errors_.push_back(error(
          fmt::format("{} is {} here, but {} in line {}", excerpt(setting.key),
                      excerpt(text_of(setting.value)), excerpt(text_of(before->value)), before->place.line),
          "keep one of them", setting.place));
    }
    return;
  }
  index_.emplace(setting.key, all_.size());
  all_.push_back(std::move(setting));
}

const Setting* Settings::take(std::string_view key) {
  const auto found = index_.find(key);
  if (found == index_.end()) return nullptr;
  all_[found->second].understood = true;
  return &all_[found->second];
}

void Settings::fail(const Setting& setting, std::string message, std::string remedy) {
  errors_.push_back(error(std::move(message), std::move(remedy), setting.place));
}

const Setting* Settings::valued(std::string_view key) {
  const Setting* setting = take(key);
  if (setting == nullptr || setting->unresolved.empty()) return setting;
  fail(*setting,
       fmt::format("{} is {}, which this file does not set", excerpt(key), excerpt(setting->unresolved)),
       "write the value, or set the variable in the file");
  return nullptr;
}

std::optional<std::int64_t> Settings::whole(std::string_view key, std::int64_t minimum) {
  constexpr double largest = 2147483648.0;  // 2^31: products of two stay whole
  const Setting* setting = valued(key);
  if (setting == nullptr) return std::nullopt;
  const auto number = number_of(setting->value);
  if (!number || *number != std::floor(*number) || *number < static_cast<double>(minimum) ||
      *number > largest) {
    fail(*setting, fmt::format("{} must be a whole number from {}, got {}", excerpt(key), minimum,
                               excerpt(text_of(setting->value))));
    return std::nullopt;
  }
  return static_cast<std::int64_t>(*number);
}

std::optional<double> Settings::number(std::string_view key) {
  const Setting* setting = valued(key);
  if (setting == nullptr) return std::nullopt;
  const auto number = number_of(setting->value);
  if (!number) {
    fail(*setting,
         fmt::format("{} must be a number, got {}", excerpt(key), excerpt(text_of(setting->value))));
  }
  return number;
}

std::optional<std::string> Settings::word(std::string_view key) {
  const Setting* setting = valued(key);
  if (setting == nullptr) return std::nullopt;
  if (setting->value.is_null() || setting->value.is_array() || setting->value.is_object()) {
    fail(*setting, fmt::format("{} must be a word, got {}", excerpt(key), excerpt(text_of(setting->value))));
    return std::nullopt;
  }
  return text_of(setting->value);
}

std::optional<bool> Settings::flag(std::string_view key) {
  const Setting* setting = valued(key);
  if (setting == nullptr) return std::nullopt;
  if (setting->value.is_null()) return true;
  const auto truth = truth_of(setting->value);
  if (!truth) {
    fail(*setting,
         fmt::format("{} must be true or false, got {}", excerpt(key), excerpt(text_of(setting->value))));
  }
  return truth;
}

bool is_among(std::string_view key, std::span<const std::string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(), [&](std::string_view prefix) {
    if (prefix.ends_with(' ')) return key == prefix.substr(0, prefix.size() - 1);
    return key.starts_with(prefix);
  });
}

}  // namespace scaleplan::interop
