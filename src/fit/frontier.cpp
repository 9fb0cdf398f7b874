#include "fit/frontier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "fit/optimum.hpp"

namespace scaleplan::fit {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

std::vector<double> best_losses(const laws::Allocator& allocator, const std::vector<double>& values,
                                const std::vector<double>& grid) {
  std::vector<double> losses;
  losses.reserve(grid.size());
  for (const double u : grid) {
    const laws::Allocation best = allocator.solve(values, std::exp(u));
    losses.push_back(best.found ? std::log(best.loss) : nan);
  }
  return losses;
}

}  // namespace

Best weighted_best(const std::vector<laws::Allocator>& allocators,
                   const std::vector<std::vector<double>>& values, const std::vector<double>& weights,
                   double compute) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (std::size_t m = 0; m < allocators.size(); ++m) {
    const laws::Allocation best = allocators[m].solve(values[m], compute);
    if (best.found) {
      low = std::min(low, std::log(best.size));
      high = std::max(high, std::log(best.size));
    }
  }
  if (!(low <= high)) {
    return {nan, nan};
  }
  const auto at = [&](double x) {
    const double size = std::exp(x);
    const double tokens = allocators.front().tokens_for(size, compute);
    double sum = 0;
    for (std::size_t m = 0; m < allocators.size(); ++m) {
      sum += weights[m] * std::log(allocators[m].loss(values[m], size, tokens));
    }
    return sum;
  };
  // Between the members' own sizes every member's loss rises outwards, so the mean's least lies there.
  constexpr double golden = 0.6180339887498949;
  while (high - low > 1e-9 * std::max(1.0, std::abs(high))) {
    const double left = high - golden * (high - low);
    const double right = low + golden * (high - low);
    if (at(left) < at(right)) {
      high = right;
    } else {
      low = left;
    }
  }
  return {0.5 * (low + high), at(0.5 * (low + high))};
}

double interpolate(const std::vector<double>& at, const std::vector<double>& values, double x) {
  const auto above = std::upper_bound(at.begin() + 1, at.end() - 1, x);
  const auto k = static_cast<std::size_t>(above - at.begin());
  return values[k - 1] + (values[k] - values[k - 1]) * (x - at[k - 1]) / (at[k] - at[k - 1]);
}

Result<Frontier> Frontier::of(const Predictor& predictor, std::vector<double> ln_compute) {
  Frontier frontier;
  frontier.predictor_ = &predictor;
  frontier.grid_ = std::move(ln_compute);
  std::vector<std::vector<double>> values;
  std::vector<double> weights;
  double total = 0;
  for (const Member& member : predictor.members) {
    std::map<std::string, double> fixed;
    if (const std::string reason = allocation_obstacle(member.law, fixed); !reason.empty()) {
      return error(fmt::format("law \"{}\" has no compute-optimal loss: {}", member.law.id, reason),
                   "compare laws of loss in size and tokens");
    }
    frontier.allocators_.emplace_back(member.law, fixed);
    values.push_back(member.values);
    weights.push_back(member.weight);
    total += member.weight;
  }
  if (predictor.allocation.ln_compute.empty()) {
    return frontier;
  }
  for (double& weight : weights) {
    weight /= total;
  }
  for (std::size_t m = 0; m < values.size(); ++m) {
    frontier.bests_.push_back(best_losses(frontier.allocators_[m], values[m], frontier.grid_));
  }
  for (const double u : frontier.grid_) {
    frontier.together_.push_back(weighted_best(frontier.allocators_, values, weights, std::exp(u)).ln_loss);
  }
  return frontier;
}

std::vector<double> Frontier::ln_losses(int draw) const {
  const AllocationDraws& moved = predictor_->allocation;
  const auto k = static_cast<std::size_t>(std::max(draw, 0));
  if (moved.ln_compute.empty()) {
    const Member& member = predictor_->members.front();
    return best_losses(allocators_.front(), draw == point ? member.values : member.draws[k], grid_);
  }
  std::vector<double> losses = draw == point ? together_ : bests_[moved.member[k]];
  const Move& move = draw == point ? moved.point : moved.move[k];
  for (std::size_t i = 0; i < losses.size(); ++i) {
    losses[i] += interpolate(moved.ln_compute, move.level, grid_[i]);
  }
  return losses;
}

}  // namespace scaleplan::fit
