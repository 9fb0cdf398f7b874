#pragma once

#include <string>
#include <string_view>

#include "scaleplan/json/value.hpp"

namespace scaleplan::report {

/// The text of a member, or empty when there is none.
std::string text_of(const json::Value& object, std::string_view key);
/// The whole number of a member, "12", or empty when there is none.
std::string whole_of(const json::Value& object, std::string_view key);

/// "./a/../b" as "b": those who read findings join the root and the path and look for no dots.
std::string normal_path(const std::string& path);

}  // namespace scaleplan::report
