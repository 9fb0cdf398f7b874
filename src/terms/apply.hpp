#pragma once

#include "scaleplan/terms/technique.hpp"

namespace scaleplan::terms {

/// `base` after an effect of `size`.
double applied(Op op, double base, double size);

}  // namespace scaleplan::terms
