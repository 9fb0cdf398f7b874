#include "plan/proposed.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace scaleplan::plan {

namespace {

constexpr const char* of_scenario = "scenario";

// Errors of a name that the member `path` of the proposal holds, at that member.
Diagnostics placed(Diagnostics errors, const model::Proposal& proposal, const std::string& path) {
  for (Diagnostic& each : errors) each.place = proposal.place_of(path);
  return errors;
}

void append(Diagnostics& all, const Diagnostics& more) {
  all.insert(all.end(), more.begin(), more.end());
}

// A cluster or node of the catalogue that no scenario describes, read as a scenario would name it.
Result<ClusterChoice> catalogue_cluster(const std::string& id, std::int64_t devices, Proposed& out,
                                        const json::Catalogue& catalogue) {
  json::Value entry;
  entry.set("id", id);
  entry.set("devices", devices);
  json::Value training;
  training.set("clusters", json::Array{entry});
  json::Value root;
  root.set("schema", "scaleplan/scenario/1");
  root.set("budgets", json::Object{{"train_flop", 1.0}});
  root.set("training", training);
  Result<Scenario> read = read_scenario(json::Document(root, "", ""), catalogue);
  if (!read) return read.errors();
  for (const Assumed& each : read->assumed) {
    if (each.key.starts_with("training.clusters.")) {
      out.assume(each.key.substr(sizeof "training." - 1), each.value, each.source);
    }
  }
  return read->fleet->clusters.front();
}

// The cluster that is named, else the only one that the scenario lists.
std::optional<ClusterChoice> choose_cluster(const Scenario& scenario, const model::Proposal& proposal,
                                            const json::Catalogue& catalogue, Proposed& out,
                                            Diagnostics& errors) {
  static const std::vector<ClusterChoice> none;
  const std::vector<ClusterChoice>& listed = scenario.fleet ? scenario.fleet->clusters : none;
  const auto only = [&]() -> const ClusterChoice* {
    if (!proposal.cluster) return listed.size() == 1 ? &listed.front() : nullptr;
    const auto found = std::find_if(listed.begin(), listed.end(),
                                    [&](const ClusterChoice& c) { return c.id == *proposal.cluster; });
    return found == listed.end() ? nullptr : &*found;
  };
  const ClusterChoice* known = only();
  if (known == nullptr && !proposal.cluster) {
    out.fleet_unknown = listed.empty() ? "neither the proposal nor a scenario names a cluster"
                                       : "the proposal names no cluster, and the scenario lists several";
    return std::nullopt;
  }
  out.devices = proposal.devices;
  if (!out.devices && proposal.layout && !proposal.open_replicas) {
    out.devices = proposal.layout->devices();
  }
  if (!out.devices && known != nullptr && known->devices.size() == 1) {
    out.devices = known->devices.front();
    out.assume("devices", *out.devices, of_scenario);
  }
  if (!out.devices) {
    out.fleet_unknown = "neither the proposal nor the scenario says how many devices";
    return std::nullopt;
  }
  if (known != nullptr) {
    if (!proposal.cluster) out.assume("cluster", known->id, of_scenario);
    return *known;
  }
  Result<ClusterChoice> read = catalogue_cluster(*proposal.cluster, *out.devices, out, catalogue);
  if (!read) {
    append(errors, placed(read.errors(), proposal, "cluster"));
    return std::nullopt;
  }
  const auto& assumed = scenario.training;
  if (!read->tariff && assumed && assumed->usd_per_device_hour && assumed->device.id == read->device.id) {
    read->tariff = economy::Rental{Dollars(*assumed->usd_per_device_hour), {"", of_scenario}};
    out.assume("cluster.usd_per_device_hour", *assumed->usd_per_device_hour, of_scenario);
  }
  return *read;
}

// The layout, with as many replicas as the devices leave.
void choose_layout(const model::Proposal& proposal, Proposed& out) {
  out.layout = proposal.layout;
  if (!out.layout || !proposal.open_replicas) return;
  // where they leave none, the layout is illegal as it stands
  if (const Result<model::Proposal> filled = model::on_devices(proposal, *out.devices)) {
    out.layout = filled->layout;
    out.assume("layout.dp", out.layout->dp, "what the devices leave");
  }
}

// One of the names of the training room: the proposal's, else the scenario's first.
template <class T>
void choose(const model::Proposal& proposal, const char* path, const std::optional<std::string>& said,
            Result<T> (*find)(std::string_view), std::string_view (*name)(T), std::vector<T>& list,
            Proposed& out, Diagnostics& errors) {
  if (!said) {
    list.erase(list.begin() + 1, list.end());
    out.assume(path, std::string(name(list.front())), of_scenario);
    return;
  }
  Result<T> found = find(*said);
  found ? list.assign(1, *found) : append(errors, placed(found.errors(), proposal, path));
}

void choose_fleet(const Scenario& scenario, const model::Proposal& proposal, const json::Catalogue& catalogue,
                  Proposed& out, Diagnostics& errors) {
  std::optional<ClusterChoice> cluster = choose_cluster(scenario, proposal, catalogue, out, errors);
  out.scenario.fleet.reset();
  if (!cluster) return;
  choose_layout(proposal, out);
  FleetChoice fleet = scenario.fleet.value_or(FleetChoice{});
  cluster->devices = {*out.devices};
  fleet.clusters = {*cluster};
  choose(proposal, "precision", proposal.precision, training::find_precision, training::precision_name,
         fleet.precisions, out, errors);
  choose(proposal, "optimizer", proposal.optimizer, training::find_optimizer, training::optimizer_name,
         fleet.optimizers, out, errors);
  if (proposal.engine) {
    Result<training::Engine> engine = training::find_engine(*proposal.engine);
    engine ? void(fleet.engine = *engine) : append(errors, placed(engine.errors(), proposal, "engine"));
  } else {
    out.assume("engine", std::string(training::engine_name(fleet.engine)), of_scenario);
  }
  if (fleet.power_caps_w.size() > 1) {
    fleet.power_caps_w.erase(fleet.power_caps_w.begin() + 1, fleet.power_caps_w.end());
    out.assume("power_cap_w", fleet.power_caps_w.front(), of_scenario);
  }
  const double headroom = fleet.layouts.headroom;
  fleet.layouts = {};
  fleet.layouts.headroom = headroom;
  out.scenario.fleet = std::move(fleet);
  out.scenario.training.reset();
}

// Numbers that the scenario pins stand in for what the proposal leaves open.
std::optional<double> said_or_pinned(std::optional<double> said, const std::optional<Given>& pin,
                                     const char* key, Proposed& out) {
  if (said || !pin) return said;
  out.assume(key, pin->value, of_scenario);
  return pin->value;
}

// Defaults of the scenario in whose place the proposal says something, or that are listed under its own
// names.
void forget_overruled(const model::Proposal& proposal, std::vector<Assumed>& assumed) {
  std::erase_if(assumed, [&](const Assumed& each) {
    return (proposal.shape && each.key.starts_with("model.")) ||
           (proposal.sequence_length && each.key == "data.sequence_length") ||
           each.key == "training.precision" || each.key == "training.layouts.engine";
  });
}

}  // namespace

