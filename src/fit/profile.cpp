#include "fit/profile.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "scaleplan/num/statistics.hpp"

namespace scaleplan::fit {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double difference = 1e-5;    // of a working coordinate, for slopes of the derived number
constexpr double settled = 1e-9;       // of the rise, promised by the next step
constexpr double on_target = 1e-9;     // absolute and relative, of the derived number
constexpr double close_enough = 1e-4;  // of the interval's half-width
constexpr double most_damping = 1e8;
constexpr int most_steps = 60;
constexpr int most_rounds = 40;

/// Kernel density of the residuals at zero, Silverman's bandwidth.
double density_at_zero(const std::vector<double>& residuals) {
  const double quartiles = num::quantile(residuals, 0.75) - num::quantile(residuals, 0.25);
  const double spread = std::min(num::standard_deviation(residuals), quartiles / 1.34);
  const auto n = static_cast<double>(residuals.size());
  const double h = 0.9 * spread * std::pow(n, -0.2);
  double sum = 0;
  for (const double r : residuals) {
    sum += std::exp(-0.5 * (r / h) * (r / h));
  }
  return sum / (n * h * std::sqrt(2 * std::acos(-1.0)));
}

double likelihood_scale(const Model& model, const std::vector<double>& residuals) {
  const bool squares = !std::isfinite(model.delta);
  const double slope =
      squares ? 0.5 * (1 + model.over) : density_at_zero(residuals) * model.delta * (1 + model.over);
  double weights = 0;
  double squared = 0;
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    const double psi = model.weights[i] * (residuals[i] > 0 ? model.over : 1.0) *
                       std::clamp(residuals[i], -model.delta, model.delta);
    weights += model.weights[i];
    squared += psi * psi;
  }
  return weights * slope / squared;
}

/// The least objective where the derived number has a given value, by Newton steps within that surface: each
/// step is tangent, and is brought back onto it along the direction that costs least.
class Constrained {
 public:
  Constrained(const Objective& objective, const Box& box, const Derived& derived, Descender& scratch)
      : objective_(objective), box_(box), derived_(derived), s_(scratch) {}

  /// Moves `theta` to the least objective at `target`; NaN when it cannot be reached.
  double at(double target, std::vector<double>& theta, double tolerance) {
    target_ = target;
    objective_.evaluate(s_.workspace, theta, objective_.delta(), s_.here);
    if (!slopes(theta) || !solve(1e-9) || !onto(theta)) {
      return nan;
    }
    objective_.evaluate(s_.workspace, theta, objective_.delta(), s_.here);
    double damping = 1e-3;
    for (int step = 0; step < most_steps && damping < most_damping; ++step) {
      if (!slopes(theta) || !solve(damping)) {
        return nan;
      }
      const double promise = tangent();
      if (promise <= tolerance && damping <= 1e-2) {
        break;
      }
      trial_ = theta;
      for (std::size_t j = 0; j < trial_.size(); ++j) {
        trial_[j] = std::clamp(trial_[j] + step_[j], box_.lower[j], box_.upper[j]);
      }
      double gain = nan;
      if (onto(trial_)) {
        objective_.evaluate(s_.workspace, trial_, objective_.delta(), s_.there);
        gain = s_.here.value - s_.there.value;
      }
      if (gain > 0) {
        damping = gain > 0.7 * promise ? std::max(1e-9, damping / 8)
                                       : (gain < 0.2 * promise ? damping * 3 : damping);
        theta = trial_;
        std::swap(s_.here, s_.there);
      } else {
        damping *= 4;
      }
    }
    return s_.here.value;
  }

 private:
  bool slopes(std::span<const double> theta) {
    slope_.resize(theta.size());
    std::vector<double> moved(theta.begin(), theta.end());
    for (std::size_t j = 0; j < theta.size(); ++j) {
      moved[j] = theta[j] + difference;
      const double above = derived_(moved);
      moved[j] = theta[j] - difference;
      slope_[j] = (above - derived_(moved)) / (2 * difference);
      moved[j] = theta[j];
      if (!std::isfinite(slope_[j])) {
        return false;
      }
    }
    return true;
  }

