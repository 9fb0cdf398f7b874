#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scaleplan/expr/program.hpp"
#include "scaleplan/laws/law.hpp"

namespace scaleplan::laws {

/// The output of a law, or one of its definitions, with the coefficients of one set, as a function of the
/// law's scalar inputs in natural units. Thread-safe.
class Formula {
 public:
  /// Precondition: the law has no vector inputs, and `name` is its output or a `let` of it.
  Formula(const Law& law, const Set& set, std::string_view name);

  /// `inputs` in the order of Law::inputs.
  [[nodiscard]] double at(std::span<const double> inputs) const;

 private:
  Pool<expr::Workspace> workspaces_;
  std::vector<double> values_;
};

}  // namespace scaleplan::laws
