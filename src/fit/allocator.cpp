#include "fit/allocator.hpp"

namespace scaleplan::fit {

std::optional<laws::Allocator> default_allocator(const laws::Law& law) {
  if (law.kind != "loss" || law.size() == nullptr || law.tokens() == nullptr) {
    return {};
  }
  std::map<std::string, double> fixed;
  for (const laws::Input& input : law.inputs) {
    if (&input != law.size() && &input != law.tokens()) {
      if (!input.fallback) {
        return {};
      }
      fixed[input.name] = *input.fallback;
    }
  }
  return laws::Allocator(law, fixed);
}

}  // namespace scaleplan::fit
