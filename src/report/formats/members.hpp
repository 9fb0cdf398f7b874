#pragma once

#include <string>
#include <string_view>

#include "scaleplan/json/value.hpp"

namespace scaleplan::report {

/// The text of a member, or empty when there is none.
std::string text_of(const json::Value& object, std::string_view key);
/// The whole number of a member, "12", or empty when there is none.
std::string whole_of(const json::Value& object, std::string_view key);

}  // namespace scaleplan::report
