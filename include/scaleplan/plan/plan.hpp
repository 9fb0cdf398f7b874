#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scaleplan/base/control.hpp"
#include "scaleplan/fit/predictor.hpp"
#include "scaleplan/model/shape.hpp"
#include "scaleplan/plan/hyperparameters.hpp"
#include "scaleplan/plan/quantities.hpp"
#include "scaleplan/plan/scenario.hpp"
#include "scaleplan/plan/views.hpp"
#include "scaleplan/serving/deployment.hpp"
#include "scaleplan/training/layouts.hpp"

namespace scaleplan::plan {

enum class Status : std::uint8_t { optimal, feasible, infeasible, not_converged };
std::string_view status_name(Status status);

/// How the decision runs on its machines.
struct Run {
  std::string cluster;
  std::string device;
  std::int64_t devices = 0;
  std::string precision;
  std::string optimizer;
  std::optional<double> power_cap_w;
  training::RankedLayout layout;  ///< step time before any power cap
  std::int64_t sequences = 0;     ///< per optimiser step
  double step_s = 0;              ///< clean, under the cap, with what sites exchange
  double site_exchange_s = 0;     ///< of it, what is not hidden
  training::Goodput goodput;
  double checkpoint_bytes = 0;
  double watts = 0;  ///< mean of the site over wall time
};

/// Where the model is served, and what its life there takes; of a year without a lifetime.
struct ServedModel {
  std::string site;
  serving::Deployed deployed;
  std::vector<serving::Point> curve;  ///< one replica, from idle to full
  double usd = 0;                     ///< NaN: no price
  double joules = 0;
  double grams = 0;  ///< NaN: no grid
};

/// What to train. Absent: this version does not decide it, or nobody asked.
struct Decision {
  model::Shape shape;
  model::Parameters params;
  std::int64_t tokens = 0;
  std::int64_t sequence_length = 0;
  std::int64_t batch_tokens = 0;              ///< per optimiser step, whole sequences
  double learning_rate = 0;                   ///< peak
  std::shared_ptr<const Run> run;             ///< null without machines
  std::shared_ptr<const ServedModel> served;  ///< null without a demand
  std::int64_t steps = 0;                     ///< still to do; the last one may be partial
  std::int64_t done_tokens = 0;               ///< of `tokens`, before this plan
  std::optional<double> devices;              ///< as assumed by the scenario
  std::optional<std::string> precision;       ///< as assumed by the scenario

