#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "plan/scenario_reading.hpp"
#include "plan/techniques.hpp"
#include "scaleplan/base/suggest.hpp"
#include "scaleplan/plan/quantities.hpp"

namespace scaleplan::plan {

namespace {

constexpr json::ObjectReader::Range positive{0, 1e300, true};

// A budget is its largest value, or {"max": …}; train_flop also says in whose convention.
void read_budget(Reading& reading, json::ObjectReader& budgets, const PlanQuantity& quantity) {
  const std::string key(quantity.key);
  const json::Value* value = budgets.raw(key);
  if (value == nullptr) return;
  if (!quantity.computed) return refuse(budgets, {key.c_str()});
  Limit limit{key, 0, place_of(budgets, key)};
  std::optional<double> most;
  if (value->is_object()) {
    budgets.object(key, [&](json::ObjectReader& object) {
      object.require("max");
      most = object.quantity("max", quantity.dimension, positive);
      static const std::vector<std::string> conventions{"law", "exact"};
      if (key == "train_flop" && object.choice("counts", conventions) == "exact")
        limit.quantity = "train_flop_exact";
      object.finish();
    });
  } else {
    most = budgets.quantity(key, quantity.dimension, positive);
  }
  if (!most) return;
  limit.limit = *most;
  auto& all = reading.scenario.budgets;
  if (std::any_of(all.begin(), all.end(),
                  [&](const Limit& other) { return other.quantity == limit.quantity; })) {
    budgets.fail(key, fmt::format("a second limit of {}", limit.quantity), "keep one of them");
    return;
  }
  all.push_back(limit);
}

void read_target(Reading& reading, json::ObjectReader& targets, const PlanQuantity& quantity) {
  const std::string key(quantity.key);
  const json::Value* value = targets.raw(key);
  if (value == nullptr) return;
  if (!quantity.computed) return refuse(targets, {key.c_str()});
  const json::ObjectReader::Range any{};
  std::optional<double> most;
  if (value->is_object()) {
    targets.object(key, [&](json::ObjectReader& object) {
      object.require("max");
      most = object.quantity("max", quantity.dimension, any);
      object.finish();
    });
  } else {
    most = targets.quantity(key, quantity.dimension, any);
  }
  if (most) reading.scenario.targets.push_back({key, *most, place_of(targets, key)});
}

bool limited(const Scenario& scenario, std::initializer_list<const char*> keys) {
  return std::any_of(keys.begin(), keys.end(), [&](std::string_view key) {
    return std::any_of(scenario.budgets.begin(), scenario.budgets.end(),
                       [&](const Limit& limit) { return limit.quantity == key; });
  });
}

// What a quantity over the model's life lacks, or nothing.
std::string missing_for_lifetime(const Scenario& scenario, std::string_view key) {
  if (!scenario.demand) return "a demand";
  const DemandChoice& demand = *scenario.demand;
  if (demand.demand.lifetime.raw() == 0) return R"(a lifetime, for example "lifetime": "18mo")";
  if (key == "lifetime_flop") return {};
  if (demand.sites.empty())
    return R"(a place to serve, for example "serving": {"clusters": [{"id": "dgx-h100"}]})";
  for (const ServingSite& site : demand.sites) {
    if (key == "lifetime_cost_usd" && !site.place.price_per_device_hour)
      return "usd_per_device_hour of serving cluster " + site.id;
    if (key == "lifetime_carbon_g" && !site.place.carbon) return "a region of serving cluster " + site.id;
  }
  return {};
}

// A demand that nobody can serve, a run that is over, several places without machines.
void check_parts(const Scenario& scenario, Diagnostics& diagnostics) {
  auto limits = [&](std::string_view key) {
    return scenario.objective == key ||
           std::any_of(scenario.budgets.begin(), scenario.budgets.end(),
                       [&](const Limit& limit) { return limit.quantity == key; });
  };
  if (scenario.demand && scenario.demand->sites.empty() && !limits("lifetime_flop")) {
    diagnostics.push_back(error("a demand without a place to serve it",
                                R"(add "serving": {"clusters": [{"id": "dgx-h100"}]} to /demand)",
                                scenario.demand->place));
  }
  if (scenario.done) {
    const DoneChoice& done = *scenario.done;
    if (!scenario.pinned_params) {
      diagnostics.push_back(error("a run in flight has a model already",
                                  R"(add "model": {"params": "70B"} with its size)", done.place));
    }
    if (scenario.pinned_tokens && scenario.pinned_tokens->value <= done.tokens) {
      diagnostics.push_back(
          error(fmt::format("{} tokens are trained already, and the plan is pinned to {}",
                            format_quantity(done.tokens, Dimension::tokens),
                            format_quantity(scenario.pinned_tokens->value, Dimension::tokens)),
                "pin more tokens or none", scenario.pinned_tokens->place));
    }
  }
  if (scenario.sites && !scenario.fleet) {
    diagnostics.push_back(
        error("several sites without machines", "add training.clusters", scenario.sites->place));
  }
  Diagnostics wrong = technique_defects(scenario);
  diagnostics.insert(diagnostics.end(), wrong.begin(), wrong.end());
}

// What a quantity asks of the description of the machines, and the remedy where it is missing.
void check_training(Reading& reading, json::ObjectReader& root) {
  const Scenario& scenario = reading.scenario;
  auto needs = [&](std::string_view key) {
    return scenario.objective == key || std::any_of(scenario.budgets.begin(), scenario.budgets.end(),
                                                    [&](const Limit& l) { return l.quantity == key; });
  };
  auto place = [&](std::string_view key) {
    for (const Limit& limit : scenario.budgets) {
      if (limit.quantity == key) return limit.place;
    }
    return place_of(root, "objective");
  };
  auto fail = [&](std::string_view key, std::string what, std::string remedy) {
    reading.diagnostics.push_back(error(std::move(what), std::move(remedy), place(key)));
  };
  for (const PlanQuantity& quantity : plan_quantities()) {
    const std::string_view key = quantity.key;
    const bool of_law = key == "loss" || key == "train_flop" || key == "train_flop_exact" ||
                        key == "epochs" || key == "score";
    if (of_law || !needs(key)) continue;
    if (key.starts_with("lifetime_")) {
      const std::string missing = missing_for_lifetime(scenario, key);
      if (!missing.empty()) fail(key, fmt::format("{} needs {}", key, missing), "add it under demand");
      if (key == "lifetime_flop") continue;
    }
    const bool any = key == "train_time_s" || key == "device_hours" || key.ends_with("cost_usd");
    if (!scenario.fleet && !(any && scenario.training)) {
      if (root.has("training") && !scenario.training) continue;  // its own errors say what is wrong with it
      fail(
          key, fmt::format("{} needs to know the {}", key, any ? "devices" : "machines"),
          any ? R"(add "training": {"assumed": {"device": "h100-sxm-80", "devices": 2048, "mfu": 0.4}} or "training": {"clusters": [{"id": "dgx-h100", "devices": 2048}]})"
              : R"(add "training": {"clusters": [{"id": "dgx-h100", "devices": 2048}]})");
    } else if (key.ends_with("cost_usd") && scenario.training && !scenario.training->usd_per_device_hour) {
      const auto& list = scenario.training->device.price_per_hour;
      std::string remedy = "add usd_per_device_hour to /training/assumed";
      if (list) {
        remedy += fmt::format(" (a list price of {} is {} USD)", scenario.training->device.price_date,
                              format_number(list->raw()));
      }
      fail(key, "the price of a device-hour is not known", remedy);
    } else if (scenario.fleet) {
      for (const ClusterChoice& cluster : scenario.fleet->clusters) {
        if (key.ends_with("cost_usd") && !cluster.tariff) {
          fail(key, fmt::format("the price of a device-hour of {} is not known", cluster.id),
               "add usd_per_device_hour or purchase to its entry in /training/clusters");
        }
        if (key.ends_with("carbon_g") && !cluster.region) {
          fail(key, fmt::format("the grid of {} is not known", cluster.id),
               "add region to its entry in /training/clusters (scaleplan show regions)");
        }
      }
    }
  }
}

// Memory is the devices' own; a scenario says how much of it stays free.
void read_headroom(Reading& reading, json::ObjectReader& budgets) {
  const json::Value* value = budgets.raw("memory_bytes");
  if (value == nullptr) return;
  if (!reading.scenario.fleet) {
    budgets.fail("memory_bytes", "memory is that of machines, and none are given",
                 "add training.clusters or remove it");
    return;
  }
  budgets.object("memory_bytes", [&](json::ObjectReader& object) {
    object.require("headroom");
    auto headroom = object.quantity("headroom", Dimension::fraction, {0, 0.99, false});
    if (headroom) reading.scenario.fleet->layouts.headroom = *headroom;
    object.finish();
  });
}

}  // namespace

void read_limits(Reading& reading, json::ObjectReader& root) {
  root.object("budgets", [&](json::ObjectReader& budgets) {
    for (const PlanQuantity& quantity : plan_quantities()) {
      if (quantity.key == "memory_bytes") {
        read_headroom(reading, budgets);
      } else if (quantity.budget) {
        read_budget(reading, budgets, quantity);
      }
    }
    for (const PlanQuantity& quantity : plan_quantities()) {
      if (!quantity.target || !budgets.has(quantity.key)) continue;
      budgets.fail(quantity.key, fmt::format("{} is no budget", quantity.key), "put it under targets");
      budgets.accept(quantity.key);
    }
    budgets.finish();
  });
  root.object("targets", [&](json::ObjectReader& targets) {
    for (const PlanQuantity& quantity : plan_quantities()) {
      if (quantity.target && quantity.key != "score") read_target(reading, targets, quantity);
    }
    read_score_target(reading, targets);
    targets.finish();
  });
}

void check_whole(Reading& reading, json::ObjectReader& root) {
  const Scenario& scenario = reading.scenario;
  check_training(reading, root);
  check_parts(scenario, reading.diagnostics);
  if (scenario.data.max_epochs && !scenario.data.unique_tokens) {
    reading.diagnostics.push_back(error("max_epochs needs the number of unique tokens",
                                        "add unique_tokens to /data", scenario.data.max_epochs->place));
  }
  const auto length = static_cast<double>(scenario.data.sequence_length);
  if (scenario.fleet && scenario.pinned_batch && std::fmod(scenario.pinned_batch->value, length) != 0) {
    const double near = length * std::max(1.0, std::round(scenario.pinned_batch->value / length));
    reading.diagnostics.push_back(error(
        fmt::format("a step on machines has whole sequences of {} tokens", scenario.data.sequence_length),
        fmt::format("the nearest batch is {}", format_number(near, 12)), scenario.pinned_batch->place));
  }
  if (has_errors(reading.diagnostics)) return;  // what bounds the problem cannot be told from half a scenario
  if (scenario.objective != "loss") {
    if (scenario.targets.empty()) {
      root.fail("objective",
                fmt::format("least {} of what? no target says how good it must be", scenario.objective),
                R"(add "targets": {"loss": {"max": 2.0}})");
    }
    return;
  }
  const bool spends = limited(
      scenario, {"train_flop", "train_flop_exact", "train_time_s", "device_hours", "cost_usd", "energy_j",
                 "carbon_g", "lifetime_flop", "lifetime_cost_usd", "lifetime_energy_j", "lifetime_carbon_g"});
  const bool sized = scenario.pinned_params || scenario.model.params_max;
  const bool fed = scenario.pinned_tokens || scenario.data.max_epochs;
  if (!spends && !(sized && fed)) {
    root.fail("budgets", "nothing bounds size and tokens, so more is always better",
              R"(add a budget, for example "budgets": {"train_flop": "1e24"})");
  }
}

}  // namespace scaleplan::plan
