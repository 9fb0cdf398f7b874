#include "fit/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fit/allocator.hpp"
#include "fit/design.hpp"

namespace scaleplan::fit {
namespace {

constexpr double near_tie_objective = 1e-4;
constexpr double near_tie_size = 0.10;
constexpr double dead_direction = 1e14;
constexpr double hopeless_size_interval = 100;
constexpr double narrow_design = 1.5;
constexpr double far_extrapolation = 1.5;

/// Input that the law needs but that never varies, or nullptr.
const laws::Input* constant_input(const Model& model) {
  for (std::size_t i = 0; i < model.inputs.size(); ++i) {
    const auto [low, high] = std::minmax_element(model.inputs[i].begin(), model.inputs[i].end());
    const laws::Input& input = model.law->inputs[i];
    if (*low == *high && (&input == model.law->size() || &input == model.law->tokens())) {
      return &input;
    }
  }
  return nullptr;
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
  const auto found_allocator = default_allocator(*model.law);
  if (!found_allocator) {
    return {};
  }
  const laws::Allocator& allocator = *found_allocator;
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

/// The fitted law has more compute end in a worse output at the best size.
bool worse_with_compute(const Model& model, const Search& found, double top) {
  const auto allocator = default_allocator(*model.law);
  if (!allocator) {
    return false;
  }
  const laws::Allocation at = allocator->solve(model.natural(found.best.theta), top);
  return at.found && (model.law->output.lower_is_better ? at.per_log_compute : -at.per_log_compute) > 0;
}

/// Numbers that rest on nothing are not shown as if they did.
void withhold_optimum(LawFit& fit) {
  for (Optimum& optimum : fit.optimum) {
    if (optimum.found) {
      const double compute = optimum.compute;
      optimum = {};
      optimum.compute = compute;
      optimum.reason = "the rows do not determine it: " + fit.verdict_reason;
    }
  }
}

/// Why the rows cannot determine the law at all, whatever the intervals say; or empty.
std::string undetermined(const Model& model, const Search& found, double top, const LawFit& fit) {
  if (const laws::Input* input = constant_input(model)) {
    return fmt::format("{} is the same in every row, so its effect cannot be seen", input->name);
  }
  if (found.best.ending == Ending::failed) {
    return "the objective still falls along a flat valley: no start reached a minimum";
  }
  if (const std::string unfelt = names_of(model, unfelt_parameters(found.best)); !unfelt.empty()) {
    return fmt::format("{} no longer {} anything: {} fell to zero", unfelt,
                       unfelt.find(' ') == std::string::npos ? "changes" : "change",
                       names_of(model, found.best.vanished));
  }
  if (!(fit.diagnostics.conditioning.scaled < dead_direction)) {
    return "some combination of parameters does not change the fit at all";
  }
  if (worse_with_compute(model, found, top)) {
    return fmt::format("the fitted law says that more compute makes {} worse", model.law->output.name);
  }
  return {};
}

}  // namespace

void judge(const Model& model, const Search& found, OptimumReport& optimum, double top, LawFit& fit) {
  const auto verdict = [&](Verdict v, std::string reason) {
    fit.verdict = v;
    fit.verdict_reason = std::move(reason);
  };
  std::string name;
  if (std::string reason = undetermined(model, found, top, fit); !reason.empty()) {
    verdict(Verdict::not_identified, std::move(reason));
    withhold_optimum(fit);
    optimum.growth = {};
    optimum.growth.reason = fit.verdict_reason;
    fit.answerable = constant_input(model) == nullptr && fit.design.compute_against_loss <= 0;
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
  warnings = design_warnings(model, fit.design, options);
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
