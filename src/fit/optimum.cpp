#include "fit/optimum.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <memory>

#include "scaleplan/laws/allocation.hpp"
#include "scaleplan/num/parallel.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::fit {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double exponent_step = 0.02;

/// One series over draws, NaN where a draw has no interior optimum.
struct Series {
  explicit Series(std::size_t draws) : size(draws, nan), tokens(size), ratio(size), loss(size) {}
  std::vector<double> size;
  std::vector<double> tokens;
  std::vector<double> ratio;
  std::vector<double> loss;
};

Series solve_draws(const laws::Allocator& allocator, const Member& member, double compute,
                   const Control& control) {
  Series series(member.draws.size());
  num::parallel_for(member.draws.size(), control, [&](std::size_t k, std::size_t /*worker*/) {
    const laws::Allocation a = allocator.solve(member.draws[k], compute);
    if (a.found) {
      series.size[k] = a.size;
      series.tokens[k] = a.tokens;
      series.ratio[k] = a.tokens / a.size;
      series.loss[k] = a.loss;
    }
  });
  return series;
}

double share_found(const std::vector<double>& values) {
  std::size_t found = 0;
  for (const double value : values) {
    found += std::isnan(value) ? 0U : 1U;
  }
  return values.empty() ? 1.0 : static_cast<double>(found) / static_cast<double>(values.size());
}

Optimum solve_at(const laws::Allocator& allocator, const Predictor& predictor, double compute, double level,
                 const Control& control) {
  const Member& member = predictor.members.front();
  Optimum optimum;
  optimum.compute = compute;
  optimum.decades_outside = decades_outside(predictor, compute);
  const laws::Allocation point = allocator.solve(member.values, compute);
  optimum.found = point.found;
  optimum.reason = point.reason;
  if (!point.found) {
    return optimum;
  }
  const Series series = solve_draws(allocator, member, compute, control);
  const auto estimate = [&](double value, const std::vector<double>& draws) {
    return Estimate{value, draws.empty() ? Interval{} : num::percentile_interval(draws, level)};
  };
  optimum.size = estimate(point.size, series.size);
  optimum.tokens = estimate(point.tokens, series.tokens);
  optimum.tokens_per_parameter = estimate(point.tokens / point.size, series.ratio);
  optimum.loss = estimate(point.loss, series.loss);
  optimum.found_share = share_found(series.size);
  const laws::FlatRegion narrow = allocator.flat_region(member.values, compute, 0.001);
  const laws::FlatRegion wide = allocator.flat_region(member.values, compute, 0.005);
  optimum.within_0_1_percent = {narrow.low, narrow.high};
  optimum.within_0_5_percent = {wide.low, wide.high};
  return optimum;
}

/// Slopes of ln N* and ln D* against ln C at one set of values, and their values at `top`.
struct Slopes {
  double size = nan;
  double tokens = nan;
  double size_at_top = nan;
  double tokens_at_top = nan;
};

Slopes slopes_of(const laws::Allocator& allocator, const std::vector<double>& values, double top) {
  const laws::Allocation low = allocator.solve(values, top * std::exp(-exponent_step));
  const laws::Allocation high = allocator.solve(values, top * std::exp(exponent_step));
  if (!low.found || !high.found) {
    return {};
  }
  return {std::log(high.size / low.size) / (2 * exponent_step),
          std::log(high.tokens / low.tokens) / (2 * exponent_step), std::sqrt(low.size * high.size),
          std::sqrt(low.tokens * high.tokens)};
}

MethodRecord growth_of(const laws::Allocator& allocator, const Member& member, double top, double level,
                       const Control& control) {
  MethodRecord record;
  const Slopes own = slopes_of(allocator, member.values, top);
  std::vector<Slopes> draws(member.draws.size());
  num::parallel_for(draws.size(), control, [&](std::size_t k, std::size_t /*worker*/) {
    draws[k] = slopes_of(allocator, member.draws[k], top);
  });
  const auto spread = [&](double Slopes::*what) {
    std::vector<double> series;
    series.reserve(draws.size());
    for (const Slopes& draw : draws) {
      series.push_back(draw.*what);
    }
    return series.empty() ? Interval{} : num::percentile_interval(series, level);
  };
  record.size = {own.size, spread(&Slopes::size), own.size_at_top, spread(&Slopes::size_at_top)};
  record.tokens = {own.tokens, spread(&Slopes::tokens), own.tokens_at_top, spread(&Slopes::tokens_at_top)};
  if (std::isnan(own.size)) {
    record.reason = "the fitted law has no compute-optimal size at the top of the data";
  }
  return record;
}

}  // namespace

std::string allocation_obstacle(const laws::Law& law, std::map<std::string, double>& fixed) {
  if (law.kind != "loss") {
    return fmt::format("a law of {} divides no budget", law.kind);
  }
  if (law.size() == nullptr || law.tokens() == nullptr) {
    return "the law has no size and tokens to divide a budget between";
  }
  for (const laws::Input& input : law.inputs) {
    if (&input == law.size() || &input == law.tokens()) {
      continue;
    }
    if (input.vector || !input.fallback) {
      return fmt::format("the optimum depends on {}, which was not given", input.name);
    }
    fixed[input.name] = *input.fallback;
  }
  return {};
}

OptimumReport optimum_report(const Predictor& predictor, const std::vector<double>& budgets, double top,
                             double level, const Control& control) {
  OptimumReport report;
  const Member& member = predictor.members.front();
  std::map<std::string, double> fixed;
  const std::string reason = allocation_obstacle(member.law, fixed);
  if (!reason.empty()) {
    for (const double compute : budgets) {
      report.at.push_back({});
      report.at.back().compute = compute;
      report.at.back().reason = reason;
    }
    report.growth.reason = reason;
    report.interior_at_top = true;
    return report;
  }
  const laws::Allocator allocator(member.law, fixed);
  for (const double compute : budgets) {
    report.at.push_back(solve_at(allocator, predictor, compute, level, control));
  }
  const bool have_top = !report.at.empty() && report.at.front().compute == top;
  const Optimum at_top = have_top ? report.at.front() : solve_at(allocator, predictor, top, level, control);
  report.interior_at_top = at_top.found;
  report.found_share = at_top.found_share;
  report.size_at_top = at_top.size.interval;
  report.growth = growth_of(allocator, member, top, level, control);
  return report;
}

}  // namespace scaleplan::fit
