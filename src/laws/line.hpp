#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "scaleplan/base/pool.hpp"
#include "scaleplan/expr/program.hpp"
#include "scaleplan/laws/law.hpp"

namespace scaleplan::laws {

/// Sizes and budgets outside are not searched.
inline constexpr double smallest_size = 1e3;
inline constexpr double largest_size = 1e16;

/// A point of a budget line, compute(N, D) = C, with the loss and its slope along the line.
struct LinePoint {
  double size = 0;
  double tokens = 0;
  double loss = 0;        ///< as the law gives it
  double slope = 0;       ///< dL/dlnN at fixed compute
  double scale = 0;       ///< |∂L/∂lnN| + |∂L/∂lnD·dlnD/dlnN|: what the slope is small against
  double by_compute = 0;  ///< dL/dlnC at fixed N
};

/// Equidistant ln N on one budget line, from the smallest size to the one that leaves a single token.
struct Grid {
  std::vector<double> log_size;
  std::vector<double> tokens;
  std::vector<double> exchange;  ///< dlnD/dlnN on the line
  std::unique_ptr<const expr::Bound> bound;
};

/// `expression` of the law with all inputs but size and tokens at their values; `given` names the required
/// ones.
expr::Expression with_inputs(const Law& law, const std::map<std::string, double>& given,
                             const expr::Expression& expression);

/// Per-thread scratch.
struct Scratch {
  expr::Workspace loss;
  expr::Workspace cost;
  expr::Workspace size;
  expr::Workspace tokens;
};

/// One law with everything but N and D fixed, compiled. Shared by threads.
class BudgetLine {
 public:
  BudgetLine(const Law& law, const std::map<std::string, double>& fixed);

  using Lease = Pool<Scratch>::Lease;
  [[nodiscard]] Lease lease() const { return Lease(scratches_); }

  [[nodiscard]] bool has_closed_form() const { return closed_; }
  [[nodiscard]] bool lower_is_better() const { return lower_is_better_; }

  double loss(Scratch& scratch, std::span<const double> parameters, double size, double tokens,
              std::span<double> gradient) const;
  void losses(Scratch& scratch, std::span<const double> parameters, std::span<const double> sizes,
              std::span<const double> tokens, std::span<double> losses) const;
  double compute(Scratch& scratch, double size, double tokens, std::span<double> gradient) const;
  /// NaN when no positive number of tokens spends `compute`.
  double tokens_for(Scratch& scratch, double size, double compute) const;
  LinePoint at(Scratch& scratch, std::span<const double> parameters, double size, double tokens) const;
  /// N and D of the closed form.
  std::pair<double, double> closed_form(Scratch& scratch, std::span<const double> parameters,
                                        double compute) const;
  /// Grid of a budget, kept for the next call; without sizes when the budget pays for nothing.
  std::shared_ptr<const Grid> grid(Scratch& scratch, double compute) const;

 private:
  [[nodiscard]] std::shared_ptr<const Grid> make_grid(Scratch& scratch, double compute) const;

  expr::Program loss_;
  expr::Program cost_;
  expr::Program size_;
  expr::Program tokens_;
  Pool<Scratch> scratches_;
  bool closed_ = false;
  bool linear_ = false;  ///< compute is linear in tokens
  bool lower_is_better_ = true;
  mutable std::mutex mutex_;
  mutable std::map<double, std::shared_ptr<const Grid>> grids_;
};

}  // namespace scaleplan::laws
