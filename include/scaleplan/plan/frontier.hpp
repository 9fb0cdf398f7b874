#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaleplan/json/document.hpp"
#include "scaleplan/json/value.hpp"
#include "scaleplan/plan/plan.hpp"

namespace scaleplan::plan {

/// What a curve trades: `x` is moved as a limit (a budget, or the target on the loss), `y` is minimised at
/// each. Without `from` or `to`: a quarter and four times the scenario's own limit of x (5 % below and above
/// for a loss), or of what the scenario's plan spends where it has none.
struct FrontierAxes {
  std::string x;
  std::string y;
  std::optional<double> from;  ///< of x, SI
  std::optional<double> to;
  int points = 25;  ///< at least 2
};

/// A scenario made ready for its curve.
struct FrontierTask {
  Scenario scenario;             ///< y is its objective, x one of its limits
  std::optional<Scenario> base;  ///< as it was written, to find the range of x; absent: the range is known
  const PlanQuantity* x = nullptr;
  const PlanQuantity* y = nullptr;
  FrontierAxes axes;
  double from = 0;  ///< of x; known unless there is a base
  double to = 0;
  std::vector<std::string> notes;  ///< what of the scenario gave way to the curve
};

/// Read a scenario for a curve. Errors: an axis that is no quantity, cannot be a limit (x) or an objective
/// (y), the same quantity twice, an empty range, and whatever the scenario lacks to determine them.
Result<FrontierTask> read_frontier(const json::Document& scenario, const FrontierAxes& axes,
                                   const json::Catalogue& catalogue);

/// The best plan at one limit of x.
struct FrontierPoint {
  double x = 0;            ///< the limit
  double decided_at = 0;   ///< the limit that the plan was solved for: below x where no better one was found
  Plan plan;               ///< without alternatives and flat regions
  std::string difference;  ///< of the discrete decision to the point before, or empty
};

/// Points in order of x: first evenly spaced, then where a straight line between neighbours misses most or
/// the discrete decision changes. x is spaced by ratios, a loss evenly.
struct Frontier {
  std::string name;
  const PlanQuantity* x = nullptr;
  const PlanQuantity* y = nullptr;
  double level = 0.9;
  std::vector<FrontierPoint> points;
  std::vector<std::string> notes;
};

/// Each point is a whole solve. A plan for a smaller limit keeps a larger one too, so y never rises with x.
Result<Frontier> trace_frontier(const FrontierTask& task, const fit::Predictor& loss,
                                const json::Catalogue& catalogue, const Control& control);

/// y at a point with its interval; nothing where no plan keeps the limits.
const Outcome* outcome_at(const FrontierPoint& point, const PlanQuantity& quantity);

/// Document of schema scaleplan/frontier/1.
json::Value to_json(const Frontier& frontier);

}  // namespace scaleplan::plan
