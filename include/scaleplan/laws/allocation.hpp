#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>

#include "scaleplan/laws/law.hpp"

namespace scaleplan::laws {

enum class Method { closed, numeric };

/// The compute-optimal point at one budget. `found` is false when no interior optimum exists within the
/// search range; `reason` says why ("loss falls to the edge of the range: …").
struct Allocation {
  bool found = false;
  double size = 0;    ///< N as the law counts it
  double tokens = 0;  ///< D
  double loss = 0;
  double per_log_compute = 0;  ///< dL*/dlnC
  Method method = Method::numeric;
  std::string reason;
};

/// Sizes whose loss on the budget line stays within `relative` of the best.
struct FlatRegion {
  double low = 0;
  double high = 0;
};

/// Solves min L(N, D) on compute(N, D) = C for one law, the inputs other than N and D fixed. Thread-safe.
class Allocator {
 public:
  /// Precondition: the law has a size and a tokens input, and `fixed` names every other required input.
  /// Sizes are searched in [1e3, 1e16] with at least one token.
  Allocator(const Law& law, const std::map<std::string, double>& fixed);

  /// `parameters` in the order of Law::parameters. Closed form where the law gives one.
  [[nodiscard]] Allocation solve(std::span<const double> parameters, double compute) const;
  /// Always numeric: scan of ln N, then the root of dL/dlnN on the line with exact gradients.
  [[nodiscard]] Allocation solve_numeric(std::span<const double> parameters, double compute) const;
  [[nodiscard]] FlatRegion flat_region(std::span<const double> parameters, double compute,
                                       double relative) const;

  /// Loss at (N, D), with its gradient to (N, D) when `gradient` holds two doubles.
  double loss(std::span<const double> parameters, double size, double tokens,
              std::span<double> gradient = {}) const;
  /// losses[i] at (sizes[i], tokens[i]), all spans as long.
  void losses(std::span<const double> parameters, std::span<const double> sizes,
              std::span<const double> tokens, std::span<double> losses) const;
  /// FLOP of (N, D) in the law's own convention, and the D that spends `compute` at N.
  [[nodiscard]] double compute(double size, double tokens) const;
  [[nodiscard]] double tokens_for(double size, double compute) const;

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

/// Run one published check: largest relative error over its outputs, NaN when it cannot be evaluated.
double check_error(const Law& law, const Set& set, const Check& check);

}  // namespace scaleplan::laws
