#include "report/fields.hpp"

#include <limits>

#include "scaleplan/json/document.hpp"

namespace scaleplan::report {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

double number_of(const json::Value& value, const std::string& pointer) {
  if (!value.is_null() && !value.is_number()) {
    throw Misfit{&value, pointer, "a number"};
  }
  return value.is_number() ? value.number() : nan;
}

}  // namespace

Fields::Fields(const json::Value& value, std::string pointer) : value_(&value), pointer_(std::move(pointer)) {
  if (!value.is_object() && !value.is_null()) {
    throw Misfit{&value, pointer_, "an object"};
  }
}

const json::Value* Fields::find(std::string_view key) const {
  const json::Value* found = value_->find(key);
  return found == nullptr || found->is_null() ? nullptr : found;
}

const json::Value* Fields::typed(std::string_view key, json::Kind kind) const {
  const json::Value* found = find(key);
  if (found != nullptr && found->kind() != kind) {
    throw Misfit{found, pointer_to(key), std::string(json::kind_name(kind))};
  }
  return found;
}

std::string Fields::pointer_to(std::string_view key) const {
  return json::pointer_join(pointer_, key);
}

double Fields::number(std::string_view key) const {
  const json::Value* found = typed(key, json::Kind::number);
  return found == nullptr ? nan : found->number();
}

std::string Fields::text(std::string_view key) const {
  const json::Value* found = typed(key, json::Kind::string);
  return found == nullptr ? "" : found->string();
}

bool Fields::flag(std::string_view key) const {
  const json::Value* found = typed(key, json::Kind::boolean);
  return found != nullptr && found->boolean();
}

Interval Fields::interval(std::string_view key) const {
  const std::vector<double> ends = numbers(key);
  if (ends.size() != 2 && !ends.empty()) {
    throw Misfit{find(key), pointer_to(key), "[low, high]"};
  }
  return ends.empty() ? Interval{} : Interval{ends[0], ends[1], true};
}

std::vector<double> Fields::numbers(std::string_view key) const {
  std::vector<double> out;
  for (const json::Value& item : array(key)) {
    out.push_back(number_of(item, json::pointer_join(pointer_to(key), out.size())));
  }
  return out;
}

std::vector<std::string> Fields::texts(std::string_view key) const {
  std::vector<std::string> out;
  for (const json::Value& item : array(key)) {
    if (!item.is_string()) {
      throw Misfit{&item, json::pointer_join(pointer_to(key), out.size()), "a string"};
    }
    out.push_back(item.string());
  }
  return out;
}

Fields Fields::at(std::string_view key) const {
  static const json::Value nothing;
  const json::Value* found = typed(key, json::Kind::object);
  return Fields(found == nullptr ? nothing : *found, pointer_to(key));
}

std::vector<Fields> Fields::items(std::string_view key) const {
  std::vector<Fields> out;
  for (const json::Value& item : array(key)) {
    out.emplace_back(item, json::pointer_join(pointer_to(key), out.size()));
  }
  return out;
}

const json::Array& Fields::array(std::string_view key) const {
  static const json::Array nothing;
  const json::Value* found = typed(key, json::Kind::array);
  return found == nullptr ? nothing : found->array();
}

}  // namespace scaleplan::report
