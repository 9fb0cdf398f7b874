#include "scaleplan/fit/fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "fit/blend/member.hpp"
#include "fit/conditioning.hpp"
#include "fit/methods.hpp"
#include "fit/multistart.hpp"
#include "fit/optimum.hpp"
#include "fit/resample.hpp"
#include "scaleplan/base/digest.hpp"
#include "scaleplan/base/quantity.hpp"
#include "scaleplan/laws/allocation.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::fit {
namespace {

constexpr double near_tie_objective = 1e-4;
constexpr double near_tie_size = 0.10;
constexpr double dead_direction = 1e14;
constexpr double hopeless_size_interval = 100;
constexpr double narrow_design = 1.5;
constexpr double far_extrapolation = 1.5;
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
  if (!model.law->compute.empty()) {
    const expr::Program program =
        expr::Program::compile(model.law->compute, {model.law->input_names(), {}, {}, {}});
    expr::Columns columns;
    columns.rows = model.size();
    columns.inputs.assign(model.inputs.begin(), model.inputs.end());
    range["C"] = range_of(program.evaluate(columns, {}));
  }
  return range;
}

/// Input that the law needs but that never varies, or nullptr.
const laws::Input* constant_input(const Model& model) {
  for (std::size_t i = 0; i < model.inputs.size(); ++i) {
    const laws::Range range = range_of(model.inputs[i]);
    const laws::Input& input = model.law->inputs[i];
    if (range.low == range.high && (&input == model.law->size() || &input == model.law->tokens())) {
      return &input;
    }
  }
  return nullptr;
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
  const Objective objective(model.rows, model.weights, model.delta);
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

bool at_bound(const Model& model, std::span<const double> theta, std::string& name) {
  for (std::size_t k = 0; k < theta.size(); ++k) {
    if (theta[k] <= model.box.lower[k] || theta[k] >= model.box.upper[k]) {
      name = model.law->parameters[model.free[k]].name;
      return true;
    }
  }
  return false;
}

/// Coordinates that the rows do not feel, besides the vanished terms themselves.
std::vector<std::size_t> unfelt_parameters(const Descent& best) {
  constexpr double felt = 1e-16;  // of the best felt one; a term of 1e-8 of the output
  const auto diagonal = [&](std::size_t k) { return best.envelope[k * (k + 3) / 2]; };
  double most = 0;
  for (std::size_t k = 0; k < best.theta.size(); ++k) {
    most = std::max(most, diagonal(k));
  }
  std::vector<std::size_t> unfelt;
  for (std::size_t k = 0; k < best.theta.size(); ++k) {
    const bool vanished = std::find(best.vanished.begin(), best.vanished.end(), k) != best.vanished.end();
    if (!vanished && diagonal(k) <= felt * most) {
      unfelt.push_back(k);
    }
  }
  return unfelt;
}

std::string names_of(const Model& model, const std::vector<std::size_t>& free) {
  std::string names;
  for (const std::size_t k : free) {
    names += (names.empty() ? "" : ", ") + model.law->parameters[model.free[k]].name;
  }
  return names;
}

/// Another optimum almost as good that would allocate differently at the top of the data, or empty.
std::string tie(const Model& model, const Search& found, double top) {
  if (model.law->kind != "loss" || model.law->size() == nullptr || model.law->tokens() == nullptr) {
    return {};
  }
  std::map<std::string, double> fixed;
  for (const laws::Input& input : model.law->inputs) {
    if (&input != model.law->size() && &input != model.law->tokens()) {
      if (!input.fallback) {
        return {};
      }
      fixed[input.name] = *input.fallback;
    }
  }
  const laws::Allocator allocator(*model.law, fixed);
  const laws::Allocation best = allocator.solve(model.natural(found.optima.front().theta), top);
  for (const Basin& other : found.optima) {
    if (other.value > found.optima.front().value * (1 + near_tie_objective)) {
      break;
    }
    const laws::Allocation rival = allocator.solve(model.natural(other.theta), top);
    if (best.found && rival.found && std::abs(std::log(rival.size / best.size)) > near_tie_size) {
      return fmt::format(
          "another optimum is within 1e-4 of the objective and puts N* at {:.3g} instead of {:.3g}",
          rival.size, best.size);
    }
  }
  return {};
}

void judge(const Model& model, const Search& found, const OptimumReport& optimum, double top, LawFit& fit) {
  const auto verdict = [&](Verdict v, std::string reason) {
    fit.verdict = v;
    fit.verdict_reason = std::move(reason);
  };
  std::string name;
  if (const laws::Input* input = constant_input(model)) {
    verdict(Verdict::not_identified,
            fmt::format("{} is the same in every row, so its effect cannot be seen", input->name));
  } else if (found.best.ending == Ending::failed) {
    verdict(Verdict::not_identified,
            "the objective still falls along a flat valley: no start reached a minimum");
  } else if (std::string unfelt = names_of(model, unfelt_parameters(found.best)); !unfelt.empty()) {
    verdict(Verdict::not_identified, fmt::format("{} no longer {} anything: {} fell to zero", unfelt,
                                                 unfelt.find(' ') == std::string::npos ? "changes" : "change",
                                                 names_of(model, found.best.vanished)));
  } else if (!(fit.diagnostics.conditioning.scaled < dead_direction)) {
    verdict(Verdict::not_identified, "some combination of parameters does not change the fit at all");
  } else if (!optimum.interior_at_top) {
    verdict(Verdict::not_identified, "the fitted law has no compute-optimal size within the data");
  } else if (optimum.found_share < 0.9) {
    verdict(Verdict::not_identified, fmt::format("{:.0f} % of the resamples have no compute-optimal size",
                                                 100 * (1 - optimum.found_share)));
  } else if (optimum.size_at_top.known &&
             optimum.size_at_top.high > hopeless_size_interval * optimum.size_at_top.low) {
    verdict(Verdict::not_identified,
            "the interval of the compute-optimal size spans more than a factor of 100");
  } else if (!found.best.vanished.empty()) {
    verdict(Verdict::at_bound, fmt::format("{} fell to zero", names_of(model, found.best.vanished)));
  } else if (at_bound(model, found.best.theta, name)) {
    verdict(Verdict::at_bound, fmt::format("{} lies on a bound of the law", name));
  } else if (std::string rival = tie(model, found, top); !rival.empty()) {
    verdict(Verdict::near_tie, std::move(rival));
  }
}

void warn(const Model& model, const Options& options, LawFit& fit) {
  auto& warnings = fit.diagnostics.warnings;
  const double per_parameter = static_cast<double>(model.size()) / static_cast<double>(model.free.size());
  if (fit.diagnostics.compute_decades < narrow_design) {
    warnings.push_back(fmt::format("the runs span {:.2g} decades of compute; exponents need 1.5 or more",
                                   fit.diagnostics.compute_decades));
  }
  if (per_parameter < 5) {
    warnings.push_back(fmt::format("only {:.1f} rows for each free parameter", per_parameter));
  }
  if (fit.starts.agree * 100 < fit.starts.given) {
    warnings.push_back(
        fmt::format("only {} of {} starts reached this optimum", fit.starts.agree, fit.starts.given));
  }
  if (fit.draws_failed > 0) {
    warnings.push_back(fmt::format("{} of {} resamples did not converge and carry no draw", fit.draws_failed,
                                   options.bootstrap));
  }
  for (const Optimum& optimum : fit.optimum) {
    if (optimum.found && optimum.decades_outside > far_extrapolation) {
      warnings.push_back(
          fmt::format("{:.3g} FLOP is {:.1f} decades beyond the data; intervals hold only if the law does",
                      optimum.compute, optimum.decades_outside));
    }
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
  fit.resampling = options.bootstrap > 0 ? model.resampling : "none";
  Member member;
  member.law = law;
  member.values = model.natural(theta);
  fit.predictor.members.push_back(std::move(member));
  fit.predictor.range = data_range(model);
  const Resamples draws = bootstrap(model, theta, options.bootstrap, options.seed, control);
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
  judge(model, found, optimum, span.high, fit);
  fit.optimum = std::move(optimum.at);
  fit.methods = compare_methods(model, table, std::move(optimum.growth), options, control);
  warn(model, options, fit);
  return fit;
}

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::converged:
      return "converged";
    case Verdict::near_tie:
      return "near-tie";
    case Verdict::not_identified:
      return "not-identified";
    case Verdict::at_bound:
      return "at-bound";
  }
  return "";
}

}  // namespace scaleplan::fit
