#pragma once

#include <optional>

#include "scaleplan/plan/hyperparameters.hpp"

namespace scaleplan::plan {

/// What batch and learning rate do to the loss of a run (PROBLEM 1.3 to 1.5), as functions of its size (as
/// the loss law counts it) and tokens. The other size counts that hyperparameter laws want move with the size
/// from a reference shape.
class Recipe {
 public:
  Recipe(const HyperparameterLaws& laws, double size, const RunSize& at_size,
         std::optional<double> pinned_rate)
      : laws_(laws), size_(size), at_size_(at_size), pinned_rate_(pinned_rate) {}

  [[nodiscard]] double reference_batch(double size, double tokens) const;
  [[nodiscard]] double critical_batch(double size, double tokens) const;
  /// Tokens count min(1, (1 + B_ref/B_c) / (1 + B/B_c)) at `batch` tokens per step; 1 at batch 0.
  [[nodiscard]] double token_worth(double batch, double size, double tokens) const;
  /// A token is worth less than rounding the batch to whole sequences explains: the batch costs something.
  [[nodiscard]] bool batch_costs(double batch, double size, double tokens) const;
  /// ε of a pinned learning rate at `batch` (0: the reference batch), relative; 0 without a pin.
  [[nodiscard]] double loss_excess(double batch, double size, double tokens) const;

 private:
  [[nodiscard]] RunSize run(double size, double tokens) const;

  const HyperparameterLaws& laws_;
  double size_;
  RunSize at_size_;
  std::optional<double> pinned_rate_;
};

/// The rate for `batch` when `tuned` belongs to `reference` tokens per step.
double rate_at_batch(double tuned, double batch, double reference);

}  // namespace scaleplan::plan
