#pragma once

#include <span>
#include <vector>

#include "fit/descend.hpp"
#include "scaleplan/laws/law.hpp"

namespace scaleplan::fit {

/// A law in working coordinates: the parameters that a fit moves (neither fixed nor tied), each as its
/// logarithm where the law says so.
struct WorkingLaw {
  std::vector<std::size_t> free;  ///< indices into law.parameters
  Box box;
  /// Residual of a row, of ln or raw output. Inputs: those of the law that are no vectors, in its
  /// order, then the observed output; directions: the free parameters.
  expr::Program residual;
};

WorkingLaw working_law(const laws::Law& law, laws::Residual residual);

double working_value(const laws::Parameter& parameter, double natural);

/// Values of all parameters of the law (natural units) from working coordinates of the free ones.
std::vector<double> natural_values(const laws::Law& law, const std::vector<std::size_t>& free,
                                   std::span<const double> theta);

}  // namespace scaleplan::fit
