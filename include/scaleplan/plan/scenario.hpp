#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scaleplan/economy/carbon.hpp"
#include "scaleplan/economy/money.hpp"
#include "scaleplan/economy/site.hpp"
#include "scaleplan/fit/predictor.hpp"
#include "scaleplan/hardware/cluster.hpp"
#include "scaleplan/hardware/device.hpp"
#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/json/document.hpp"
#include "scaleplan/laws/formula.hpp"
#include "scaleplan/model/family.hpp"
#include "scaleplan/serving/deployment.hpp"
#include "scaleplan/terms/stack.hpp"
#include "scaleplan/training/goodput.hpp"
#include "scaleplan/training/layouts.hpp"

namespace scaleplan::plan {

/// Muennighoff et al. 2023 (arXiv:2305.16264), C4: how many repetitions' worth repeated data saturates at.
inline constexpr double repetition_constant_c4 = 15.387756;

/// The law that predicts the loss, as the scenario names it: of the catalogue (`name` = "id" or "id:set"), or
/// a fit document (`path`, relative to the scenario; `group` of it). `assumed`: the scenario names none.
struct LossChoice {
  enum class Kind : std::uint8_t { assumed, catalogue, fit };
  Kind kind = Kind::assumed;
  std::string name = "chinchilla:epoch240";
  std::string path;
  std::string group;
  Place place;
};

/// A law that the scenario names, "id" or "id:set".
struct NamedLaw {
  std::string name;
  Place place;
};

/// value ≤ limit for a plan quantity, in its SI unit.
struct Limit {
  std::string quantity;  ///< key of the table; `train_flop_exact` for {"counts": "exact"}
  double limit = 0;
  Place place;
};

/// A number with the place where it was written.
struct Given {
  double value = 0;
  Place place;
};

/// A default that was used because nobody said otherwise.
struct Assumed {
  std::string key;
  json::Value value;
  std::string source;
};

/// A part of the run with a sequence length of its own. Its tokens cost FLOP, time and energy; they enter the
/// loss only if a law names them.
struct Stage {
  std::string name;
  double tokens = 0;
  std::int64_t sequence_length = 0;
};

struct DataChoice {
  std::optional<Given> unique_tokens;
  std::optional<Given> max_epochs;
  double repetition_constant = repetition_constant_c4;
  bool repetition_given = false;
  std::int64_t sequence_length = 0;
  std::vector<Stage> stages;
};

/// What the scenario says of the model. `params` are totals with embeddings.
struct ModelChoice {
  model::Family family;  ///< with the scenario's vocabulary, hidden multiple and experts put in
  std::optional<Given> params_min;
  std::optional<Given> params_max;
  std::optional<Given> experts;
  std::map<std::string, Given> inputs;  ///< further law inputs by name (checked against the law by `solve`)
  std::vector<std::int64_t> vocabularies;  ///< to choose among; at most one: nothing to choose
  std::vector<std::int64_t> expert_counts;
};

struct TrainingChoice {
  hardware::Device device;
  double devices = 0;
  double mfu = 0;
  std::string precision;  ///< matrix-multiply type whose peak counts
  std::optional<double> usd_per_device_hour;
};

/// Devices that a scenario may use for training, of one kind and in one place.
struct ClusterChoice {
  std::string id;  ///< of a cluster or a node of the catalogue
  hardware::Device device;
  std::optional<hardware::Node> node;
  hardware::Network network;
  std::vector<std::int64_t> devices;  ///< counts to choose among, ascending
  std::int64_t spare_devices = 0;     ///< paid for, idle until a device fails
  std::optional<economy::Tariff> tariff;
  std::optional<economy::Region> region;
  economy::Facility facility;
  double power_factor = 1;  ///< of techniques, on what nodes draw on average
  Place place;
};

/// How the machines of a scenario train; lists are enumerated.
struct FleetChoice {
  std::vector<ClusterChoice> clusters;
  std::vector<training::Optimizer> optimizers{training::Optimizer::adamw};
  std::vector<training::Precision> precisions{training::Precision::bf16};
  std::vector<double> power_caps_w;  ///< per device; empty: none
  training::Engine engine = training::Engine::megatron;
  std::optional<training::AttentionKernel> attention;  ///< absent: by the device's generation
  training::LayoutSpace layouts;
  training::Failures failures;
  bool asynchronous_checkpoints = true;
  double storage_bytes_per_s = 0;  ///< of checkpoints in all; 0: not given
  double host_bytes_per_s = 20e9;  ///< device to host memory, of each device
  double other_device_hours = 0;
};

/// Where a demand may be served.
struct ServingSite {
  std::string id;
  serving::Place place;
  std::string region;  ///< with its year, or empty
};

/// Who will use the model, and where it may run for them.
struct DemandChoice {
  serving::Demand demand;
  std::vector<ServingSite> sites;
  Place place;
};

/// A run in flight: its model and vocabulary are settled, and budgets apply to what is still to do.
struct DoneChoice {
  double tokens = 0;
  double device_hours = 0;
  Place place;
};

/// Training over several places that exchange what they learnt every `local_steps` steps (local SGD,
/// arXiv:1805.09767; DiLoCo, arXiv:2311.08105).
struct SitesChoice {
  std::int64_t count = 1;
  double bandwidth_bytes_per_s = 0;  ///< of each site to the others
  std::string algorithm;             ///< "data-parallel", "local-sgd", "diloco" or "streaming-diloco"
  std::int64_t local_steps = 1;
  double payload_bytes = 4;  ///< per parameter and exchange
  double loss_factor = 1;    ///< against one site
  Place place;
};

/// How the learning rate moves; the loss law is taken to hold at the schedule it was fitted at.
struct ScheduleChoice {
  std::string kind = "cosine";
  double warmup_tokens = 0;
  std::optional<double> cooldown_fraction;
  std::optional<double> final_fraction;
};

/// The batch grows in a straight line over the first tokens.
struct RampChoice {
  double start_tokens = 0;  ///< per step
  double over_tokens = 0;
};

/// A law of a downstream score over the loss.
struct ScoreChoice {
  std::string name;  ///< "id" or "id:set"
  Place place;
  std::shared_ptr<const laws::Formula> formula;
  bool lower_is_better = false;
};

struct Search {
  int draws = 200;
  std::uint64_t seed = 1;
  double gap = 1e-4;              ///< relative to the objective
  double shape_tolerance = 1e-4;  ///< relative to the loss
  int alternatives = 5;
  double near_optimal = 0.002;  ///< relative to the objective
  bool decision_only = false;   ///< leave out what tells how sure the choice is and what would change it
};

/// A scenario that this version can plan: everything resolved against the catalogue, defaults in place.
struct Scenario {
  std::string name;
  std::string objective = "loss";
  std::optional<double> confidence;
  LossChoice loss;
  std::map<std::string, NamedLaw> hyperparameter_laws;  ///< by kind: batch, learning_rate, critical_batch
  std::vector<Limit> budgets;
  std::vector<Limit> targets;
  DataChoice data;
  ModelChoice model;
  std::optional<TrainingChoice> training;  ///< a throughput that is assumed, or
  std::optional<FleetChoice> fleet;        ///< machines
  std::optional<Given> pinned_params;      ///< total
  std::optional<Given> pinned_tokens;
  std::optional<Given> pinned_batch;  ///< tokens per step
  std::optional<Given> pinned_learning_rate;
  std::optional<DemandChoice> demand;
  std::optional<DoneChoice> done;
  std::optional<SitesChoice> sites;
  std::optional<ScheduleChoice> schedule;
  std::optional<RampChoice> ramp;
  std::optional<ScoreChoice> score;
  terms::Stack techniques;
  std::map<std::string, double> technique_inputs;  ///< what formulas of techniques ask of the user
  Place techniques_place;
  Search search;
  std::vector<Assumed> assumed;
  double level = 0.9;  ///< of the intervals; set by the caller, not by the document
  bool views = false;  ///< add what charts show; set by the caller
  std::optional<training::Efficiency> efficiency;  ///< in place of the shipped calibration; set by the caller
};

/// Read a scenario (scaleplan/scenario/1). All diagnostics at once. Parts of the schema that this version
/// does not plan with are refused by name; nothing is ignored but `x-…` and `$schema`.
Result<Scenario> read_scenario(const json::Document& document, const json::Catalogue& catalogue);

/// The document with each `dotted.key=value` put in (objects are made on the way). The value is read as JSON
/// when it is JSON, else as text. Below `pins` the rest of the path is one key. Errors name the setting.
Result<json::Document> with_settings(const json::Document& document,
                                     const std::vector<std::string>& settings);

/// The predictor that the scenario names in the catalogue. Precondition: loss.kind is not `fit`.
Result<fit::Predictor> find_predictor(const Scenario& scenario, const json::Catalogue& catalogue);

}  // namespace scaleplan::plan
