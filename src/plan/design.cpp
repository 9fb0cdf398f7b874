#include "scaleplan/plan/design.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace scaleplan::plan {

namespace {

constexpr double next_budget = 2;      // over the largest run
constexpr double runs_at_next = 4.2;   // that the default budget pays
constexpr double share_of_plan = 0.1;  // at most, of the default budget
constexpr double farthest = 1.6;       // of ln N from the optimum
constexpr double step = 0.4;
constexpr double usual_noise = 0.005;

std::optional<double> largest_run(const fit::Predictor& loss) {
  const auto range = loss.range.find("C");
  return range == loss.range.end() ? std::nullopt : std::optional(range->second.high);
}

// Budgets from the next one on, each with sizes on both sides of the optimum: a run at the optimum says least
// about where it is.
std::vector<fit::RunPoint> grid_of(const fit::Predictor& loss, const Design& design) {
  std::vector<fit::RunPoint> out;
  const double top = largest_run(loss).value_or(design.budget);
  const double least = std::min(next_budget * top, design.budget / 4);
  const double most = std::min(design.budget, std::max(design.target, least));
  for (double compute = least; compute <= most * (1 + 1e-9); compute *= next_budget) {
    const double best = fit::mean_best_size(loss, compute);
    if (std::isnan(best)) continue;
    const int steps = static_cast<int>(std::lround(2 * farthest / step));
    for (int i = 0; i <= steps; ++i) {
      const double size = best * std::exp(-farthest + step * i);
      const double tokens = fit::tokens_for(loss, size, compute);
      if (tokens >= 1) out.push_back({"", std::round(size), std::round(tokens), compute});
    }
  }
  return out;
}

Result<double> budget_of(const fit::Predictor& loss, const DesignRequest& request, Design& design) {
  if (request.budget) return *request.budget;
  const std::optional<double> top = largest_run(loss);
  if (!top) {
    return error("the law does not say how large its runs were, so that no budget can be proposed",
                 "give --budget FLOP");
  }
  const double budget = std::min(runs_at_next * next_budget * *top, share_of_plan * design.target);
  design.assumed.push_back(
      {"budget", budget, "pays four runs of twice the largest, at most a tenth of the plan"});
  return budget;
}

}  // namespace

Result<Design> design_runs(const Scenario& scenario, const fit::Predictor& loss,
                           const json::Catalogue& catalogue, const DesignRequest& request,
                           const Control& control) {
  Design design;
  Result<Plan> plan = solve(scenario, loss, catalogue, control);
  if (!plan) return plan.errors();
  design.plan = std::move(*plan);
  const auto spent = std::find_if(design.plan.outcomes.begin(), design.plan.outcomes.end(),
                                  [](const Outcome& o) { return o.quantity->key == "train_flop"; });
  if (!design.plan.decision || spent == design.plan.outcomes.end()) return design;
  const laws::Input* size = loss.members.front().law.size();
  design.size_column = size == nullptr ? "params" : size->column;
  design.target = *spent->value;
  const Result<double> budget = budget_of(loss, request, design);
  if (!budget) return budget.errors();
  design.budget = *budget;
  design.grid = request.candidates.empty();
  design.candidates = design.grid ? grid_of(loss, design) : request.candidates;
  fit::ExperimentOptions options{design.target, design.budget, request.runs, std::nan(""),
                                 scenario.search.seed};
  if (request.noise) {
    options.noise = *request.noise;
  } else if (loss.blend == nullptr) {
    options.noise = usual_noise;
    design.assumed.push_back(
        {"noise", usual_noise,
         "robust scatter of the Chinchilla runs about their law; --noise says otherwise"});
  }
  Result<fit::Experiment> experiment = fit::Experiment::build(loss, design.candidates, options);
  if (!experiment) return experiment.errors();
  const bool for_size = request.criterion == fit::Criterion::size;
  design.chosen = experiment->choose(request.criterion);
  design.other = experiment->choose(for_size ? fit::Criterion::loss : fit::Criterion::size);
  if (design.chosen.picks.empty()) {
    return error(fmt::format("{} FLOP pay none of {} runs", format_quantity(design.budget, Dimension::flop),
                             design.candidates.size()),
                 "raise --budget or offer smaller runs");
  }
  design.target_size = experiment->target_size();
  design.noise = experiment->noise();
  design.before = experiment->before();
  design.offsets = experiment->offsets();
  design.excesses = experiment->excesses();
  design.gains = experiment->gains(request.criterion);
  return design;
}

}  // namespace scaleplan::plan
