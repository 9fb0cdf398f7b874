#pragma once

#include "plan/joint.hpp"
#include "plan/option.hpp"
#include "plan/problem.hpp"
#include "plan/realise.hpp"
#include "plan/relaxation.hpp"
#include "scaleplan/plan/plan.hpp"

namespace scaleplan::plan {

/// Which program, catalogue and law made an answer.
Provenance provenance_of(const Scenario& scenario, const fit::Predictor& loss, const LossModel& model);

// Parts of the answer, from what was solved. Each fills its own members of the plan.

void describe_relaxation(const Problem& problem, const View& view, const Relaxed& relaxed, Plan& plan);
void describe_decision(const Problem& problem, const Realised& realised, const Relaxed& relaxed, Plan& plan);
/// Batch, steps and learning rate of the decision, and where they come from.
void describe_hyperparameters(const Problem& problem, const HyperparameterLaws& laws, const Recipe& recipe,
                              const Candidate& chosen, Plan& plan);
void describe_outcomes(const Problem& problem, const View& view, const Candidate& chosen, Plan& plan);
void describe_constraints(const Problem& problem, const View& view, const Relaxed& relaxed,
                          const Candidate& chosen, Plan& plan);
/// What was priced on one way to provide machines, or on none.
struct Contender {
  const Problem* problem = nullptr;
  const Realised* realised = nullptr;
};
/// Where limits that bind would change the discrete class; after the constraints. Best contender first.
void describe_switches(const std::vector<Contender>& contenders, const View& view, Plan& plan);
/// The best few candidates with their own deployments; the table of services stands between shapes.
void settle_service(const Problem& problem, const View& view, Realised& realised, const Control& control);
/// The deployment of the decision and its latency limits.
void describe_serving(const Problem& problem, const Candidate& chosen, Plan& plan);
/// What each technique did, and where the plan is not what its paper measured.
void describe_techniques(const Scenario& scenario, Plan& plan);
void describe_launch(const Problem& problem, const View& view, const Candidate& chosen, Plan& plan);
/// The problem solved again with each limit moved.
void describe_what_if(const Problem& problem, const View& view, const Relaxed& relaxed, Plan& plan);
/// How far each conflicting limit alone must give way.
void describe_reliefs(const Problem& problem, const View& view, Plan& plan);
/// The decision step by step, in numbers that a reader can recompute.
void describe_derivation(const Problem& problem, const View& view, const Candidate& chosen, Plan& plan);
void describe_flat_regions(const Problem& problem, const View& view, const Relaxed& relaxed, Plan& plan);
/// Which limits are in the way, and how far off they are at the point that comes nearest to keeping them.
void describe_conflict(const Problem& problem, const View& view, const Relaxed& relaxed, Plan& plan);
/// How many ways to provide machines there were, and why most are out.
void describe_options(const Options& options, const Joint& joint, Plan& plan);
/// Why no way to provide machines keeps the limits.
void describe_no_option(const JointSetting& setting, const Options& options, const Joint& joint, Plan& plan);
/// The best on other machines, limits that only machines have, and what their models do not cover.
void describe_machines(const Scenario& scenario, const Joint& joint, Plan& plan);
/// Sentences on what the plan does not decide, assumes or cannot know.
void add_warnings(const Problem& problem, const Relaxed& relaxed, Plan& plan);

}  // namespace scaleplan::plan
