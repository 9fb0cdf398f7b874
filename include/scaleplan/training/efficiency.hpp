#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::training {

/// A calibrated constant: its estimate and the standard error of its logarithm.
struct Factor {
  double value = 1;
  double log_se = 0;
};

/// The physical constants of the step-time and memory models: share/scaleplan/calibrations, schema
/// scaleplan/calibration/1. A device family without its own constant takes the pooled one, and says so.
struct Efficiency {
  std::string id;
  std::map<std::string, Factor, std::less<>> gemm;       ///< by family: main-loop fraction of peak, large K
  std::map<std::string, Factor, std::less<>> attention;  ///< by family: flash kernels, of 16-bit peak
  std::map<std::string, Factor, std::less<>> factors;    ///< the others by name (see step_time.hpp)
  double between_sources = 0.097;  ///< sd of ln(measured / predicted) between stacks and clusters
  double within_source = 0.066;    ///< sd within one
  double moe_sd = 0.5;             ///< of ln(measured / predicted) for mixtures of experts

  [[nodiscard]] double factor(
      std::string_view name) const;  ///< value; an unknown name is a programming error
};

Result<Efficiency> read_efficiency(const json::Document& document);
/// The shipped calibration that is in force unless another is named.
Result<Efficiency> default_efficiency(const json::Catalogue& catalogue);

}  // namespace scaleplan::training
