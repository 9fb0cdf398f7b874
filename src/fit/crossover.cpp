#include "scaleplan/fit/crossover.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "fit/frontier.hpp"
#include "scaleplan/num/parallel.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::fit {
namespace {

constexpr std::size_t scan = 61;
constexpr std::size_t most_draws = 200;
constexpr double infinity = std::numeric_limits<double>::infinity();

/// ln C of the last crossing of two series on one grid; ∓infinity where the first is worse or better on all
/// of it.
double last_crossing(const std::vector<double>& grid, const std::vector<double>& first,
                     const std::vector<double>& second) {
  const auto unknown = [](double loss) { return std::isnan(loss); };
  if (std::any_of(first.begin(), first.end(), unknown) ||
      std::any_of(second.begin(), second.end(), unknown)) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  for (std::size_t k = grid.size(); k-- > 1;) {
    const double here = first[k] - second[k];
    const double before = first[k - 1] - second[k - 1];
    if ((here < 0) != (before < 0)) {
      return grid[k] - (grid[k] - grid[k - 1]) * here / (here - before);
    }
  }
  return first.back() < second.back() ? infinity : -infinity;
}

std::vector<double> grid_over(laws::Range range) {
  std::vector<double> grid;
  for (std::size_t k = 0; k < scan; ++k) {
    grid.push_back(std::log(range.low) +
                   std::log(range.high / range.low) * static_cast<double>(k) / (scan - 1));
  }
  return grid;
}

/// Percentiles of crossings; an end that lies beyond the range is not known.
Interval interval_of(std::vector<double> crossings, double level) {
  std::sort(crossings.begin(), crossings.end());
  const auto at = [&](double q) {
    return crossings[static_cast<std::size_t>(std::lround(q * static_cast<double>(crossings.size() - 1)))];
  };
  const double low = at((1 - level) / 2);
  const double high = at((1 + level) / 2);
  return {std::exp(low), std::exp(high), std::isfinite(low) && std::isfinite(high)};
}

}  // namespace

Result<Crossover> crossover(const Predictor& first, const Predictor& second, laws::Range range, double level,
                            const Control& control) {
  const std::vector<double> grid = grid_over(range);
  std::optional<Frontier> sides[2];
  for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
    Result<Frontier> frontier = Frontier::of(side == 0 ? first : second, grid);
    if (!frontier) {
      return frontier.errors();
    }
    sides[side] = std::move(*frontier);
  }
  const std::vector<double> a = sides[0]->ln_losses(Frontier::point);
  const std::vector<double> b = sides[1]->ln_losses(Frontier::point);
  Crossover out;
  const double crossing = last_crossing(grid, a, b);
  if (std::isnan(crossing)) {
    out.reason = "one of the two has no compute-optimal size everywhere in the range";
    return out;
  }
  out.first_is_better = a.back() < b.back();
  out.found = std::isfinite(crossing);
  if (!out.found) {
    out.reason = fmt::format("the {} has the lower loss at every budget of the range",
                             out.first_is_better ? "first" : "second");
  } else {
    out.compute = std::exp(crossing);
    out.loss = std::exp(interpolate(grid, a, crossing));
    out.decades_outside = std::max(decades_outside(first, out.compute), decades_outside(second, out.compute));
  }
  if (!first.has_intervals() || !second.has_intervals()) {
    return out;
  }
  const auto drawn = [&](std::size_t side) {
    const std::size_t available = (side == 0 ? first : second).draw_count();
    std::vector<std::vector<double>> losses(std::min(available, most_draws));
    num::parallel_for(losses.size(), control, [&](std::size_t k, std::size_t /*worker*/) {
      losses[k] = sides[side]->ln_losses(static_cast<int>(k * available / losses.size()));
    });
    return losses;
  };
  const auto ones = drawn(0);
  const auto others = drawn(1);
  // Every draw of one side meets every draw of the other: they come from different rows.
  std::vector<double> crossings;
  crossings.reserve(ones.size() * others.size());
  for (const auto& one : ones) {
    for (const auto& other : others) {
      crossings.push_back(last_crossing(grid, one, other));
    }
  }
  const auto pairs = static_cast<double>(crossings.size());
  std::erase_if(crossings, [](double c) { return std::isnan(c); });
  const auto crossed =
      std::count_if(crossings.begin(), crossings.end(), [](double c) { return std::isfinite(c); });
  out.share = static_cast<double>(crossed) / pairs;
  if (out.found && !crossings.empty()) {
    out.interval = interval_of(std::move(crossings), level);
  }
  return out;
}

}  // namespace scaleplan::fit
