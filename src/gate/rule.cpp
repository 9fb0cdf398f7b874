#include "scaleplan/gate/rule.hpp"

#include <algorithm>

#include "gate/registry.hpp"

namespace scaleplan::gate {

std::span<const Rule* const> rules() {
  static const std::vector<const Rule*> all = [] {
    std::vector<const Rule*> found = registered_rules();
    std::sort(found.begin(), found.end(), [](const Rule* a, const Rule* b) { return a->id < b->id; });
    return found;
  }();
  return all;
}

const Rule* find_rule(std::string_view id) {
  for (const Rule* rule : rules()) {
    if (rule->id == id) return rule;
  }
  return nullptr;
}

std::vector<std::string> rule_ids() {
  std::vector<std::string> ids;
  ids.reserve(rules().size());
  for (const Rule* rule : rules()) ids.emplace_back(rule->id);
  return ids;
}

}  // namespace scaleplan::gate
