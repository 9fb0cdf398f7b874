#include "scaleplan/plan/frontier.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "plan/frontier_range.hpp"
#include "scaleplan/model/layout.hpp"
#include "scaleplan/num/parallel.hpp"

namespace scaleplan::plan {

namespace {

constexpr int first_points = 9;  // evenly spaced
constexpr std::size_t at_once = 4;
constexpr double least_step = 1e-3;     // of the range, between points
constexpr double change_weight = 0.03;  // a change of the discrete decision counts as this much of a bend
constexpr double edge_weight = 0.1;     // and the edge of what is feasible as this

// The decisions that come in steps, by name.
std::vector<std::pair<std::string, std::string>> discrete_part(const Plan& plan) {
  if (!plan.decision || !plan.decision->run) return {};
  const Run& run = *plan.decision->run;
  return {{"cluster", run.cluster},
          {"devices", fmt::format("{}", run.devices)},
          {"precision", run.precision},
          {"optimizer", run.optimizer},
          {"power cap", run.power_cap_w ? format_quantity(*run.power_cap_w, Dimension::watts) : "none"},
          {"layout", model::to_text(run.layout.layout)}};
}

std::string difference(const Plan& before, const Plan& after) {
  if (!before.decision || !after.decision) {
    return before.decision.has_value() == after.decision.has_value() ? "" : "feasible";
  }
  const auto a = discrete_part(before);
  const auto b = discrete_part(after);
  std::vector<std::string> changes;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (a[i].second != b[i].second) {
      changes.push_back(fmt::format("{} {} → {}", a[i].first, a[i].second, b[i].second));
    }
  }
  return fmt::format("{}", fmt::join(changes, ", "));
}

class Trace {
 public:
  Trace(const FrontierTask& task, const fit::Predictor& loss, const json::Catalogue& catalogue,
        const Control& control)
      : task_(task), loss_(loss), catalogue_(catalogue), control_(control), scenario_(task.scenario) {
    Search& search = scenario_.search;
    search.alternatives = 0;
    search.decision_only = true;
    search.near_optimal = std::min(search.near_optimal, 2 * std::max(search.gap, search.shape_tolerance));
  }

  Result<bool> run() {
    const int first = std::clamp(task_.axes.points, 2, first_points);
    std::vector<double> even;
    for (int i = 0; i + 1 < first; ++i) even.push_back(x_at(static_cast<double>(i) / (first - 1)));
    even.push_back(task_.to);
    if (Result<bool> added = add(even); !added) return added;
    while (points_.size() < static_cast<std::size_t>(task_.axes.points)) {
      const std::size_t left = static_cast<std::size_t>(task_.axes.points) - points_.size();
      const std::vector<double> middles = worst_gaps(std::min(left, at_once));
      if (middles.empty()) break;
      if (Result<bool> added = add(middles); !added) return added;
    }
    return true;
  }

  std::vector<FrontierPoint> take() {
    carry();
    for (std::size_t i = 1; i < points_.size(); ++i) {
      points_[i].difference = difference(points_[i - 1].plan, points_[i].plan);
    }
    return std::move(points_);
  }

 private:
  [[nodiscard]] bool by_ratio() const { return task_.x->key != "loss"; }
  [[nodiscard]] double x_at(double share) const {
    return by_ratio() ? task_.from * std::pow(task_.to / task_.from, share)
                      : task_.from + (task_.to - task_.from) * share;
  }
  [[nodiscard]] double position(std::size_t i) const {
    const double x = points_[i].x;
    return by_ratio() ? std::log(x / task_.from) / std::log(task_.to / task_.from)
                      : (x - task_.from) / (task_.to - task_.from);
  }

  // Points do not wait for each other; how many are solved at once does not depend on threads.
  Result<bool> add(const std::vector<double>& limits) {
    std::vector<std::optional<Result<Plan>>> plans(limits.size());
    num::parallel_for(limits.size(), {control_.stop, {}, control_.threads}, [&](std::size_t i, std::size_t) {
      Scenario scenario = scenario_;
      limit_of(scenario, task_.x->key)->limit = limits[i];
      plans[i] = solve(scenario, loss_, catalogue_, {control_.stop, {}, 1});
    });
    for (std::size_t i = 0; i < limits.size(); ++i) {
      if (!*plans[i]) return plans[i]->errors();
      points_.push_back({limits[i], limits[i], std::move(**plans[i]), ""});
    }
    std::sort(points_.begin(), points_.end(),
              [](const FrontierPoint& a, const FrontierPoint& b) { return a.x < b.x; });
    if (control_.progress) control_.progress(static_cast<double>(points_.size()) / task_.axes.points);
    return true;
  }

