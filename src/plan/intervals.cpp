#include "plan/intervals.hpp"

#include <cmath>
#include <limits>

#include "plan/relaxation.hpp"
#include "scaleplan/num/parallel.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::plan {

std::vector<DrawnOptimum> solve_draws(const std::vector<Contest>& contest, const Control& control) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<DrawnOptimum> draws(static_cast<std::size_t>(contest.front().problem->model().draws()),
                                  {nan, nan, nan, nan, nan, nan});
  num::parallel_for(draws.size(), control, [&](std::size_t k, std::size_t) {
    const View view{static_cast<int>(k), std::nullopt};
    double least = std::numeric_limits<double>::infinity();
    double near = 0;  // the optimum on other machines: those in the contest are about as good
    for (const auto& [problem, devices] : contest) {
      const Relaxed relaxed = search_relaxation(*problem, view, near);
      if (relaxed.outcome != Relaxed::Outcome::found) continue;
      near = relaxed.at.size;
      if (!(relaxed.at.value < least)) continue;
      least = relaxed.at.value;
      const model::SmoothPoint point = problem->curve(relaxed.at.size);
      draws[k] = {relaxed.at.size,
                  point.total,
                  point.active,
                  relaxed.at.tokens,
                  problem->objective_loss(view, relaxed.at.size, relaxed.at.tokens),
                  devices};
    }
  });
  return draws;
}

DecisionIntervals decision_intervals(const std::vector<DrawnOptimum>& draws, double level) {
  DecisionIntervals intervals;
  intervals.draws = draws.size();
  const auto spread = [&](auto of) {
    std::vector<double> values;
    values.reserve(draws.size());
    for (const DrawnOptimum& draw : draws) values.push_back(of(draw));
    return num::percentile_interval(values, level);
  };
  for (const DrawnOptimum& draw : draws) intervals.solved += std::isnan(draw.params) ? 0U : 1U;
  intervals.params = spread([](const DrawnOptimum& d) { return d.params; });
  intervals.active_params = spread([](const DrawnOptimum& d) { return d.active_params; });
  intervals.tokens = spread([](const DrawnOptimum& d) { return d.tokens; });
  intervals.tokens_per_parameter = spread([](const DrawnOptimum& d) { return d.tokens / d.params; });
  intervals.loss = spread([](const DrawnOptimum& d) { return d.loss; });
  intervals.devices = spread([](const DrawnOptimum& d) {
    return d.devices > 0 ? d.devices : std::numeric_limits<double>::quiet_NaN();
  });
  return intervals;
}

}  // namespace scaleplan::plan
