#include "fit/descend.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "scaleplan/num/parallel.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::fit {
namespace {

constexpr double converged_decrement = 1e-13;
constexpr double stalled_decrement = 1e-9;
constexpr double largest_step = 8;
constexpr double flat_share =
    1e-3;  // damping of directions that the data do not feel, relative to the steepest
constexpr double least_damping = 1e-9;
constexpr double most_damping = 1e9;
constexpr double exact_residual = 1e-9;  // rows met this well carry no noise to measure gains by
constexpr double basin_radius = 1e-3;
constexpr double vanishing = 1e-7;  // of the objective: all that the rest of a term can still change
constexpr double removed = 40;      // in the logarithm: nothing is left of the term
constexpr double first_damping = 1e-3;
constexpr int patience = 120;
constexpr int most_evaluations = 600;

std::size_t packed(std::size_t a, std::size_t b) {
  return a * (a + 1) / 2 + b;
}

double decades_of(double x) {
  return std::isfinite(x) ? x : std::numeric_limits<double>::infinity();
}

/// One descent: the state between steps.
class Search {
 public:
  Search(const Objective& objective, const Box& box, std::span<const Basin> basins, Descender& scratch)
      : objective_(objective), box_(box), basins_(basins), s_(scratch) {}

  Descent run(std::span<const double> start, bool anneal) {
    theta_.assign(start.begin(), start.end());
    clamp(theta_);
    const double target = objective_.delta();
    exact_ = exact_residual * exact_residual * static_cast<double>(objective_.rows());
    double delta = anneal ? std::numeric_limits<double>::infinity() : target;
    move_to(delta);
    bool settled = false;
    while (evaluations_ < most_evaluations && std::isfinite(s_.here.value)) {
      const bool last = delta <= target;
      const bool first = !std::isfinite(delta);
      settled = last ? last_stage(delta) : stage(delta, first ? 1e-6 : 1e-2, first ? 20 : 12);
      if (first && settled && !merged_) {
        milestone_ = {delta, theta_, s_.here.value, s_.here.envelope};
      }
      if (last || merged_) {
        break;
      }
      delta = std::max(target, next_delta(delta));
      move_to(delta);
    }
    return finish(settled);
  }

 private:
  void clamp(std::vector<double>& theta) const {
    for (std::size_t j = 0; j < theta.size(); ++j) {
      theta[j] = std::clamp(theta[j], box_.lower[j], box_.upper[j]);
    }
  }

  void move_to(double delta) {
    objective_.evaluate(s_.workspace, theta_, delta, s_.here);
    ++evaluations_;
  }

  // A third of the median residual keeps enough rows quadratic for Newton's method at every threshold.
  double next_delta(double delta) {
    objective_.residuals(s_.workspace, theta_, s_.residuals);
    for (double& r : s_.residuals) {
      r = std::abs(r);
    }
    const double typical = num::median(s_.residuals);
    return std::min(std::isfinite(delta) ? delta / 8 : std::numeric_limits<double>::infinity(), typical);
  }

  [[nodiscard]] bool logarithm(std::size_t j) const { return j < box_.logarithm.size() && box_.logarithm[j]; }

  /// The objective falls as the term falls, and removing it altogether would change it by next to nothing.
  [[nodiscard]] bool vanished(std::size_t j) const {
    const double g = s_.here.gradient[j];
    return logarithm(j) && g >= 0 && g + s_.here.envelope[packed(j, j)] <= vanishing * s_.here.value;
  }

  // Parameters at a bound that the gradient pushes outwards do not move.
  [[nodiscard]] bool frozen(std::size_t j) const {
    const double g = s_.here.gradient[j];
    return (theta_[j] <= box_.lower[j] && g > 0) || (theta_[j] >= box_.upper[j] && g < 0) || vanished(j);
  }

  /// Step and promise (½ g'B⁻¹g) for damping μ; false when the matrix is not positive definite.
  bool solve(double damping) {
    const std::size_t n = theta_.size();
    const Sums& at = s_.here;
    double steepest = 0;
    for (std::size_t j = 0; j < n; ++j) {
      steepest = std::max(steepest, at.envelope[packed(j, j)]);
    }
    s_.matrix.resize(n * n);
    s_.step.resize(n);
    for (std::size_t a = 0; a < n; ++a) {
      const bool stuck = frozen(a);
      for (std::size_t b = 0; b <= a; ++b) {
        double value = at.curvature[packed(a, b)] + damping * at.envelope[packed(a, b)];
        if (a == b) {
          value += damping * (0.1 * at.envelope[packed(a, a)] + flat_share * steepest) + 1e-300;
        }
        value = stuck || frozen(b) ? (a == b ? 1.0 : 0.0) : value;
        s_.matrix[a * n + b] = s_.matrix[b * n + a] = value;
      }
      s_.step[a] = stuck ? 0.0 : -at.gradient[a];
    }
    if (!num::solve_spd(s_.matrix, s_.step)) {
      return false;
    }
    promise_ = 0;
    double largest = 0;
    for (std::size_t j = 0; j < n; ++j) {
      promise_ -= 0.5 * at.gradient[j] * s_.step[j];
      largest = std::max(largest, std::abs(s_.step[j]));
    }
    if (!std::isfinite(promise_)) {
      return false;
    }
    if (largest > largest_step) {
      for (double& x : s_.step) {
        x *= largest_step / largest;
      }
    }
    return true;
  }