  // y in the unit of what the curve spans, NaN where no plan keeps the limits.
  [[nodiscard]] std::vector<double> heights() const {
    std::vector<double> all;
    double low = HUGE_VAL;
    double high = -HUGE_VAL;
    for (const FrontierPoint& point : points_) {
      const Outcome* y = outcome_at(point, *task_.y);
      const double value = y == nullptr ? std::nan("") : *y->value;
      all.push_back(value > 0 ? std::log(value) : value);
      if (std::isnan(value)) continue;
      low = std::min(low, all.back());
      high = std::max(high, all.back());
    }
    for (double& height : all) height = high > low ? (height - low) / (high - low) : height * 0;
    return all;
  }

  // How far the middle of three points lies from the line through the others, for a step like those.
  [[nodiscard]] double bend(const std::vector<double>& heights, std::size_t middle) const {
    if (middle == 0 || middle + 1 >= points_.size()) return 0;
    const double left = position(middle) - position(middle - 1);
    const double right = position(middle + 1) - position(middle);
    const double second =
        2 *
        ((heights[middle + 1] - heights[middle]) / right - (heights[middle] - heights[middle - 1]) / left) /
        (left + right);
    return std::isnan(second) ? 0 : std::abs(second);
  }

  [[nodiscard]] double gap_score(const std::vector<double>& y, std::size_t i) const {
    const double step = position(i + 1) - position(i);
    if (step < 2 * least_step) return 0;
    if (std::isnan(y[i]) != std::isnan(y[i + 1])) return edge_weight * step;
    if (std::isnan(y[i])) return 0;
    const double miss = std::max(bend(y, i), bend(y, i + 1)) * step * step / 8;
    const bool changes = !difference(points_[i].plan, points_[i + 1].plan).empty();
    return changes ? std::max(miss, change_weight * step) : miss;
  }

  // The middles of the gaps that a straight line bridges worst.
  [[nodiscard]] std::vector<double> worst_gaps(std::size_t most) const {
    const std::vector<double> y = heights();
    std::vector<std::pair<double, std::size_t>> gaps;
    for (std::size_t i = 0; i + 1 < points_.size(); ++i) gaps.emplace_back(-gap_score(y, i), i);
    std::sort(gaps.begin(), gaps.end());
    std::vector<double> middles;
    for (const auto& [score, i] : gaps) {
      if (middles.size() == most || score == 0) break;
      middles.push_back(x_at((position(i) + position(i + 1)) / 2));
    }
    return middles;
  }

  // What keeps a smaller limit keeps a larger one.
  void carry() {
    for (std::size_t i = 1; i < points_.size(); ++i) {
      const Outcome* before = outcome_at(points_[i - 1], *task_.y);
      const Outcome* here = outcome_at(points_[i], *task_.y);
      if (before == nullptr || (here != nullptr && *here->value <= *before->value)) continue;
      points_[i].decided_at = points_[i - 1].decided_at;
      points_[i].plan = points_[i - 1].plan;
    }
  }

  const FrontierTask& task_;
  const fit::Predictor& loss_;
  const json::Catalogue& catalogue_;
  const Control& control_;
  Scenario scenario_;
  std::vector<FrontierPoint> points_;
};

}  // namespace

Result<Frontier> trace_frontier(const FrontierTask& asked, const fit::Predictor& loss,
                                const json::Catalogue& catalogue, const Control& control) {
  FrontierTask task = asked;
  if (task.base) {
    Result<Plan> base = solve(*task.base, loss, catalogue, {control.stop, {}, control.threads});
    if (!base) return base.errors();
    const FrontierPoint point{0, 0, std::move(*base), ""};
    const Outcome* spent = outcome_at(point, *task.x);
    if (spent == nullptr) {
      return error(fmt::format("the range of {} is not known: the scenario neither limits it nor has a plan "
                               "that would say how much is usual",
                               task.x->key),
                   "give --from and --to");
    }
    if (const Result<bool> fine = set_range(task, *spent->value); !fine) return fine.errors();
  }
  Trace trace(task, loss, catalogue, control);
  if (const Result<bool> done = trace.run(); !done) return done.errors();
  return Frontier{task.scenario.name, task.x, task.y, task.scenario.level, trace.take(), task.notes};
}

const Outcome* outcome_at(const FrontierPoint& point, const PlanQuantity& quantity) {
  if (!point.plan.decision) return nullptr;
  for (const Outcome& outcome : point.plan.outcomes) {
    if (outcome.quantity == &quantity && outcome.value) return &outcome;
  }
  return nullptr;
}

}  // namespace scaleplan::plan
