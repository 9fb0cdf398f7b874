#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "scaleplan/base/result.hpp"
#include "scaleplan/terms/technique.hpp"

namespace scaleplan::terms {

/// A technique that a plan switches on, and where it was asked for.
struct Chosen {
  Technique technique;
  Place place;
};

/// What one technique did to a term.
struct Step {
  std::string technique;
  Op op = Op::multiply;
  bool cost = false;  ///< a price of the technique, not what it is for
  double before = 0;
  double after = 0;
};

struct Stacked {
  double value = 0;
  std::vector<Step> steps;
};

/// Techniques that may act together. The order in which they were chosen does not matter.
class Stack {
 public:
  Stack() = default;

  /// Errors name both of every pair that must not be combined, and say why; a best case, a reference and a
  /// technique chosen twice are refused.
  static Result<Stack> combine(std::vector<Chosen> chosen);

  /// `base`, the plan's own value of `term` (of `part` of it), with every effect and then every cost. An
  /// error names the inputs that a formula lacks.
  [[nodiscard]] Result<Stacked> apply(std::string_view term, double base,
                                      const std::map<std::string, double>& inputs,
                                      std::string_view part = {}) const;

  [[nodiscard]] const std::vector<Technique>& techniques() const { return techniques_; }
  [[nodiscard]] bool empty() const { return techniques_.empty(); }
  /// Terms that any of them acts on, sorted.
  [[nodiscard]] std::vector<std::string> terms() const;

 private:
  std::vector<Technique> techniques_;  // by id
};

}  // namespace scaleplan::terms
