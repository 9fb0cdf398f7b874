#pragma once

#include <functional>

#include "fit/model.hpp"

namespace scaleplan::fit {

/// A number that the working coordinates decide, such as ln N* at a budget; NaN where it does not exist.
using Derived = std::function<double(std::span<const double> theta)>;

/// Profile-likelihood intervals around an optimum. An end is where the least objective at a fixed value of
/// the derived number has risen by z²/(2κ), z the two-sided normal quantile of `level` and κ = Σ w·E[ψ'] / Σ
/// w²ψ² the scale that makes twice the rise χ² with one degree of freedom (quasi-likelihood ratio; E[ψ'] from
/// a Gaussian kernel density of the residuals at zero). It takes residuals to be independent and alike.
class Profile {
 public:
  Profile(const Model& model, const Descent& optimum, double level);

  /// Unknown where the objective does not rise enough on both sides.
  [[nodiscard]] Interval interval(const Derived& derived, Descender& scratch) const;
  [[nodiscard]] double rise() const { return rise_; }

 private:
  [[nodiscard]] double end(const Derived& derived, double centre, double direction, Descender& scratch) const;

  const Model& model_;
  Objective objective_;
  const Descent& optimum_;
  double rise_ = 0;
};

/// Fill the intervals of a fit's parameters and of its optima by profiles; `best` is its optimum.
void fill_profiles(const Model& model, const Descent& best, double level, const Control& control,
                   LawFit& fit);

}  // namespace scaleplan::fit
