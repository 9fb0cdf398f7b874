#include "report/formats/members.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace scaleplan::report {

std::string text_of(const json::Value& object, std::string_view key) {
  const json::Value* value = object.find(key);
  return value != nullptr && value->is_string() ? value->string() : "";
}

std::string whole_of(const json::Value& object, std::string_view key) {
  const json::Value* value = object.find(key);
  return value != nullptr && value->is_number() ? fmt::format("{:.0f}", value->number()) : "";
}

std::string normal_path(const std::string& path) {
  std::vector<std::string> parts;
  const bool absolute = path.starts_with('/');
  for (std::size_t from = 0; from <= path.size();) {
    const std::size_t to = std::min(path.find('/', from), path.size());
    std::string part = path.substr(from, to - from);
    from = to + 1;
    if (part.empty() || part == ".") {
      continue;
    }
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (part != ".." || !absolute) {
      parts.push_back(std::move(part));
    }
  }
  std::string out;
  for (const std::string& part : parts) {
    out += (out.empty() && !absolute ? "" : "/") + part;
  }
  return out;
}

}  // namespace scaleplan::report
