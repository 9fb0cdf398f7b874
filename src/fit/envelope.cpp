#include "scaleplan/fit/envelope.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace scaleplan::fit {
namespace {

constexpr double same_budget = 0.031;  // ln C: 3 %
constexpr double widest_gap = 0.7;     // ln C between points that are interpolated: a factor of two
constexpr double most_budgets = 400;
constexpr std::size_t least_sizes = 3;

/// Budgets at which the envelope is read: those of the points, thinned.
std::vector<double> grid_of(std::vector<double> compute) {
  std::sort(compute.begin(), compute.end());
  std::vector<double> grid;
  const double step = std::max(same_budget, std::log(compute.back() / compute.front()) / most_budgets);
  for (const double c : compute) {
    if (grid.empty() || std::log(c / grid.back()) > step) {
      grid.push_back(c);
    }
  }
  return grid;
}

}  // namespace

Envelope::Envelope(const CurvePoints& points) {
  if (points.compute.empty()) {
    return;
  }
  compute_ = grid_of(points.compute);
  candidates_.resize(compute_.size());
  std::vector<std::size_t> order(points.compute.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return points.curve[a] != points.curve[b] ? points.curve[a] < points.curve[b]
                                              : points.compute[a] < points.compute[b];
  });
  curves_ = points.curve[order.back()] + 1;
  const auto at = [&](std::size_t low, std::size_t high, double share) {
    const auto between = [&](const std::vector<double>& values) {
      return (1 - share) * std::log(values[low]) + share * std::log(values[high]);
    };
    return Candidate{points.curve[low], between(points.size), between(points.tokens),
                     (1 - share) * points.ln_loss[low] + share * points.ln_loss[high]};
  };
  for (std::size_t k = 0; k < order.size(); ++k) {
    const std::size_t here = order[k];
    const std::size_t next = k + 1 < order.size() ? order[k + 1] : here;
    const double u = std::log(points.compute[here]);
    const double gap = std::log(points.compute[next]) - u;
    const bool joined = next != here && points.curve[next] == points.curve[here] && gap <= widest_gap;
    // Each budget up to the next point of the curve; a last point stands for its own budget.
    const double reach = joined ? gap : same_budget;
    for (auto g = std::lower_bound(compute_.begin(), compute_.end(), std::exp(u - same_budget));
         g != compute_.end(); ++g) {
      const double ahead = std::log(*g) - u;
      if (ahead >= reach) {
        break;
      }
      const double share = joined && gap > 0 ? std::max(0.0, ahead / gap) : 0.0;
      candidates_[static_cast<std::size_t>(g - compute_.begin())].push_back(
          at(here, joined ? next : here, share));
    }
  }
}

std::vector<EnvelopePoint> Envelope::points(const std::vector<std::size_t>& times) const {
  std::vector<EnvelopePoint> out;
  for (std::size_t b = 0; b < candidates_.size(); ++b) {
    const Candidate* best = nullptr;
    std::set<double> sizes;
    std::set<std::size_t> curves;
    for (const Candidate& candidate : candidates_[b]) {
      if (!times.empty() && times[candidate.curve] == 0) {
        continue;
      }
      sizes.insert(candidate.ln_size);
      curves.insert(candidate.curve);
      if (best == nullptr || candidate.ln_loss < best->ln_loss) {
        best = &candidate;
      }
    }
    const bool inside =
        sizes.size() >= least_sizes && best->ln_size > *sizes.begin() && best->ln_size < *sizes.rbegin();
    if (inside) {
      out.push_back({compute_[b], best->ln_size, best->ln_tokens, curves.size()});
    }
  }
  return out;
}

}  // namespace scaleplan::fit
