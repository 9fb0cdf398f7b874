#include "scaleplan/gate/rule.hpp"

namespace scaleplan::gate {

// Judged by `check` itself, which alone sees all other rules.
const Rule& nothing_rule() {
  static const Rule rule = {
      "SP602",
      "nothing",
      Level::error,
      "nothing to check",
      "No proposal was given, or not one rule had what it needs to judge a proposal: silence is no approval.",
      "nothing",
      "name the proposals, and a scenario that says what they are held against",
      {},
      nullptr};
  return rule;
}

}  // namespace scaleplan::gate
