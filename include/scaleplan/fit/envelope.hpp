#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace scaleplan::fit {

/// Points of training curves: FLOP, size, tokens and ln L of each, and the curve it belongs to (0, 1, …).
struct CurvePoints {
  std::vector<double> compute;
  std::vector<double> size;
  std::vector<double> tokens;
  std::vector<double> ln_loss;
  std::vector<std::size_t> curve;
};

/// The curve of least loss at one budget.
struct EnvelopePoint {
  double compute = 0;
  double ln_size = 0;
  double ln_tokens = 0;
  std::size_t curves = 0;  ///< that reach this budget
};

/// Lower envelope of loss against compute (Hoffmann et al. 2022, arXiv:2203.15556, approach 1): at each
/// budget the curve of least loss, interpolated in logarithms between points less than a factor of two apart.
/// Refused are budgets that fewer than three sizes reach and those whose best curve is the smallest or the
/// largest size there: the envelope would say which sizes were trained, not which are best.
class Envelope {
 public:
  explicit Envelope(const CurvePoints& points);
  [[nodiscard]] std::size_t curves() const { return curves_; }
  [[nodiscard]] std::size_t budgets() const { return candidates_.size(); }

  /// The envelope of the curves that `times` counts at least once; empty `times`: of all.
  [[nodiscard]] std::vector<EnvelopePoint> points(const std::vector<std::size_t>& times = {}) const;

 private:
  struct Candidate {
    std::size_t curve;
    double ln_size;
    double ln_tokens;
    double ln_loss;
  };
  std::size_t curves_ = 0;
  std::vector<double> compute_;                     ///< budgets, ascending
  std::vector<std::vector<Candidate>> candidates_;  ///< at each budget
};

}  // namespace scaleplan::fit
