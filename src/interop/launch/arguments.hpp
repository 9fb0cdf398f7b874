#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "interop/launch/outgoing.hpp"

namespace scaleplan::interop {

/// What a written file says, in order: names as the framework has them, and values; null is a flag of its
/// own.
class Arguments {
 public:
  void add(std::string_view name, json::Value value = nullptr);
  /// The members of the rows that the proposal has; degrees of one and flags that are off by themselves say
  /// nothing.
  void add_rows(std::span<const Row> rows, Outgoing& out);

  [[nodiscard]] const std::vector<std::pair<std::string, json::Value>>& all() const { return all_; }

  /// Lines `    --name value` for a shell.
  [[nodiscard]] std::string as_options() const;
  /// Names with dots become nested tables, in order of their first key.
  [[nodiscard]] std::string as_toml() const;
  [[nodiscard]] std::string as_yaml() const;
  [[nodiscard]] json::Value as_json() const;

 private:
  std::vector<std::pair<std::string, json::Value>> all_;
};

/// A word of a shell: quoted where it must be.
std::string shell_word(const std::string& text);

}  // namespace scaleplan::interop
