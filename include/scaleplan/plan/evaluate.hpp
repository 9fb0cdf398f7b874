#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaleplan/model/proposal.hpp"
#include "scaleplan/plan/plan.hpp"

namespace scaleplan::plan {

/// What a run loses against the best split of its own law FLOP into size and tokens on the same data, batch
/// and learning rate at their best: the optimum of the point law, held fixed while the law varies.
struct Regret {
  double best_size = 0;  ///< as the law counts it
  double best_tokens = 0;
  double nats = 0;      ///< under the point estimate, all in
  double of_split = 0;  ///< the part of size against tokens
  double of_batch = 0;  ///< the part of a batch above the reference batch
  double of_learning_rate = 0;
  double extra_compute =
      0;  ///< C / C' − 1, C' being the least FLOP that reach the same loss (point estimate)
  std::vector<double> draws;  ///< nats under each draw of the law; empty: it has none

  /// Quantile over the draws; without draws the point estimate.
  [[nodiscard]] double quantile(double q) const;
  /// Share of draws in which something is lost; absent without draws.
  [[nodiscard]] std::optional<double> probability() const;
};

/// A proposal as the models see it. What `plan` members hold is computed by the code that fills them for a
/// plan; absent decision: `loss_unknown` says why.
struct Evaluation {
  Plan plan;  ///< name, decision, hyperparameters, outcomes, constraints, decades_outside, assumed, warnings
  std::string loss_unknown;                  ///< why loss, FLOP and totals are not known, or empty
  std::string machines_unknown;              ///< why memory and step time are not known, or empty
  std::string illegal;                       ///< the rule that the layout breaks on these machines, or empty
  std::string illegal_path;                  ///< the member of the proposal that it is about
  std::optional<double> memory;              ///< bytes of the worst device, to gate on
  double memory_offered = 0;                 ///< bytes that a device reports; without any headroom
  std::optional<double> batch_tokens;        ///< as evaluated; absent: said by nobody
  std::optional<double> learning_rate;       ///< the same
  std::optional<double> best_learning_rate;  ///< for the proposal's size, tokens and batch
  std::optional<Regret> regret;
  std::string service_unknown;                ///< why nothing is known of the deployment, or empty
  std::shared_ptr<const ServedModel> served;  ///< how the demand is met; null: it is not
  std::optional<serving::Miss> service_miss;  ///< why it does not meet the demand
  std::string caveat;                         ///< why the fit behind the law is not to be trusted, or empty
};

/// PROBLEM 1.1 to 1.9 once, at the proposal: no layout is searched and nothing is optimised but the
/// reference of the regret. What the proposal does not say comes from the scenario and is listed in
/// `plan.assumed`; what neither says is listed as unknown. Limits are the scenario's. Errors: names that the
/// catalogue does not have, inputs that the law needs and nobody gives.
/// Regime: that of the loss law, the step-time and the memory model (`plan.warnings`); a batch that costs
/// less than rounding to whole sequences counts as the reference batch, as in a plan.
Result<Evaluation> evaluate(const Scenario& scenario, const model::Proposal& proposal,
                            const fit::Predictor& loss, const json::Catalogue& catalogue,
                            const Control& control);

/// The scenario of a user who gives none: no limits, the catalogue's loss law.
Scenario open_scenario(const json::Catalogue& catalogue);

}  // namespace scaleplan::plan
