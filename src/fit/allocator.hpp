#pragma once

#include <optional>

#include "scaleplan/laws/allocation.hpp"

namespace scaleplan::fit {

/// The allocator of a loss law whose inputs besides size and tokens all have defaults; nothing for others.
std::optional<laws::Allocator> default_allocator(const laws::Law& law);

}  // namespace scaleplan::fit
