#include "interop/flatten.hpp"

#include <fmt/format.h>

#include <utility>

namespace scaleplan::interop {

void Flattener::add_record(const json::Value& value, const std::string& pointer) {
  if (!value.is_object()) {
    Diagnostic told = error(fmt::format("expected a record, got {}", json::kind_name(value.kind())),
                            "write one object for each run", records_.place(offset_of(value), pointer));
    records_.refuse(offset_of(value), "not an object", std::move(told));
    return;
  }
  if (value.object().empty()) {
    records_.refuse(
        offset_of(value), "empty record",
        error("a record without any key", "remove it", records_.place(offset_of(value), pointer)));
    return;
  }
  records_.begin_record(offset_of(value), pointer);
  add_members(value.object(), {}, {});
}

void Flattener::add_members(const json::Object& members, const std::string& prefix,
                            const std::string& pointer) {
  for (const auto& [name, value] : members) {
    if (prefix.empty()) {
      add_value({name, &pointer, name}, value);
    } else {
      std::string key = prefix;
      key += "/";
      key += name;
      add_value({key, &pointer, name}, value);
    }
  }
}

void Flattener::add_value(const Key& key, const json::Value& value) {
  using json::Kind;
  switch (value.kind()) {
    case Kind::null:
      return;
    case Kind::object:
      return add_members(value.object(), key.text, json::pointer_join(*key.holder, key.name));
    case Kind::array:
      return add_cell(key, CellKind::list, value, 0, {});
    case Kind::number:
      return add_cell(key, CellKind::number, value, value.number(), {});
    case Kind::string:
      return add_cell(key, CellKind::text, value, 0, value.string());
    case Kind::boolean:
      return add_cell(key, CellKind::boolean, value, value.boolean() ? 1 : 0, {});
  }
}

void Flattener::add_cell(const Key& key, CellKind kind, const json::Value& value, double number,
                         std::string_view text) {
  if (!records_.add(key, kind, offset_of(value), number, text)) {
    const Place place = records_.place(offset_of(value), json::pointer_join(*key.holder, key.name));
    records_.refuse_record(
        "a key appears twice",
        error(fmt::format("key \"{}\" appears twice, once within an object", excerpt(key.text)),
              "keep one of them", place));
  }
}

}  // namespace scaleplan::interop
