#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scaleplan/base/control.hpp"
#include "scaleplan/json/value.hpp"

namespace scaleplan::report {

/// Thrown by `Fields` at a member of another type than a result of its kind has; caught where saved results
/// come in.
struct Misfit {
  const json::Value* value = nullptr;
  std::string pointer;
  std::string expected;  ///< "a number"
};

/// One object of a result. A member that is absent or null reads as nothing: NaN, "", an unknown interval, an
/// empty list. The value must outlive it.
class Fields {
 public:
  explicit Fields(const json::Value& value, std::string pointer = {});

  /// The member is there and not null.
  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
  [[nodiscard]] double number(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key) const;
  [[nodiscard]] bool flag(std::string_view key) const;
  [[nodiscard]] Interval interval(std::string_view key) const;
  [[nodiscard]] std::vector<double> numbers(std::string_view key) const;  ///< NaN for null
  [[nodiscard]] std::vector<std::string> texts(std::string_view key) const;
  [[nodiscard]] Fields at(std::string_view key) const;  ///< empty when nothing is there
  [[nodiscard]] std::vector<Fields> items(std::string_view key) const;
  [[nodiscard]] const json::Array& array(std::string_view key) const;
  [[nodiscard]] const json::Value& value() const { return *value_; }
  [[nodiscard]] const json::Value* find(std::string_view key) const;  ///< nullptr when absent or null

 private:
  [[nodiscard]] const json::Value* typed(std::string_view key, json::Kind kind) const;
  [[nodiscard]] std::string pointer_to(std::string_view key) const;

  const json::Value* value_;
  std::string pointer_;
};

}  // namespace scaleplan::report
