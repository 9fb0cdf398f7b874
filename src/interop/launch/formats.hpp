#pragma once

#include <optional>
#include <string>

#include "interop/launch/settings.hpp"

namespace scaleplan::interop {

/// The scalars, and lists of scalars, of a document with their places; keys inside tables are joined by dots,
/// items of other lists are numbered from 0. Errors carry line and column: what does not parse, keys that
/// occur twice with different values, more than 64 levels, more than 100,000 values (of YAML: after its
/// aliases).
Result<Settings> yaml_settings(const std::string& text, const std::string& file);
Result<Settings> toml_settings(const std::string& text, const std::string& file);
Result<Settings> json_settings(const std::string& text, const std::string& file);

constexpr std::size_t deepest_settings = 64;
constexpr std::size_t most_settings = 100000;
constexpr std::size_t longest_settings = std::size_t{4} << 20U;

/// An error for a text of more than `longest_settings`.
std::optional<Diagnostic> too_long(const std::string& text, const std::string& file);

}  // namespace scaleplan::interop
