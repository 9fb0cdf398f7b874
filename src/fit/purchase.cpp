#include "fit/purchase.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace scaleplan::fit {
namespace {

constexpr std::size_t most_firsts = 100;
constexpr double rounding = 1e-9;

using Runs = std::vector<std::size_t>;

/// What is open of the offers and the quantity once some runs are done: only the variances and the
/// covariances with the quantity, and the columns of the runs done, so that a run costs its predecessors and
/// no matrix.
class Remaining {
 public:
  explicit Remaining(const Offers& offers) : offers_(offers) {
    const std::size_t n = offers.quantities;
    for (std::size_t i = 0; i < offers.cost.size(); ++i) {
      variance_.push_back(offers.joint[i * n + i]);
      with_quantity_.push_back(offers.joint[i * n + n - 1]);
    }
  }

  [[nodiscard]] double gain(std::size_t run) const {
    return with_quantity_[run] * with_quantity_[run] / total(run);
  }

  void learn(std::size_t run) {
    const double scale = 1 / std::sqrt(total(run));
    const double quantity = with_quantity_[run] * scale;
    std::vector<double> column(offers_.cost.size());
    for (std::size_t i = 0; i < column.size(); ++i) {
      double covariance = offers_.joint[i * offers_.quantities + run];
      for (const std::vector<double>& done : columns_) {
        covariance -= done[i] * done[run];
      }
      column[i] = covariance * scale;
    }
    for (std::size_t i = 0; i < column.size(); ++i) {
      variance_[i] -= column[i] * column[i];
      with_quantity_[i] -= column[i] * quantity;
    }
    columns_.push_back(std::move(column));
  }

 private:
  [[nodiscard]] double total(std::size_t run) const {
    return std::max(0.0, variance_[run]) + offers_.deviation[run] * offers_.deviation[run];
  }

  const Offers& offers_;
  std::vector<double> variance_;
  std::vector<double> with_quantity_;
  std::vector<std::vector<double>> columns_;
};

enum class By { gain, gain_per_cost };

struct Bought {
  Runs runs;
  double removed = 0;
};

bool holds(const Runs& runs, std::size_t run) {
  return std::find(runs.begin(), runs.end(), run) != runs.end();
}

/// `first`, where it can be paid, and what the rest of the budget pays, largest first.
Bought fill(const Offers& offers, const Runs& first, By by) {
  Remaining remaining(offers);
  Bought bought;
  double left = offers.budget;
  const auto payable = [&](std::size_t run) {
    const bool more = offers.most_runs == 0 || bought.runs.size() < offers.most_runs;
    return more && offers.cost[run] <= left + rounding * offers.budget && !holds(bought.runs, run);
  };
  const auto take = [&](std::size_t run) {
    bought.removed += remaining.gain(run);
    bought.runs.push_back(run);
    left -= offers.cost[run];
    remaining.learn(run);
  };
  for (const std::size_t run : first) {
    if (payable(run)) {
      take(run);
    }
  }
  for (;;) {
    std::size_t best = offers.cost.size();
    double most = 0;
    for (std::size_t i = 0; i < offers.cost.size(); ++i) {
      if (payable(i)) {
        const double worth = remaining.gain(i) / (by == By::gain ? 1 : offers.cost[i]);
        if (worth > most) {
          most = worth;
          best = i;
        }
      }
    }
    if (best == offers.cost.size()) {
      return bought;
    }
    take(best);
  }
}

/// The same runs, each the most telling of those left.
Runs most_telling_first(const Offers& offers, Runs runs) {
  Remaining remaining(offers);
  for (auto from = runs.begin(); from != runs.end(); ++from) {
    std::iter_swap(from, std::max_element(from, runs.end(), [&](std::size_t a, std::size_t b) {
                     return remaining.gain(a) < remaining.gain(b);
                   }));
    remaining.learn(*from);
  }
  return runs;
}

}  // namespace

std::vector<std::size_t> best_purchase(const Offers& offers) {
  const Remaining before(offers);
  Runs firsts(offers.cost.size());
  std::iota(firsts.begin(), firsts.end(), std::size_t{0});
  std::erase_if(firsts, [&](std::size_t run) { return offers.cost[run] > offers.budget * (1 + rounding); });
  std::stable_sort(firsts.begin(), firsts.end(),
                   [&](std::size_t a, std::size_t b) { return before.gain(a) > before.gain(b); });
  firsts.resize(std::min(firsts.size(), most_firsts));
  Bought best = fill(offers, {}, By::gain_per_cost);
  for (const std::size_t first : firsts) {
    for (const By by : {By::gain, By::gain_per_cost}) {
      Bought other = fill(offers, {first}, by);
      if (other.removed > best.removed * (1 + rounding)) {
        best = std::move(other);
      }
    }
  }
  return most_telling_first(offers, std::move(best.runs));
}

}  // namespace scaleplan::fit
