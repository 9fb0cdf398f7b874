#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace scaleplan::terms {

/// How effects of several techniques on one term combine.
enum class Stacking : std::uint8_t {
  product,   ///< at most one sets the value, all others multiply it
  sum,       ///< all add; none multiplies
  maximum,   ///< the largest value
  minimum,   ///< the smallest value
  one_only,  ///< one technique; costs of others still apply
  alone,     ///< one technique, which replaces what the model or law says; no cost of another may touch it
  never      ///< a published result: shown, never part of a plan
};

std::string_view stacking_name(Stacking stacking);

/// A quantity of the cost model that techniques change. The table is closed: a new term is code, a new
/// technique is a file.
struct Term {
  std::string_view name;
  std::string_view unit;  ///< of the term's value in the plan
  std::string_view meaning;
  Stacking stacking = Stacking::one_only;
  /// Finer terms, separated by blanks, that this one already contains: a technique that acts here and one of
  /// the same source that acts there are two views of one gain.
  std::string_view contains;
};

/// Sorted by name.
std::span<const Term> all_terms();

/// nullptr when there is none.
const Term* find_term(std::string_view name);

}  // namespace scaleplan::terms
