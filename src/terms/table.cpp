#include <algorithm>
#include <array>

#include "scaleplan/terms/term.hpp"

namespace scaleplan::terms {

namespace {

using enum Stacking;

constexpr std::string_view step_parts =
    "activation_bytes collective_time dp_bytes_per_step dp_comm_time dp_exposed_comm ep_exposed_comm "
    "host_link_bytes host_link_time pp_bubble tp_exposed_comm";
constexpr std::string_view serving_parts =
    "decode_flop decode_rate decode_tokens_per_pass decode_weight_bytes kv_bytes kv_usable_fraction ttft";

constexpr std::array table = {
    Term{"activation_bytes", "byte", "activations stored for the backward pass", product, ""},
    Term{"adapter_bytes", "byte", "low-rank adapters resident and read while serving", sum, ""},
    Term{"adapter_throughput_fraction", "fraction", "throughput with many adapters over that with one",
         one_only, ""},
    Term{"attention_io", "element transfers", "traffic of attention to slow memory", alone, ""},
    Term{"checkpoint_stall", "s", "time that training stands still for one checkpoint", one_only, ""},
    Term{"collective_time", "s", "a collective under contention of the fabric", one_only, ""},
    Term{"cross_site_bytes", "byte per step", "mean traffic between sites, against 16-bit data parallelism",
         one_only, ""},
    Term{"cross_site_peak_bandwidth", "bit/s", "link rate between sites that keeps devices busy", one_only,
         ""},
    Term{"crossover", "device-hours or FLOP", "scale at which a ranking flips", never, ""},
    Term{"data_supply", "tokens or samples", "unique data there is, before repetition", product, ""},
    Term{"dataset_preparation_cost", "device-hours", "making the data set before training", product, ""},
    Term{"datastore_memory", "byte", "resident index of retrieval while serving", one_only, ""},
    Term{"decision_accuracy", "fraction", "pairs that small runs rank right", never, ""},
    Term{"decode_flop", "FLOP per token", "computing one generated token", one_only, ""},
    Term{"decode_rate", "tokens/s", "generation of one sequence", one_only, ""},
    Term{"decode_tokens_per_pass", "tokens", "tokens that one pass of the model yields (speculation)",
         one_only, ""},
    Term{"decode_weight_bytes", "byte per parameter", "weights read by one pass of generation", product, ""},
    Term{"deployment_param_limit", "parameters", "largest model for a class of devices", minimum, ""},
    Term{"device_cost", "$", "purchase price of devices of about equal speed", one_only, ""},
    Term{"device_hours", "device-hours", "total device time", one_only, "step_time train_flop finetune_data"},
    Term{"device_power", "W", "mean draw of a device", one_only, ""},
    Term{"dp_bytes_per_step", "byte", "gradient reduction, per device and step", product, ""},
    Term{"dp_comm_time", "s", "gradient reduction", product, "dp_bytes_per_step"},
    Term{"dp_exposed_comm", "s", "gradient reduction that is not hidden, per step", one_only, ""},
    Term{"dp_scaling_efficiency", "fraction", "weak scaling over data-parallel replicas", never, ""},
    Term{"effective_params", "parameters", "N of the loss law", one_only, ""},
    Term{"effective_tokens", "tokens", "D of the loss law and unique data, before repetition", one_only,
         "train_flop"},
    Term{"energy", "J", "energy for the same work", one_only, "device_power system_power device_cost"},
    Term{"ep_exposed_comm", "s", "all-to-all of experts that is not hidden", one_only, ""},
    Term{"evaluation_cost", "device-hours", "evaluating models", one_only, ""},
    Term{"experiment_cost", "FLOP", "small runs for tuning and ranking", one_only, ""},
    Term{"extrapolation_gate", "1 or 0", "whether a score may be extrapolated at all", minimum, ""},
    Term{"facility_overhead", "PUE", "site power over the machines' power", one_only, ""},
    Term{"failure_loss", "fraction", "time lost to errors", product, ""},
    Term{"finetune_data", "examples", "task data for an equal score", alone, ""},
    Term{"fit_min_compute", "FLOP", "runs below it do not follow the law", maximum, ""},
    Term{"hardware", "", "a description, no number of a plan", never, ""},
    Term{"host_bytes_per_parameter", "byte", "training state in host memory", sum, ""},
    Term{"host_link_bytes", "byte per step", "traffic between device and host", product, ""},
    Term{"host_link_time", "s", "gathers from host memory", alone, "host_link_bytes"},
    Term{"inference_cost", "$ or FLOP per query", "answering a query at equal quality", one_only,
         serving_parts},
    Term{"inference_tokens", "tokens", "generated per query", product, ""},
    Term{"input_pipeline_rate", "samples/s", "preprocessing on the host", one_only, ""},
    Term{"kv_bytes", "byte per token", "key-value cache", product, ""},
    Term{"kv_usable_fraction", "fraction", "key-value memory that holds live tokens", one_only, ""},
    Term{"latency_formula", "s", "work over achieved rate", alone, ""},
    Term{"link_bandwidth", "byte/s", "projection of links over years", alone, ""},
    Term{"loss_gap", "nats/token", "a named difference of losses", alone, ""},
    Term{"max_batch", "samples", "largest batch that still trains", maximum, ""},
    Term{"memory_bandwidth", "byte/s", "projection of memory over years", alone, ""},
    Term{"mfu", "fraction", "published utilisation, in its publisher's convention", never, ""},
    Term{"optimizer_bytes_per_parameter", "byte", "moments alone; the fp32 master copy (4) is apart",
         one_only, ""},
    Term{"peak_flop", "FLOP/s", "projection of peaks over years", alone, ""},
    Term{"peak_power_fraction", "fraction", "coincident peak over provisioned power", one_only, ""},
    Term{"power_oversubscription", "ratio", "servers deployed over servers by rated power", one_only,
         "peak_power_fraction"},
    Term{"pp_bubble", "fraction", "pipeline filling and draining over compute time", one_only, ""},
    Term{"pp_required_bandwidth", "byte/s", "stage boundary rate that hides", alone, ""},
    Term{"precision_loss_penalty", "nats/token", "loss added by low precision, in place of the law's own",
         alone, ""},
    Term{"serving_bound", "tokens/s", "compute bound of one device", alone, ""},
    Term{"serving_request_overhead", "fraction", "request latency outside the model", one_only, ""},
    Term{"serving_throughput", "tokens/s", "against the engine named in requires", one_only, serving_parts},
    Term{"serving_throughput_fraction_of_bound", "fraction", "realised share of the compute bound", one_only,
         ""},
    Term{"shortest_train_time", "s", "bound on wall time at the critical batch", alone, "step_time"},
    Term{"site_utilisation", "fraction", "time computing when training spans sites", never, ""},
    Term{"step_time", "s", "a whole optimiser step, where no finer term is known", one_only, step_parts},
    Term{"straggler_loss", "s", "iteration time with slow workers", one_only, ""},
    Term{"system_power", "W", "mean draw of a node", one_only, "device_power"},
    Term{"test_time_accuracy", "fraction", "score with samples or thinking", never, ""},
    Term{"tp_exposed_comm", "s", "tensor-parallel collectives that are not hidden", one_only, ""},
    Term{"tp_latency", "s", "decode latency under tensor parallelism", one_only, ""},
    Term{"train_flop", "FLOP", "compute to a given loss", product, ""},
    Term{"train_memory_bytes", "byte", "training memory of a device", one_only,
         "activation_bytes optimizer_bytes_per_parameter weight_bytes_per_parameter"},
    Term{"ttft", "s", "time to first token", one_only, ""},
    Term{"weight_bytes_per_parameter", "byte", "weights resident", product, ""},
};

constexpr bool by_name(const Term& a, const Term& b) {
  return a.name < b.name;
}
static_assert(std::is_sorted(table.begin(), table.end(), by_name));

}  // namespace

std::string_view stacking_name(Stacking stacking) {
  switch (stacking) {
    case product:
      return "product";
    case sum:
      return "sum";
    case maximum:
      return "maximum";
    case minimum:
      return "minimum";
    case one_only:
      return "one only";
    case alone:
      return "alone";
    case never:
      return "never planned on";
  }
  return "";
}

std::span<const Term> all_terms() {
  return table;
}

const Term* find_term(std::string_view name) {
  const auto* found = std::lower_bound(table.begin(), table.end(), Term{name, "", "", product, ""}, by_name);
  return found != table.end() && found->name == name ? found : nullptr;
}

}  // namespace scaleplan::terms
