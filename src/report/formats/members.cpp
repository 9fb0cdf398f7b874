#include "report/formats/members.hpp"

#include <fmt/format.h>

namespace scaleplan::report {

std::string text_of(const json::Value& object, std::string_view key) {
  const json::Value* value = object.find(key);
  return value != nullptr && value->is_string() ? value->string() : "";
}

std::string whole_of(const json::Value& object, std::string_view key) {
  const json::Value* value = object.find(key);
  return value != nullptr && value->is_number() ? fmt::format("{:.0f}", value->number()) : "";
}

}  // namespace scaleplan::report
