#pragma once

#include <string>
#include <string_view>

#include "interop/records.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::interop {

/// Adds the members of records; nested objects become keys with "/" between the names.
class Flattener {
 public:
  /// `offset`: where the text of the values begins within the file.
  Flattener(Records& records, std::size_t offset) : records_(records), offset_(offset) {}

  /// An object is a record; anything else, and an empty one, is refused.
  void add_record(const json::Value& value, const std::string& pointer);

 private:
  [[nodiscard]] std::size_t offset_of(const json::Value& value) const { return offset_ + value.offset(); }
  void add_members(const json::Object& members, const std::string& prefix, const std::string& pointer);
  void add_value(const Key& key, const json::Value& value);
  void add_cell(const Key& key, CellKind kind, const json::Value& value, double number,
                std::string_view text);

  Records& records_;
  std::size_t offset_;
};

}  // namespace scaleplan::interop
