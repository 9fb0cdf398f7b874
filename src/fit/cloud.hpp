#pragma once

#include <cstdint>
#include <vector>

#include "scaleplan/expr/program.hpp"
#include "scaleplan/fit/predictor.hpp"
#include "scaleplan/laws/allocation.hpp"

namespace scaleplan::fit {

/// One law of a predictor with the gradient of ln L in the coordinates that it is fitted in.
class LawGradient {
 public:
  explicit LawGradient(const Member& member);
  [[nodiscard]] std::size_t free() const { return free_.size(); }
  /// ∂ ln L / ∂θ of the free parameters.
  [[nodiscard]] std::vector<double> at(double size, double tokens) const;
  /// Values of all parameters, natural units, where the free ones have moved by `step` in their coordinates.
  [[nodiscard]] std::vector<double> moved(const std::vector<double>& step) const;
  /// Free parameters in their coordinates from natural values.
  [[nodiscard]] std::vector<double> working(const std::vector<double>& natural) const;
  /// Precision of the law's priors for a blend; 0 where there is none.
  [[nodiscard]] std::vector<double> prior_precision() const;

 private:
  [[nodiscard]] std::size_t source_of(std::size_t parameter) const;

  const Member* member_;
  std::vector<std::size_t> free_;    ///< indices into the law's parameters
  std::vector<std::size_t> source_;  ///< of every parameter: the one it is tied to, or itself
  expr::Program program_;
};

/// Rows behind a member of a blend, as far as the blend keeps them.
struct KeptRows {
  std::vector<double> size;
  std::vector<double> tokens;
  std::vector<double> weight;
};
KeptRows kept_rows(const Predictor& predictor, const Member& member, const laws::Allocator& allocator);

/// (JᵀWJ/σ² + priors)⁻¹ over the kept rows, row-major.
std::vector<double> row_covariance(const LawGradient& law, const KeptRows& rows, double noise);
/// Covariance of the member's own draws, row-major.
std::vector<double> draw_covariance(const LawGradient& law, const Member& member);

/// Natural values of `count` draws around the member's own; no coordinate moves by more than 3.
std::vector<std::vector<double>> normal_draws(const LawGradient& law, const std::vector<double>& covariance,
                                              std::size_t count, std::uint64_t seed, std::uint64_t stream);

}  // namespace scaleplan::fit
