#include "fit/multistart.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>

#include "scaleplan/num/parallel.hpp"

namespace scaleplan::fit {
namespace {

constexpr std::size_t first_wave = 96;
constexpr double same_value = 1e-6;
constexpr double felt = 1e-8;

/// False where some parameter hardly changes any residual: such a plateau has no basin to enter, since a
/// descent passing over it may still find its way down.
bool isolated(const Basin& basin) {
  double least = std::numeric_limits<double>::infinity();
  double most = 0;
  for (std::size_t j = 0, k = 0; j < basin.theta.size(); ++j, k += j + 1) {
    least = std::min(least, basin.envelope[k]);
    most = std::max(most, basin.envelope[k]);
  }
  return least > felt * most;
}

bool same_point(const Basin& a, const Basin& b) {
  return a.delta == b.delta && std::abs(a.value - b.value) <= same_value * std::min(a.value, b.value) &&
         near(a, b.theta, same_value);
}

/// Known stationary points, and for least-squares ones the final point that descents from there reach.
class Basins {
 public:
  void add(const Descent& descent, double delta) {
    const std::size_t end = index_of({delta, descent.theta, descent.value, descent.envelope});
    if (!descent.least_squares.theta.empty() && std::isfinite(delta)) {
      const std::size_t milestone = index_of(descent.least_squares);
      if (leads_to_[milestone] == none) {
        leads_to_[milestone] = end;
      } else if (leads_to_[milestone] != end) {
        leads_to_[milestone] = ambiguous;
      }
    }
  }

  /// Points to hand to later descents; plateaus, and milestones that lead to more than one end, are left out.
  void settle() {
    std::vector<Basin> kept;
    std::vector<std::size_t> ends;
    for (std::size_t k = 0; k < all_.size(); ++k) {
      const std::size_t end = leads_to_[k] == none ? k : leads_to_[k];
      if (end != ambiguous && isolated(all_[k]) && isolated(all_[end])) {
        kept.push_back(all_[k]);
        ends.push_back(end);
      }
    }
    for (std::size_t& end : ends) {
      const auto at =
          std::find_if(kept.begin(), kept.end(), [&](const Basin& b) { return same_point(b, all_[end]); });
      end = static_cast<std::size_t>(at - kept.begin());
    }
    all_ = kept;
    leads_to_ = ends;
  }

  [[nodiscard]] const std::vector<Basin>& all() const { return all_; }
  [[nodiscard]] const Basin& end_of(std::size_t k) const { return all_[leads_to_[k]]; }

 private:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  static constexpr std::size_t ambiguous = static_cast<std::size_t>(-2);

  std::size_t index_of(const Basin& basin) {
    for (std::size_t k = 0; k < all_.size(); ++k) {
      if (same_point(all_[k], basin)) {
        return k;
      }
    }
    all_.push_back(basin);
    leads_to_.push_back(none);
    return all_.size() - 1;
  }

  std::vector<Basin> all_;
  std::vector<std::size_t> leads_to_;
};

/// A permutation that spreads the first wave over the whole grid: a stride coprime to the count.
std::vector<std::size_t> spread(std::size_t count) {
  std::size_t stride = static_cast<std::size_t>(static_cast<double>(count) * 0.618) | 1U;
  while (std::gcd(stride, count) != 1) {
    ++stride;
  }
  std::vector<std::size_t> order(count);
  for (std::size_t k = 0; k < count; ++k) {
    order[k] = k * stride % count;
  }
  return order;
}

void tally(const std::vector<Start>& starts, const std::vector<std::size_t>& order,
           const std::vector<Descent>& ends, const Basins& basins, Search& result) {
  result.starts.distinct = starts.size();
  for (std::size_t k = 0; k < ends.size(); ++k) {
    const Descent& end = ends[k];
    const std::size_t times = starts[order[k]].times;
    result.starts.given += times;
    if (end.ending == Ending::failed) {
      result.starts.failed += times;
      continue;
    }
    const bool merged = end.ending == Ending::merged;
    result.starts.converged += merged ? 0U : 1U;
    result.starts.merged += merged ? times : times - 1;
    const double value = merged ? basins.end_of(end.basin).value : end.value;
    result.starts.agree += value <= result.best.value * (1 + same_value) ? times : 0U;
  }
}

/// The lowest end, polished. A start that failed counts only where it lies below every stationary point: then
/// it is given more time, and stays `failed` when it still creeps.
Descent best_of(const std::vector<Descent>& ends, const Objective& objective, const Box& box,
                Descender& scratch) {
  constexpr int patience = 10;
  Descent best;
  best.value = std::numeric_limits<double>::infinity();
  Descent lowest = best;
  for (const Descent& end : ends) {
    Descent& rival = end.ending == Ending::converged ? best : lowest;
    if (end.ending != Ending::merged && end.value < rival.value) {
      rival = end;
    }
  }
  if (lowest.value < best.value * (1 - same_value)) {
    best = lowest;
    for (int round = 0; round < patience && best.ending == Ending::failed; ++round) {
      best = descend(objective, box, best.theta, false, {}, scratch);
    }
  } else if (!best.theta.empty()) {
    best = descend(objective, box, best.theta, false, {}, scratch);
  }
  return best;
}

}  // namespace

Search search(const Model& model, const std::vector<Start>& starts, const Control& control) {
  const Objective objective = model.objective();
  const auto scratch = descenders(model.program, control);
  const std::vector<std::size_t> order = spread(starts.size());
  std::vector<Descent> ends(starts.size());
  const bool anneal = std::isfinite(model.delta);
  const std::size_t wave = std::min(first_wave, starts.size());
  num::parallel_for(wave, control, [&](std::size_t k, std::size_t worker) {
    ends[k] = descend(objective, model.box, starts[order[k]].theta, anneal, {}, *scratch[worker]);
  });
  Basins basins;
  for (std::size_t k = 0; k < wave; ++k) {
    if (ends[k].ending == Ending::converged) {
      basins.add(ends[k], model.delta);
    }
  }
  basins.settle();
  num::parallel_for(starts.size() - wave, control, [&](std::size_t k, std::size_t worker) {
    ends[wave + k] =
        descend(objective, model.box, starts[order[wave + k]].theta, anneal, basins.all(), *scratch[worker]);
  });

  Search result;
  result.best = best_of(ends, objective, model.box, *scratch[0]);
  tally(starts, order, ends, basins, result);
  if (result.best.theta.empty()) {
    return result;
  }
  std::vector<Basin>& optima = result.optima;
  optima.push_back({model.delta, result.best.theta, result.best.value, result.best.envelope});
  for (const Descent& end : ends) {
    const Basin point{model.delta, end.theta, end.value, end.envelope};
    const auto known = [&](const Basin& basin) { return same_point(basin, point); };
    if (end.ending == Ending::converged && std::none_of(optima.begin(), optima.end(), known)) {
      optima.push_back(point);
    }
  }
  std::stable_sort(optima.begin(), optima.end(),
                   [](const Basin& a, const Basin& b) { return a.value < b.value; });
  return result;
}

}  // namespace scaleplan::fit
