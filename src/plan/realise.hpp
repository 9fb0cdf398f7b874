#pragma once

#include <functional>
#include <memory>
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
  AtSize at;                                  ///< tokens continuous: the value bounds what whole tokens reach
  std::int64_t tokens = 0;                    ///< whole, limits kept
  double value = 0;                           ///< of the objective, with whole tokens
  double batch_tokens = 0;                    ///< 0: pinned or the reference batch
  double bound = 0;                           ///< that no layout of the shape goes below
  std::shared_ptr<const Run> run;             ///< null without machines
  std::shared_ptr<const ServedModel> served;  ///< null until it is settled, and without a demand
};

/// The shapes of the family around the optimum, best first, and what is certain about the rest.
struct Realised {
  std::vector<Candidate> candidates;  ///< those that keep every limit, by value
  std::optional<Candidate> chosen;  ///< within the shape tolerance of the best: the fastest on machines, else
                                    ///< nearest to the reference aspect
  std::size_t evaluated = 0;
  double bound = 0;      ///< no shape of the family does better
  double tolerance = 0;  ///< of the objective, absolute, that the choice of the aspect may cost
};

/// A shape of the family and what it counts.
struct Found {
  model::Shape shape;
  model::Parameters params;
};

/// How shapes are priced where that takes more than their FLOP.
struct Pricing {
  const Problem* bounding = nullptr;  ///< no shape outside of those evaluated does better than under this
  /// Those that keep every limit, with tokens, value and bound; in any order.
  std::function<std::vector<Candidate>(const std::vector<Found>&)> evaluate;
};

/// Whole tokens that keep the limits: down where limits cap them, up where a target asks for them.
void make_whole(const Problem& problem, const View& view, Candidate& candidate);

/// By value, then by shape.
void rank(std::vector<Candidate>& candidates);
/// Of ranked candidates, within `tolerance` of the best: the fastest on machines, else the one nearest to the
/// reference aspect.
std::optional<Candidate> choose(const Problem& problem, const std::vector<Candidate>& ranked,
                                double tolerance);

/// `pricing` may be null: a shape costs its FLOP at the throughput of the problem's resources.
Realised realise(const Problem& problem, const View& view, const Relaxed& relaxed, const Control& control,
                 const Pricing* pricing = nullptr);

}  // namespace scaleplan::plan
