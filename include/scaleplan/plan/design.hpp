#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaleplan/fit/experiment.hpp"
#include "scaleplan/plan/plan.hpp"

namespace scaleplan::plan {

/// Which further runs are asked for.
struct DesignRequest {
  std::vector<fit::RunPoint>
      candidates;                ///< empty: a grid of budgets and sizes beyond the runs behind the law
  std::optional<double> budget;  ///< FLOP of all runs; absent: 8.4 times the largest run behind the law,
                                 ///< at most a tenth of what the plan spends
  std::size_t runs = 0;          ///< at most; 0: as many as the budget pays
  fit::Criterion criterion = fit::Criterion::size;
  std::optional<double> noise;  ///< relative, of the loss of one run; absent: as the fit says
};

/// Runs to do before the plan is carried out, and what they are expected to make sure.
struct Design {
  Plan plan;                ///< of the scenario; without a decision nothing below is set
  std::string size_column;  ///< run column of the sizes, as the law counts them
  double target = 0;        ///< FLOP of the plan as the law counts them
  double target_size = 0;   ///< N* there: geometric mean over the laws
  double budget = 0;
  double noise = 0;
  bool grid = false;  ///< the candidates were made here
  std::vector<fit::RunPoint> candidates;
  std::vector<double> offsets;   ///< ln N over ln N* at the candidate's FLOP
  std::vector<double> excesses;  ///< ln L over the least there
  std::vector<double> gains;     ///< of each candidate alone, per FLOP, in the criterion asked for
  fit::Doubt before;
  fit::ExperimentDesign chosen;  ///< by the criterion asked for
  fit::ExperimentDesign other;   ///< by the other one, for the same budget
  std::vector<Assumed> assumed;  ///< by the design itself
};

/// Which runs to do next so that the plan's compute-optimal size, or its loss, is surer per FLOP spent (see
/// fit::Experiment). Errors: as `solve` and `fit::Experiment`, no range of compute and no budget, a budget
/// that pays no candidate.
Result<Design> design_runs(const Scenario& scenario, const fit::Predictor& loss,
                           const json::Catalogue& catalogue, const DesignRequest& request,
                           const Control& control);

/// Document of schema scaleplan/design/1.
json::Value to_json(const Design& design);

}  // namespace scaleplan::plan