  [[nodiscard]] double tokens_per_parameter() const {
    return static_cast<double>(tokens) / static_cast<double>(params.total);
  }
};

/// The optimum of the continuous problem over the law's draws, on machines the best of those within the
/// near-optimal band: how sure is the choice.
struct DecisionIntervals {
  Interval params;
  Interval active_params;
  Interval tokens;
  Interval tokens_per_parameter;
  Interval loss;
  Interval devices;         ///< on machines
  std::size_t options = 1;  ///< ways to provide machines that took part, those within the near-optimal band
  std::size_t draws = 0;    ///< re-solved
  std::size_t solved = 0;   ///< of these with an interior optimum
};

/// Where batch and learning rate of the decision come from.
struct Hyperparameters {
  Recommendation reference_batch;  ///< at which the law's own runs are taken to be tuned
  Recommendation critical_batch;
  Recommendation learning_rate;
  double token_worth = 1;  ///< what a token is worth at the decided batch, against the reference batch
  double loss_excess = 0;  ///< ε of a pinned learning rate, relative
};

/// A plan quantity at the decision; the interval lets the law vary while the decision stays.
struct Outcome {
  const PlanQuantity* quantity = nullptr;
  std::optional<double> value;  ///< absent: not computed from this scenario or by this version
  Interval interval;
};

/// Where another discrete class would be decided: the nearest value of a limit, within 5 %, among the classes
/// that were priced, each with the batch that it was priced at.
struct Switch {
  double limit = 0;
  model::Shape shape;  ///< of the class beyond
  model::Parameters params;
  std::shared_ptr<const Run> run;  ///< null without machines
};

/// One budget, target or range. `shadow_price` = −∂objective/∂limit ≥ 0 and `per_log_limit` =
/// ∂objective/∂ln(limit), signed; both 0 when it does not bind. They price the chosen shape.
struct Constraint {
  std::string name;  ///< key of the quantity; "params.min" is kept from below
  Dimension dimension = Dimension::number;
  double used = 0;
  double limit = 0;
  bool binding = false;
  double shadow_price = 0;
  double per_log_limit = 0;
  double probability_kept = 1;
  std::optional<Switch> switches_at = {};  ///< of limits that bind
};

/// The problem with size and tokens continuous along the family's smooth curve.
struct Relaxation {
  bool found = false;
  std::string size_input;  ///< the law's name of its size
  double size = 0;         ///< as the law counts it
  double params = 0;       ///< total
  double active_params = 0;
  double non_embedding_params = 0;
  double tokens = 0;
  double value = 0;  ///< of the objective
  double loss = 0;
  std::map<std::string, double> per_log_limit;  ///< ∂objective/∂ln(limit) by constraint name
  double gap = 0;  ///< (objective of the decision − value) / |value|: the price of rounding
  double kkt_residual = 0;
  std::string method;  ///< algorithm that gave it
};

/// A bound that no shape of the family beats, against the value found.
struct Certificate {
  double bound = 0;
  double value = 0;
  double gap = 0;  ///< (value − bound) / |bound|
};

/// Another decision about as good, of another shape or on other machines.
struct Alternative {
  model::Shape shape;
  model::Parameters params;
  std::int64_t tokens = 0;
  double loss = 0;
  double value = 0;                ///< of the objective
  double excess = 0;               ///< (value − value of the decision) / |value of the decision|
  std::shared_ptr<const Run> run;  ///< null without machines
};

/// Sizes whose objective on the same limits stays within `within` (relative) of the best.
struct NearOptimal {
  double within = 0;
  double params_low = 0;
  double params_high = 0;
  double tokens_low = 0;  ///< at params_high
  double tokens_high = 0;
};

/// The loss to expect on the way, of a run annealed there; the law's draws vary.
struct Tripwire {
  double fraction = 0;  ///< of the tokens
  double tokens = 0;
  double loss = 0;
  Interval band;
};

/// What whoever starts the run writes down. Times are wall time; absent without machines or a throughput.
struct LaunchSheet {
  double tokens_per_day = 0;
  double checkpoint_interval_s = 0;
  double checkpoints = 0;
  double failures = 0;  ///< expected over the run
  double warmup_steps = 0;
  std::vector<Tripwire> tripwires;
};

/// What the objective would be if one thing were different, with size and tokens chosen anew on the machines
/// of the plan.
struct WhatIf {
  std::string change;  ///< "train_time_s one week longer"
  std::string name;    ///< of the limit, or "devices"
  double factor = 1;   ///< of the limit
  double objective = 0;
  double difference = 0;  ///< to the relaxation of the plan; negative is better
  double params = 0;
  double tokens = 0;
  double train_time_s = 0;  ///< 0: not known
};

/// The smallest limit that makes an infeasible scenario feasible, all others as they are.
struct Relief {
  std::string name;
  Dimension dimension = Dimension::number;
  double limit = 0;
  std::optional<double> needed;  ///< absent: relaxing it alone does not do
};

struct Provenance {
  std::string version;
  std::string catalogue;
  std::string law;
  std::string set;
  std::string group;
  std::uint64_t seed = 1;
  std::size_t law_draws = 0;    ///< draws used, 0: none
  std::string calibration;      ///< of step times, empty without machines
  std::string scenario_digest;  ///< set by the caller
  std::string loss_digest;      ///< of the fit document, set by the caller
};

/// The answer. Without `decision`: infeasible or not converged, `conflicts` names the limits concerned.
struct Plan {
  std::string name;
  Status status = Status::not_converged;
  std::string objective;
  double level = 0.9;
  std::optional<Decision> decision;
  std::optional<Hyperparameters> hyperparameters;  ///< of the decision
  DecisionIntervals decision_intervals;
  std::vector<Outcome> outcomes;  ///< in the order of the table
  std::vector<Constraint> constraints;
  std::optional<double> joint_probability_kept;  ///< all constraints together
  std::vector<std::string> conflicts;
  Relaxation relaxation;
  std::optional<Certificate> certificate;
  std::vector<Alternative> alternatives;
  std::vector<NearOptimal> near_optimal;
  std::optional<LaunchSheet> launch;
  std::vector<WhatIf> what_if;
  std::vector<Relief> reliefs;          ///< of an infeasible scenario
  std::vector<std::string> derivation;  ///< one line a step, in numbers that can be recomputed by hand
  double decades_outside = 0;           ///< of the law's data range of compute; NaN: the range is not known
  std::size_t shapes_evaluated = 0;
  std::size_t options_considered = 0;  ///< clusters × device counts × precisions × …
  std::vector<training::PrunedCount> options_pruned;
  std::vector<Assumed> assumed;
  std::vector<std::string> warnings;
  std::optional<Views> views;  ///< of the decision, when the scenario asks for them
  Provenance provenance;
};

/// Solve the scenario under the loss law. Infeasible, not converged and extrapolating are outcomes in the
/// plan, never exceptions; errors are inputs that the law needs and nobody gives, or gives in vain.
Result<Plan> solve(const Scenario& scenario, const fit::Predictor& loss, const json::Catalogue& catalogue,
                   const Control& control);

}  // namespace scaleplan::plan
