#pragma once

#include <vector>

#include "scaleplan/gate/rule.hpp"

namespace scaleplan::gate {

/// One for each file in rules/; generated.
std::vector<const Rule*> registered_rules();

}  // namespace scaleplan::gate