  // Steps at one threshold until the promise falls below `tolerance` of the objective.
  bool stage(double delta, double tolerance, int budget) {
    const int until = std::min(most_evaluations, evaluations_ + budget);
    while (evaluations_ < until) {
      while (!solve(damping_)) {
        if ((damping_ *= 10) > most_damping) {
          return false;
        }
      }
      decrement_ = 2 * promise_ / (s_.here.value + exact_);
      if (decrement_ <= tolerance && damping_ <= 1e-3) {
        return true;
      }
      if (lands_in_basin(delta)) {
        return true;
      }
      const double promised = promise_;
      s_.trial = theta_;
      for (std::size_t j = 0; j < theta_.size(); ++j) {
        s_.trial[j] += s_.step[j];
      }
      clamp(s_.trial);
      objective_.evaluate(s_.workspace, s_.trial, delta, s_.there);
      ++evaluations_;
      if (!accept(promised)) {
        if ((damping_ = std::max(damping_ * 4, 1e-6)) > most_damping) {
          return solve(least_damping) && 2 * promise_ <= stalled_decrement * (s_.here.value + exact_);
        }
      }
    }
    return false;
  }

  /// A descent that takes long may be creeping towards a term of zero, where its logarithm has no end.
  bool last_stage(double delta) {
    const std::vector<double> before = theta_;
    while (evaluations_ < most_evaluations) {
      if (stage(delta, converged_decrement, patience) || without_term(delta, before)) {
        return true;
      }
    }
    return false;
  }

  /// Removes the term that shrank most since `before`; takes that back unless it ends lower, and settled.
  bool without_term(double delta, const std::vector<double>& before) {
    std::size_t falling = theta_.size();
    double most = 0.1;
    for (std::size_t j = 0; j < theta_.size(); ++j) {
      if (logarithm(j) && before[j] - theta_[j] > most) {
        most = before[j] - theta_[j];
        falling = j;
      }
    }
    if (falling == theta_.size()) {
      return false;
    }
    const std::vector<double> kept = theta_;
    const Sums sums = s_.here;
    theta_[falling] -= removed;
    clamp(theta_);
    damping_ = first_damping;
    move_to(delta);
    if (std::isfinite(s_.here.value) && stage(delta, converged_decrement, patience) &&
        s_.here.value <= sums.value) {
      return true;
    }
    theta_ = kept;
    s_.here = sums;
    return false;
  }

  bool accept(double promised) {
    const double gain = s_.here.value - s_.there.value;
    if (!std::isfinite(s_.there.value)) {
      return false;
    }
    const double rounding = 4 * std::numeric_limits<double>::epsilon() * (s_.here.value + exact_);
    if (gain < -rounding || (gain <= 0 && promised > 1e3 * rounding)) {
      return false;
    }
    const double ratio = gain / promised;
    if (ratio > 0.7 || promised <= 1e3 * rounding) {
      damping_ = std::max(least_damping, damping_ / 8);
    } else if (ratio < 0.2) {
      damping_ = std::max(damping_ * 3, 1e-6);
    }
    std::swap(s_.here, s_.there);
    theta_.swap(s_.trial);
    return true;
  }

  bool lands_in_basin(double delta) {
    if (basins_.empty() || decrement_ > 0.05 || damping_ > 1e-2) {
      return false;
    }
    s_.trial = theta_;
    for (std::size_t j = 0; j < theta_.size(); ++j) {
      s_.trial[j] += s_.step[j];
    }
    for (std::size_t k = 0; k < basins_.size(); ++k) {
      if (basins_[k].delta == delta && near(basins_[k], s_.trial, basin_radius)) {
        merged_ = true;
        basin_ = k;
        return true;
      }
    }
    return false;
  }

  Descent finish(bool settled) {
    Descent result;
    result.theta = theta_;
    result.value = s_.here.value;
    result.evaluations = evaluations_;
    result.decrement = decrement_;
    result.envelope = s_.here.envelope;
    result.basin = basin_;
    result.least_squares = milestone_;
    for (std::size_t j = 0; j < theta_.size(); ++j) {
      const double scale = std::sqrt(s_.here.envelope[packed(j, j)] * (s_.here.value + exact_));
      if (vanished(j)) {
        result.vanished.push_back(j);
      }
      const double g = frozen(j) ? 0 : s_.here.gradient[j];
      if (g != 0) {
        result.gradient_norm = std::max(result.gradient_norm, decades_of(std::abs(g) / scale));
      }
    }
    result.ending = merged_ ? Ending::merged : (settled ? Ending::converged : Ending::failed);
    return result;
  }

  const Objective& objective_;
  const Box& box_;
  std::span<const Basin> basins_;
  Descender& s_;
  std::vector<double> theta_;
  double damping_ = first_damping;
  double exact_ = 0;  ///< objective of rows that are met to rounding
  double promise_ = 0;
  double decrement_ = 0;
  int evaluations_ = 0;
  bool merged_ = false;
  std::size_t basin_ = 0;
  Basin milestone_;
};

}  // namespace

bool near(const Basin& basin, std::span<const double> theta, double relative) {
  double distance = 0;
  for (std::size_t a = 0; a < theta.size(); ++a) {
    const double da = theta[a] - basin.theta[a];
    for (std::size_t b = 0; b <= a; ++b) {
      const double db = theta[b] - basin.theta[b];
      distance += (a == b ? 0.5 : 1.0) * da * db * basin.envelope[packed(a, b)];
    }
  }
  return distance <= relative * basin.value;
}

std::vector<std::unique_ptr<Descender>> descenders(const expr::Program& program, const Control& control) {
  std::vector<std::unique_ptr<Descender>> all(static_cast<std::size_t>(num::thread_count(control)));
  for (auto& descender : all) {
    descender = std::make_unique<Descender>(program);
  }
  return all;
}

Descent descend(const Objective& objective, const Box& box, std::span<const double> start, bool anneal,
                std::span<const Basin> basins, Descender& scratch) {
  return Search(objective, box, basins, scratch).run(start, anneal);
}

}  // namespace scaleplan::fit
