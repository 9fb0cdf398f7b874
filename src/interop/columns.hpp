#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace scaleplan::interop {

/// What a number of a column may be.
enum class Sign { any, positive, not_negative };

/// A column that other rooms know by name, and the names that logs of the field give it.
struct Canonical {
  std::string_view name;
  Sign sign;
  std::span<const std::string_view> aliases;  ///< lower case with "_"; one capital letter stands for itself
  bool best_first = false;  ///< of several aliases the first in this list is meant, no question is asked
};

/// All numeric columns of run rows that have a meaning of their own, sizes first.
std::span<const Canonical> canonical_columns();

/// The same for the records of a step log.
std::span<const Canonical> step_columns();

/// The entry of that name, or nullptr.
const Canonical* find_canonical(std::span<const Canonical> list, std::string_view name);

/// Whether a key goes by the name of the column or by one of its aliases.
bool goes_by(std::string_view key, const Canonical& column);

/// Names that the id of a run goes by, best first.
std::span<const std::string_view> run_id_aliases();

/// Whether a key of a file is `alias`: case, "-" and " " do not count, but a single letter must be exact.
bool is_alias(std::string_view key, std::string_view alias);

}  // namespace scaleplan::interop
