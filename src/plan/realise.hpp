#pragma once

#include <optional>
#include <vector>

#include "plan/problem.hpp"
#include "plan/relaxation.hpp"
#include "scaleplan/plan/plan.hpp"

namespace scaleplan::plan {

/// A shape of the family with the tokens that its limits allow.
struct Candidate {
  model::Shape shape;
  model::Parameters params;
  AtSize at;                ///< tokens continuous: the value bounds what whole tokens reach
  std::int64_t tokens = 0;  ///< whole, limits kept
  double value = 0;         ///< of the objective, with whole tokens
  double batch_tokens = 0;  ///< 0: pinned or the reference batch
};

/// The shapes of the family around the optimum, best first, and what is certain about the rest.
struct Realised {
  std::vector<Candidate> candidates;  ///< those that keep every limit, by value
  std::optional<Candidate>
      chosen;  ///< within the shape tolerance of the best, nearest to the reference aspect
  std::size_t evaluated = 0;
  double bound = 0;      ///< no shape of the family does better
  double tolerance = 0;  ///< of the objective, absolute, that the choice of the aspect may cost
};

Realised realise(const Problem& problem, const View& view, const Relaxed& relaxed, const Control& control);

}  // namespace scaleplan::plan