Result<Proposed> proposed(const Scenario& scenario, const model::Proposal& proposal,
                          const json::Catalogue& catalogue) {
  Proposed out;
  Diagnostics errors;
  out.scenario = scenario;
  out.scenario.objective = "loss";
  out.scenario.budgets.clear();
  out.scenario.targets.clear();
  out.scenario.model.params_min.reset();
  out.scenario.model.params_max.reset();
  out.scenario.pinned_params.reset();
  out.scenario.pinned_tokens.reset();
  out.scenario.pinned_learning_rate.reset();
  if (proposal.sequence_length) {
    out.scenario.data.sequence_length = *proposal.sequence_length;
  } else {
    out.assume("sequence_length", out.scenario.data.sequence_length, of_scenario);
  }
  if (proposal.shape) {
    out.scenario.model.family.base.experts = proposal.shape->experts;
    const double experts = static_cast<double>(proposal.shape->experts.experts);
    if (experts > 1) out.scenario.model.experts = Given{experts, proposal.place_of("model")};
  }
  out.tokens = said_or_pinned(proposal.tokens, scenario.pinned_tokens, "tokens", out);
  const auto batch = proposal.batch_tokens
                         ? std::optional<double>(static_cast<double>(*proposal.batch_tokens))
                         : std::nullopt;
  out.batch_tokens = said_or_pinned(batch, scenario.pinned_batch, "batch_tokens", out);
  // a batch that the scenario pins counts as such; any other only where it costs something
  if (scenario.pinned_batch && out.batch_tokens != scenario.pinned_batch->value) {
    out.scenario.pinned_batch.reset();
  }
  out.learning_rate =
      said_or_pinned(proposal.learning_rate, scenario.pinned_learning_rate, "learning_rate", out);
  choose_fleet(scenario, proposal, catalogue, out, errors);
  forget_overruled(proposal, out.scenario.assumed);
  if (out.scenario.training && proposal.devices) {
    out.scenario.training->devices = static_cast<double>(*proposal.devices);
  }
  if (!errors.empty()) return errors;
  return out;
}

}  // namespace scaleplan::plan
