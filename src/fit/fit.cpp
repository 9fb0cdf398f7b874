#include "scaleplan/fit/fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "fit/blend/member.hpp"
#include "fit/conditioning.hpp"
#include "fit/design.hpp"
#include "fit/methods.hpp"
#include "fit/multistart.hpp"
#include "fit/optimum.hpp"
#include "fit/profile.hpp"
#include "fit/resample.hpp"
#include "fit/seen_runs.hpp"
#include "fit/verdict.hpp"
#include "scaleplan/base/digest.hpp"
#include "scaleplan/base/quantity.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::fit {
namespace {

constexpr std::size_t shown_residuals = 10;

laws::Range range_of(const std::vector<double>& values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return {*low, *high};
}

/// Data range by input, of C and of the output.
std::map<std::string, laws::Range> data_range(const Model& model) {
  std::map<std::string, laws::Range> range;
  for (std::size_t i = 0; i < model.inputs.size(); ++i) {
    range[model.law->inputs[i].name] = range_of(model.inputs[i]);
  }
  range[model.law->output.name] = range_of(model.observed);
  if (const std::vector<double> compute = model.compute(); !compute.empty()) {
    range["C"] = range_of(compute);
  }
  return range;
}

void fill_parameters(const Model& model, const Resamples& draws, double level, LawFit& fit) {
  Member& member = fit.predictor.members.front();
  for (const std::vector<double>& theta : draws.theta) {
    if (!theta.empty()) {
      member.draws.push_back(model.natural(theta));
    }
  }
  for (const std::size_t p : model.free) {
    const std::string& name = model.law->parameters[p].name;
    fit.free.push_back(name);
    std::vector<double> series;
    for (const std::vector<double>& values : member.draws) {
      series.push_back(values[p]);
    }
    Estimate estimate{member.values[p], {}};
    if (!series.empty()) {
      estimate.interval = num::percentile_interval(series, level);
      fit.standard_error[name] = num::standard_deviation(series);
    }
    fit.parameters[name] = estimate;
  }
}

void fill_residuals(const Model& model, std::span<const double> theta, Diagnostics& diagnostics) {
  const Objective objective = model.objective();
  expr::Workspace workspace(model.program);
  std::vector<double> residuals;
  objective.residuals(workspace, theta, residuals);
  std::vector<double> size;
  double squares = 0;
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    squares += residuals[i] * residuals[i];
    size.push_back(std::abs(residuals[i]));
    diagnostics.inside_delta += size[i] <= model.delta ? 1U : 0U;
    order.push_back(i);
  }
  diagnostics.residual_rms = std::sqrt(squares / static_cast<double>(residuals.size()));
  diagnostics.residual_scale = 1.4826 * num::median(size);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return size[a] > size[b]; });
  for (std::size_t k = 0; k < std::min(shown_residuals, order.size()); ++k) {
    diagnostics.largest.push_back({model.places[order[k]], model.runs[order[k]], residuals[order[k]]});
  }
}

std::string rows_digest(const Model& model) {
  std::string text;
  for (std::size_t i = 0; i < model.size(); ++i) {
    for (const auto& column : model.inputs) {
      text += fmt::format("{:.17g} ", column[i]);
    }
    text += fmt::format("{:.17g}\n", model.observed[i]);
  }
  return sha256(text);
}

Search search(const Model& model, const Options& options, const Control& control) {
  if (options.starts_from_data && model.law->blend != nullptr) {
    std::vector<Start> starts;
    for (std::vector<double>& theta : data_starts(model)) {
      starts.push_back({std::move(theta), 1});
    }
    Search found = search(model, starts, control);
    if (!found.best.theta.empty()) {
      return found;
    }
  }
  return search(model, start_grid(model, control), control);
}

}  // namespace

Result<LawFit> fit_law(const laws::Law& law, const runs::Table& table, const Options& options,
                       const Control& control) {
  const Result<Model> built = build_model(law, table, options);
  if (!built) {
    return built.errors();
  }
  const Model& model = *built;
  const Search found = search(model, options, control);
  if (found.best.theta.empty()) {
    return error(fmt::format("law \"{}\" could not be fitted: it has no value at any of {} starts", law.id,
                             found.starts.given),
                 "check the units of the columns, or give other start values in the law");
  }
  const std::vector<double>& theta = found.best.theta;
  LawFit fit;
  fit.points = model.points;
  fit.rows_sha256 = rows_digest(model);
  fit.starts = found.starts;
  fit.objective = found.best.value;
  fit.resampling = options.bootstrap > 0 ? model.clusters.rule : "none";
  fit.uncertainty = options.uncertainty == Uncertainty::profile ? "profile likelihood"
                    : options.bootstrap == 0                    ? "none"
                    : options.resampling == Resampling::wild    ? "wild bootstrap"
                                                                : "pairs bootstrap";
  fit.clusters = model.clusters.count;
  fit.design = design_of(model, table);
  Member member;
  member.law = law;
  member.values = model.natural(theta);
  fit.predictor.members.push_back(std::move(member));
  fit.predictor.range = data_range(model);
  fit.predictor.runs = seen_runs(model);
  const Resamples draws = bootstrap(model, theta, options, control);
  fit.draws_failed = draws.failed;
  fill_parameters(model, draws, options.level, fit);
  fit.diagnostics.conditioning = conditioning(model, theta);
  fit.diagnostics.gradient_norm = found.best.gradient_norm;
  fit.diagnostics.draws_gradient_norm = draws.gradient_norm;
  fill_residuals(model, theta, fit.diagnostics);

  const auto compute = fit.predictor.range.find("C");
  const laws::Range span = compute == fit.predictor.range.end() ? laws::Range{1, 1} : compute->second;
  fit.diagnostics.compute_decades = std::log10(span.high / span.low);
  std::vector<double> budgets = options.at_flop;
  if (budgets.empty()) {
    budgets = {span.high, 10 * span.high, 100 * span.high};
  }
  OptimumReport optimum = optimum_report(fit.predictor, budgets, span.high, options.level, control);
  fit.optimum = std::move(optimum.at);
  optimum.at.clear();
  judge(model, found, optimum, span.high, fit);
  if (options.uncertainty == Uncertainty::profile) {
    fill_profiles(model, found.best, options.level, control, fit);
  }
  fit.methods = compare_methods(model, table, std::move(optimum.growth), options, control);
  warn(model, options, fit);
  return fit;
}

}  // namespace scaleplan::fit
