#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace scaleplan::fit {

/// Runs on offer and what they tell of one quantity, in linear regression.
struct Offers {
  std::span<const double> joint;      ///< covariance, row-major: the offers' first, the quantity last
  std::size_t quantities = 0;         ///< rows of it
  std::span<const double> deviation;  ///< of the noise of each offer
  std::span<const double> cost;       ///< of each
  double budget = 0;
  std::size_t most_runs = 0;  ///< 0: as many as the budget pays
};

/// The runs that together take most variance off the quantity, the most telling first. The largest gain first
/// need not lead there, by itself or for its cost: one dear run can tell more than the cheap ones that leave
/// it unpaid. So each of the offers that tell most alone (100 at most) is bought first in turn, the rest is
/// filled by gain per cost and by gain, and the best of these sets is taken.
std::vector<std::size_t> best_purchase(const Offers& offers);

}  // namespace scaleplan::fit