  /// B⁻¹·gradient and B⁻¹·slope, B the damped curvature.
  bool solve(double damping) {
    const std::size_t n = slope_.size();
    const auto fill = [&](std::vector<double>& matrix) {
      matrix.resize(n * n);
      for (std::size_t a = 0, k = 0; a < n; ++a) {
        for (std::size_t b = 0; b <= a; ++b, ++k) {
          const double own = a == b ? 0.1 * damping * s_.here.envelope[k] + 1e-300 : 0.0;
          matrix[a * n + b] = matrix[b * n + a] = s_.here.curvature[k] + damping * s_.here.envelope[k] + own;
        }
      }
    };
    newton_ = s_.here.gradient;
    normal_ = slope_;
    fill(s_.matrix);
    if (!num::solve_spd(s_.matrix, newton_)) {
      return damping < most_damping && solve(std::max(10 * damping, 1e-6));
    }
    fill(s_.matrix);
    return num::solve_spd(s_.matrix, normal_);
  }

  /// The step tangent to the surface, and the fall of the objective that it promises.
  double tangent() {
    const double share = dot(slope_, newton_) / dot(slope_, normal_);
    step_.resize(slope_.size());
    for (std::size_t j = 0; j < step_.size(); ++j) {
      step_[j] = -newton_[j] + share * normal_[j];
    }
    return -0.5 * dot(s_.here.gradient, step_);
  }

  /// Brings `theta` to the target along the normal direction.
  bool onto(std::vector<double>& theta) const {
    const double along = dot(slope_, normal_);
    for (int round = 0; round < 30; ++round) {
      const double off = target_ - derived_(theta);
      if (std::abs(off) <= on_target * (1 + std::abs(target_))) {
        return true;
      }
      if (!std::isfinite(off)) {
        return false;
      }
      for (std::size_t j = 0; j < theta.size(); ++j) {
        theta[j] = std::clamp(theta[j] + off / along * normal_[j], box_.lower[j], box_.upper[j]);
      }
    }
    return false;
  }

  static double dot(const std::vector<double>& a, const std::vector<double>& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  }

  const Objective& objective_;
  const Box& box_;
  const Derived& derived_;
  Descender& s_;
  double target_ = 0;
  std::vector<double> slope_;
  std::vector<double> newton_;
  std::vector<double> normal_;
  std::vector<double> step_;
  std::vector<double> trial_;
};

}  // namespace

Profile::Profile(const Model& model, const Descent& optimum, double level)
    : model_(model), objective_(model.objective()), optimum_(optimum) {
  expr::Workspace workspace(model.program);
  std::vector<double> residuals;
  objective_.residuals(workspace, optimum.theta, residuals);
  const double z = num::normal_quantile(0.5 + 0.5 * level);
  rise_ = z * z / (2 * likelihood_scale(model, residuals));
}

/// One end: the square root of the rise is nearly linear in the distance from the optimum, so that secants
/// find where it is one in a few constrained fits. NaN where it stays below.
double Profile::end(const Derived& derived, double centre, double direction, Descender& scratch) const {
  Constrained constrained(objective_, model_.box, derived, scratch);
  double inner = 0;
  double inner_root = 0;
  double outer = std::numeric_limits<double>::infinity();
  double distance = 1e-3 * std::max(1.0, std::abs(centre));
  std::vector<double> from = optimum_.theta;
  for (int round = 0; round < most_rounds && outer - inner > close_enough * inner; ++round) {
    std::vector<double> theta = from;
    const double value = constrained.at(centre + direction * distance, theta, settled * rise_);
    const double root = std::sqrt(std::max(0.0, value - optimum_.value) / rise_);
    if (std::abs(root - 1) < close_enough) {
      return centre + direction * distance;
    }
    const bool below = root < 1;
    const double slope = (root - inner_root) / (distance - inner);
    (below ? inner : outer) = distance;
    if (below) {
      inner_root = root;
      from = theta;
    }
    const double guess = slope > 0 ? distance + (1 - root) / slope : 4 * inner;
    const double gap = outer - inner;
    distance = std::isfinite(gap) ? std::clamp(std::isfinite(root) ? guess : inner + 0.5 * gap,
                                               inner + 0.02 * gap, inner + 0.98 * gap)
                                  : std::clamp(guess, 1.2 * inner, 4 * inner);
  }
  return nan;
}

Interval Profile::interval(const Derived& derived, Descender& scratch) const {
  const double centre = derived(optimum_.theta);
  if (!std::isfinite(centre) || !(rise_ > 0) || !std::isfinite(rise_)) {
    return {};
  }
  const double low = end(derived, centre, -1, scratch);
  const double high = end(derived, centre, 1, scratch);
  return {low, high, std::isfinite(low) && std::isfinite(high)};
}

}  // namespace scaleplan::fit
