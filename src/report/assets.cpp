#include "report/assets.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace scaleplan::report {

std::string_view asset(std::string_view name) {
  const auto all = assets();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Asset& each) { return each.name == name; });
  if (found == all.end()) {
    throw std::logic_error("no asset " + std::string(name));
  }
  return found->text;
}

}  // namespace scaleplan::report
