#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "plan/answer.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::plan {

namespace {

constexpr double day_s = 86400;
constexpr double week_s = 7 * day_s;
constexpr double fractions[] = {0.1, 0.25, 0.5, 0.75, 1};

struct Change {
  std::string text;
  double factor;
};

constexpr double finest = 1e-9;  // of the objective, that a search tells apart

std::vector<Change> changes_of(const Row& row) {
  std::vector<Change> out;
  if (row.name == "train_time_s" && row.limit > 2 * week_s) {
    out.push_back({"one week longer", (row.limit + week_s) / row.limit});
    out.push_back({"one week shorter", (row.limit - week_s) / row.limit});
    return out;
  }
  if (row.base == Base::loss) {
    out.push_back({"1 % higher", row.limit > 0 ? 1.01 : 0.99});
    out.push_back({"1 % lower", row.limit > 0 ? 0.99 : 1.01});
    return out;
  }
  out.push_back({"10 % more", 1.1});
  out.push_back({"10 % less", 0.9});
  return out;
}

double train_seconds(const Problem& problem, const View& view, const AtSize& at) {
  const auto row = problem.row_of(*find_quantity("train_time_s"));
  return row ? problem.value(view, *row, at.size, at.cost, at.tokens) : 0;
}

}  // namespace

void describe_launch(const Problem& problem, const View& view, const Candidate& chosen, Plan& plan) {
  LaunchSheet sheet;
  const Decision& decision = *plan.decision;
  const auto tokens = static_cast<double>(chosen.tokens);
  const double left = tokens - problem.done();
  if (chosen.at.cost.seconds > 0) sheet.tokens_per_day = day_s / chosen.at.cost.seconds;
  if (decision.run) {
    const training::Goodput& goodput = decision.run->goodput;
    const double seconds = left * chosen.at.cost.seconds;
    sheet.checkpoint_interval_s = goodput.checkpoint_interval_s;
    if (std::isfinite(goodput.checkpoint_interval_s) && goodput.checkpoint_interval_s > 0)
      sheet.checkpoints = std::floor(seconds / goodput.checkpoint_interval_s);
    sheet.failures = seconds / goodput.job_mtbf_s;
  }
  const auto& schedule = problem.scenario().schedule;
  if (schedule && decision.batch_tokens > 0) {
    sheet.warmup_steps = std::ceil(schedule->warmup_tokens / static_cast<double>(decision.batch_tokens));
  }
  View at_batch = view;
  at_batch.batch_tokens = chosen.batch_tokens;
  for (double fraction : fractions) {
    const double seen = fraction * tokens;
    if (seen <= problem.done()) continue;
    Tripwire wire{fraction, seen, problem.objective_loss(at_batch, chosen.at.size, seen), {}};
    const std::vector<double> losses = problem.losses(chosen.at.size, seen);
    if (!losses.empty()) wire.band = num::percentile_interval(losses, plan.level);
    sheet.tripwires.push_back(wire);
  }
  plan.launch = std::move(sheet);
}

void describe_what_if(const Problem& problem, const View& view, const Relaxed& relaxed, Plan& plan) {
  const double now = relaxed.at.value;
  auto tell = [&](const Problem& other, std::string name, std::string text, double factor) {
    const Relaxed found = search_relaxation(other, view);
    if (found.outcome != Relaxed::Outcome::found) return;
    WhatIf line;
    line.change = std::move(text);
    line.name = std::move(name);
    line.factor = factor;
    line.objective = found.at.value;
    const double moved = found.at.value - now;
    line.difference = std::abs(moved) > finest * std::abs(now) ? moved : 0;
    line.params = other.curve(found.at.size).total;
    line.tokens = found.at.tokens;
    line.train_time_s = train_seconds(other, view, found.at);
    plan.what_if.push_back(std::move(line));
  };
  for (std::size_t i = 0; i < problem.rows().size(); ++i) {
    const Row& row = problem.rows()[i];
    if (row.scale == 0 && row.per_joule == 0) continue;  // a peak does not depend on size and tokens
    for (const Change& change : changes_of(row)) {
      Problem other = problem;
      other.set_limit(i, row.limit * change.factor);
      tell(other, row.name, row.name + " " + change.text, change.factor);
    }
  }
  if (problem.resources().seconds_per_flop > 0) {
    Problem other = problem;
    other.scale_seconds(1 / 0.9);
    tell(other, "throughput", "throughput 10 % less (a lower power cap, a slower layout)", 0.9);
  }
}

void describe_reliefs(const Problem& problem, const View& view, Plan& plan) {
  constexpr double farthest = 1e9;
  constexpr double fine = 1e-4;
  for (std::size_t i = 0; i < problem.rows().size(); ++i) {
    const Row& row = problem.rows()[i];
    if (std::find(plan.conflicts.begin(), plan.conflicts.end(), row.name) == plan.conflicts.end()) continue;
    auto feasible = [&](double limit) {
      Problem other = problem;
      other.set_limit(i, limit);
      return search_relaxation(other, view).outcome == Relaxed::Outcome::found;
    };
    Relief relief{row.name, row.dimension, row.limit, std::nullopt};
    // a loss may be negative: it is raised by its distance, other limits by a factor
    auto at = [&](double t) {
      return row.base == Base::loss ? row.limit + std::abs(row.limit) * std::expm1(t)
                                    : row.limit * std::exp(t);
    };
    double low = 0;
    double high = fine;
    const double most = std::log(farthest);
    while (high < most && !feasible(at(high))) {
      low = high;
      high *= 2;
    }
    if (high < most) {
      while (high - low > fine * std::max(1.0, high)) {
        const double middle = (low + high) / 2;
        (feasible(at(middle)) ? high : low) = middle;
      }
      relief.needed = at(high);
    }
    plan.reliefs.push_back(std::move(relief));
  }
}

}  // namespace scaleplan::plan
