#include "scaleplan/interop/measured_case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "scaleplan/base/text.hpp"
#include "scaleplan/hardware/cluster.hpp"

namespace scaleplan::interop {
namespace {

constexpr std::size_t warming_up = 2;
constexpr std::size_t longest_log = std::size_t{64} << 20U;

// The numbers behind a label, digits grouped by commas or not.
std::vector<double> readings(std::string_view log, std::string_view label) {
  std::vector<double> out;
  for (std::size_t at = log.find(label); at != std::string_view::npos; at = log.find(label, at + 1)) {
    std::size_t i = std::min(log.find_first_not_of(' ', at + label.size()), log.size());
    std::string digits;
    for (; i < log.size() && std::string_view("0123456789.,eE+-").find(log[i]) != std::string_view::npos;
         ++i) {
      if (log[i] != ',') digits += log[i];
    }
    double value = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (code == std::errc{} && end == digits.data() + digits.size() && value > 0) out.push_back(value);
  }
  return out;
}

double median(std::vector<double> values) {
  const std::size_t half = values.size() / 2;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(half), values.end());
  if (values.size() % 2 == 1) return values[half];
  return (values[half] +
          *std::max_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(half))) /
         2;
}

struct Step {
  double seconds = 0;
  std::string note;
};

Result<Step> step_of(const std::string& log, const std::string& file, double tokens_per_device) {
  struct Label {
    std::string_view words;
    double scale;
    bool rate;
  };
  constexpr Label labels[] = {{"elapsed time per iteration (ms):", 1e-3, false},
                              {"elapsed time per iteration (s):", 1, false},
                              {"tps:", 1, true}};
  if (log.size() > longest_log) return error("the log is too long", "give a part of it", {file, 0, 0, ""});
  for (const Label& label : labels) {
    std::vector<double> values = readings(log, label.words);
    if (values.empty()) continue;
    const std::size_t all = values.size();
    const std::size_t dropped = all >= 5 ? warming_up : 0;
    values.erase(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(dropped));
    const double middle = median(std::move(values));
    return Step{label.rate ? tokens_per_device / middle : middle * label.scale,
                fmt::format("median of {} readings \"{}\", without the first {}", all - dropped,
                            label.words.substr(0, label.words.size() - 1), dropped)};
  }
  return error("the log gives no time of a step", "logs of Megatron-LM and torchtitan are read",
               {file, 0, 0, ""});
}

// The device of a cluster or node of the catalogue, and how it is networked.
Result<json::Value> machine_of(const std::string& id, std::int64_t devices,
                               const json::Catalogue& catalogue) {
  const Result<hardware::Cluster> cluster = hardware::find_cluster(catalogue, id);
  const Result<hardware::Node> node = hardware::find_node(catalogue, cluster ? cluster->node : id);
  if (!node) return cluster ? node.errors() : cluster.errors();
  json::Value out;
  out.set("name", id);
  out.set("device", node->device);
  out.set("count", devices);
  out.set("devices_per_node", node->devices);
  const double each = static_cast<double>(node->devices);
  if (cluster && cluster->network.nic_bandwidth) {
    out.set("nic_bytes_per_s_per_device", cluster->network.nic_bandwidth->raw());
  } else if (node->network_bandwidth) {
    out.set("nic_bytes_per_s_per_device", node->network_bandwidth->raw() / each);
  } else if (node->nic_bandwidth) {
    out.set("nic_bytes_per_s_per_device", node->nic_bandwidth->raw() * node->nics / each);
  }
  return out;
}

json::Value shape_of(const model::Proposal& run) {
  const model::Shape& s = *run.shape;
  json::Value out =
      json::Object{{"layers", s.layers},       {"hidden", s.hidden},          {"heads", s.heads},
                   {"kv_heads", s.kv_heads},   {"head_dim", s.head_size},     {"ffn", s.ffn},
                   {"gated_ffn", s.gated},     {"seq", *run.sequence_length}, {"vocab", s.vocabulary},
                   {"tied_embeddings", s.tied}};
  if (s.experts.experts > 1) {
    out.set("experts", s.experts.experts);
    out.set("experts_per_token", s.experts.per_token);
    out.set("expert_ffn", s.experts.expert_ffn);
    out.set("shared_experts", s.experts.expert_ffn > 0 ? s.experts.shared_ffn / s.experts.expert_ffn : 0);
    out.set("dense_layers", s.experts.dense_layers);
  }
  return out;
}

// As the texts of published cases name engines.
std::string engine_word(const model::Proposal& run) {
  const std::string engine = run.engine.value_or("");
  return engine == "megatron" ? "Megatron-Core" : engine == "deepspeed-zero3" ? "DeepSpeed ZeRO-3" : engine;
}

json::Value layout_of(const model::Proposal& run) {
  const model::Layout& l = *run.layout;
  json::Value out =
      json::Object{{"tp", l.tp}, {"pp", l.pp}, {"dp", l.dp}, {"cp", l.cp}, {"ep", l.ep}, {"zero", l.zero}};
  if (l.zero_group > 0) out.set("zero_group", l.zero_group);
  out.set("micro_batch", l.micro_batch);
  out.set("global_batch", *run.batch_tokens / *run.sequence_length);
  out.set("interleave", l.interleave);
  const bool chosen = l.recompute == model::Recompute::operators;
  out.set("recompute", chosen ? "selective (per-op)" : model::recompute_name(l.recompute));
  out.set("sequence_parallel", l.sequence_parallel);
  out.set("precision", run.precision.value_or("bf16"));
  out.set("engine", engine_word(run));
  return out;
}

Diagnostics missing(const model::Proposal& run) {
  Diagnostics errors;
  const auto need = [&](bool there, const char* what) {
    if (!there)
      errors.push_back(error(fmt::format("the launch does not say {}", what), {}, {run.file, 0, 0, ""}));
  };
  need(run.shape.has_value(), "its model");
  need(run.layout && !run.open_replicas, "its layout with all degrees");
  need(run.devices.has_value(), "its devices");
  need(run.batch_tokens && run.sequence_length, "its batch and sequence length");
  need(run.cluster.has_value(), "its cluster; add the comment `# scaleplan cluster = \"dgx-h100\"`");
  return errors;
}

}  // namespace

Result<json::Value> measured_case(const std::string& log, const std::string& log_file,
                                  const model::Proposal& run, const json::Catalogue& catalogue) {
  if (Diagnostics errors = missing(run); !errors.empty()) return errors;
  const double each = static_cast<double>(*run.batch_tokens) / static_cast<double>(*run.devices);
  const Result<Step> step = step_of(log, log_file, each);
  if (!step) return step.errors();
  Result<json::Value> machine = machine_of(*run.cluster, *run.devices, catalogue);
  if (!machine) return machine.errors();
  json::Value measured;
  measured.set("step_time_s", step->seconds);
  json::Value one;
  one.set("id", run.name.empty() ? run.file : run.name);
  one.set("publisher", "own");
  one.set("source", log_file);
  one.set("score", "main");
  one.set("model", shape_of(run));
  one.set("cluster", std::move(*machine));
  one.set("layout", layout_of(run));
  one.set("measured", std::move(measured));
  one.set("notes", step->note);
  return json::Value(json::Object{
      {"schema", "scaleplan/cases/1"}, {"kind", "training"}, {"cases", json::Array{std::move(one)}}});
}

}  // namespace scaleplan::interop
