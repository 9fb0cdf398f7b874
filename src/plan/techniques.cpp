#include "plan/techniques.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "scaleplan/base/suggest.hpp"

namespace scaleplan::plan {

namespace {

using Names = std::initializer_list<std::string_view>;

constexpr std::array<std::string_view, 5> of_loss{"data_supply", "effective_params", "effective_tokens",
                                                  "precision_loss_penalty", "train_flop"};
constexpr std::array<std::string_view, 8> of_training{
    "activation_bytes", "device_hours",   "failure_loss",       "optimizer_bytes_per_parameter",
    "step_time",        "straggler_loss", "train_memory_bytes", "weight_bytes_per_parameter"};
constexpr std::array<std::string_view, 6> of_site{
    "device_cost", "energy", "facility_overhead", "peak_power_fraction", "power_oversubscription",
    "system_power"};
constexpr std::array<std::string_view, 4> of_serving_model{"decode_tokens_per_pass", "decode_weight_bytes",
                                                           "kv_bytes", "kv_usable_fraction"};
constexpr std::array<std::string_view, 3> of_service{"inference_cost", "inference_tokens",
                                                     "serving_throughput"};

template <std::size_t N>
bool among(const std::array<std::string_view, N>& names, std::string_view term) {
  return std::find(names.begin(), names.end(), term) != names.end();
}

// `base` after every technique that acts on the term; what is wrong goes to `errors`.
double after(const Scenario& scenario, std::string_view term, double base, Diagnostics& errors) {
  const Result<terms::Stacked> stacked = scenario.techniques.apply(term, base, scenario.technique_inputs);
  if (!stacked) {
    for (Diagnostic found : stacked.errors()) {
      if (found.place.file.empty()) found.place = scenario.techniques_place;
      if (found.remedy.empty()) found.remedy = "give them under technique_inputs";
      errors.push_back(std::move(found));
    }
    return base;
  }
  if (!(stacked->value >= 0) || !std::isfinite(stacked->value)) {
    errors.push_back(error(fmt::format("{} becomes {}", term, stacked->value), "leave out a technique",
                           scenario.techniques_place));
    return base;
  }
  return stacked->value;
}

}  // namespace

Result<terms::LossEffects> loss_effects(const Scenario& scenario, double params, double tokens) {
  std::map<std::string, double> inputs = scenario.technique_inputs;
  inputs.emplace("params", params);
  inputs.emplace("tokens", tokens);
  return terms::loss_effects(scenario.techniques, params, tokens, 0, inputs);
}

Result<TrainingEffects> training_effects(const Scenario& scenario) {
  TrainingEffects effects;
  Diagnostics errors;
  auto factor = [&](std::string_view term) { return after(scenario, term, 1, errors); };
  effects.step_time = factor("step_time") * factor("device_hours") * factor("straggler_loss");
  effects.failure_loss = factor("failure_loss");
  effects.unique_tokens = factor("data_supply");
  effects.memory.activations = factor("activation_bytes");
  effects.memory.all = factor("train_memory_bytes");
  const double weights = after(scenario, "weight_bytes_per_parameter", 2, errors);
  effects.memory.weights = weights / 2;
  if (scenario.fleet) {
    const double usual = training::moment_bytes(scenario.fleet->optimizers.front());
    const double moments = after(scenario, "optimizer_bytes_per_parameter", usual, errors);
    if (moments != usual) effects.memory.moment_bytes = moments;
  }
  if (!errors.empty()) return errors;
  return effects;
}

Result<ServingEffects> serving_effects(const Scenario& scenario) {
  ServingEffects effects;
  Diagnostics errors;
  effects.cost = after(scenario, "inference_cost", 1, errors);
  effects.tokens = after(scenario, "inference_tokens", 1, errors);
  effects.cost *= effects.tokens / std::max(1e-300, after(scenario, "serving_throughput", 1, errors));
  std::vector<terms::Chosen> read;
  for (terms::Technique technique : scenario.techniques.techniques()) {
    std::erase_if(technique.effects, [](const auto& e) { return !among(of_serving_model, e.term); });
    if (!technique.effects.empty()) read.push_back({std::move(technique), scenario.techniques_place});
  }
  Result<terms::Stack> stack = terms::Stack::combine(std::move(read));
  if (!stack) return stack.errors();
  effects.stack = std::move(*stack);
  if (!errors.empty()) return errors;
  return effects;
}

Result<economy::TechniqueEffects> site_effects(const Scenario& scenario, const economy::Facility& facility) {
  return economy::technique_effects(scenario.techniques, facility, scenario.technique_inputs);
}

bool is_read(std::string_view term) {
  return among(of_loss, term) || among(of_training, term) || among(of_site, term) ||
         among(of_serving_model, term) || among(of_service, term);
}

Diagnostics technique_defects(const Scenario& scenario) {
  Diagnostics errors;
  auto fail = [&](std::string what, std::string remedy) {
    errors.push_back(error(std::move(what), std::move(remedy), scenario.techniques_place));
  };
  for (const terms::Technique& technique : scenario.techniques.techniques()) {
    for (const terms::Effect& effect : technique.effects) {
      const std::string_view term = effect.term;
      const std::string acts = fmt::format("technique {} acts on {}", technique.id, term);
      const bool serves = among(of_serving_model, term) || among(of_service, term);
      if (among(of_loss, term)) continue;
      if (among(of_training, term) || among(of_site, term)) {
        if (!scenario.fleet)
          fail(acts + ", and no machines are given", "add training.clusters or leave it out");
      } else if (serves) {
        if (!scenario.demand) fail(acts + ", and no demand is given", "add demand or leave it out");
      } else {
        fail(acts + ", which no plan reads",
             fmt::format("plans read {}, {}, {}, {} and {}", fmt::join(of_loss, ", "),
                         fmt::join(of_training, ", "), fmt::join(of_site, ", "),
                         fmt::join(of_serving_model, ", "), fmt::join(of_service, ", ")));
      }
    }
  }
  std::vector<std::string> known;
  for (const terms::Technique& technique : scenario.techniques.techniques()) {
    known.insert(known.end(), technique.inputs.begin(), technique.inputs.end());
  }
  for (const auto& [name, value] : scenario.technique_inputs) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::string remedy = did_you_mean(name, known);
    if (remedy.empty())
      remedy = known.empty() ? "remove it" : fmt::format("they take {}", fmt::join(known, ", "));
    fail(fmt::format("no technique of the scenario takes \"{}\"", name), std::move(remedy));
  }
  return errors;
}

}  // namespace scaleplan::plan
