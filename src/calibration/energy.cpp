#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <variant>

#include "calibration/energy_cases.hpp"
#include "scaleplan/calibration/calibrate.hpp"
#include "scaleplan/economy/carbon.hpp"
#include "scaleplan/economy/energy.hpp"
#include "scaleplan/hardware/device.hpp"
#include "scaleplan/model/catalogue.hpp"

namespace scaleplan::calibration {

namespace {

/// Share of the 16-bit peak that a run of unknown layout realises: the median that arXiv:2405.21015 uses.
constexpr double prior_mfu = 0.375;
/// Pretraining sequences are no longer than this where a case says nothing; longer contexts are stages.
constexpr std::int64_t usual_sequence = 8192;
/// Published figures that agree with their own inputs agree to this.
constexpr double arithmetic_tolerance = 0.03;

/// A prediction and what it is compared with, or why there is none.
struct Pair {
  double measured = 0;
  double predicted = 0;
};
using Judged = std::variant<Pair, std::string>;

double site_factor(const EnergyCase& one) {
  return one.pue_inside ? one.pue.value_or(1) : 1;
}

Judged energy_arithmetic(const EnergyCase& one) {
  const std::optional<Watts> watts = one.system_power ? one.system_power : one.board_limit;
  if (!one.device_hours || !watts || !one.energy) return "no hours, watts or energy to multiply";
  return Pair{one.energy->raw(), economy::device_energy(*one.device_hours, *watts, site_factor(one)).raw()};
}

Judged carbon(const EnergyCase& one) {
  if (!one.energy || !one.intensity || !one.carbon) return "no energy, intensity or carbon to multiply";
  if (*one.carbon == GramsCo2(0)) return "published as zero: an error relative to it has no meaning";
  const double pue = one.pue_inside ? 1 : one.pue.value_or(1);
  return Pair{one.carbon->raw(), (pue * *one.energy * *one.intensity).raw()};
}

/// The first node of the catalogue, by id, that holds as many of the device as its hosts usually do and whose
/// rating is known.
std::optional<hardware::Node> usual_node(const hardware::Device& device, const json::Catalogue& catalogue) {
  for (const std::string& id : catalogue.ids("nodes")) {
    const Result<hardware::Node> node = hardware::find_node(catalogue, id);
    if (node && node->device == device.id && node->devices == device.devices_per_node && node->power) {
      return *node;
    }
  }
  return std::nullopt;
}

/// Mean power of a training node, host in, per device.
Result<Watts> node_share(const hardware::Device& device, const json::Catalogue& catalogue) {
  const Result<economy::DevicePower> power = economy::device_power(device);
  if (!power) return power.errors();
  const std::optional<hardware::Node> machine = usual_node(device, catalogue);
  const Result<economy::NodePower> node = economy::node_power(*power, device, machine ? &*machine : nullptr);
  if (!node) return node.errors();
  return economy::node_draw(*node, *power, {}).working / static_cast<double>(node->devices);
}

Judged power_w(const EnergyCase& one, const json::Catalogue& catalogue) {
  if (!one.system_power) return "no measured power";
  const Result<hardware::Device> device = hardware::find_device(catalogue, one.device);
  if (!device) return device.errors().front().message;
  const Result<Watts> predicted = node_share(*device, catalogue);
  if (!predicted) return predicted.errors().front().message;
  return Pair{one.system_power->raw(), predicted->raw()};
}

/// "Llama 4 Scout (17B active, 109B total)" → "llama-4-scout"
std::string slug(std::string_view name) {
  std::string text;
  for (const char c : name.substr(0, name.find('('))) {
    const auto letter = static_cast<unsigned char>(c);
    if (std::isalnum(letter) != 0 || c == '.') {
      text += static_cast<char>(std::tolower(letter));
    } else if (!text.empty() && text.back() != '-') {
      text += '-';
    }
  }
  while (!text.empty() && text.back() == '-') text.pop_back();
  return text;
}

/// Exact where the catalogue knows the shape, else 6 per parameter of a dense model.
double flop_per_token(const EnergyCase& one, const json::Catalogue& catalogue) {
  const Result<model::Model> known = model::find_model(catalogue, slug(one.model));
  if (!known) return 6 * *one.params;
  const std::int64_t sequence = std::min(known->sequence_length, usual_sequence);
  return model::flop_per_token(known->shape, sequence).training.raw();
}

Judged energy_end_to_end(const EnergyCase& one, const json::Catalogue& catalogue) {
  if (!one.params || !one.tokens || !one.energy) return "no parameters, tokens or energy";
  const Result<hardware::Device> device = hardware::find_device(catalogue, one.device);
  if (!device) return device.errors().front().message;
  const auto peak = device->peak.find(device->peak.contains("bf16") ? "bf16" : "fp16");
  if (peak == device->peak.end() || !device->power) return "no 16-bit peak or no power of " + device->id;
  const Flop flop(flop_per_token(one, catalogue) * *one.tokens);
  const double hours = flop / (prior_mfu * peak->second) / economy::hour;
  Watts watts = one.board_limit.value_or(*device->power);
  if (one.basis != "device_tdp") {
    const Result<Watts> share = node_share(*device, catalogue);
    if (!share) return share.errors().front().message;
    watts = *share;
  }
  return Pair{one.energy->raw(), economy::device_energy(hours, watts, site_factor(one)).raw()};
}

Judged judge(const EnergyCase& one, const std::string& quantity, const json::Catalogue& catalogue) {
  if (quantity == "energy_arithmetic") return energy_arithmetic(one);
  if (quantity == "carbon") return carbon(one);
  if (quantity == "power_w") return power_w(one, catalogue);
  return energy_end_to_end(one, catalogue);
}

void note_doubts(const EnergyCase& one, const Scores& scores, std::vector<std::string>& notes) {
  for (const Comparison& each : scores.cases) {
    const bool arithmetic = each.quantity == "energy_arithmetic" || each.quantity == "carbon";
    if (each.id != one.id || !arithmetic || std::fabs(each.relative_error()) <= arithmetic_tolerance)
      continue;
    notes.push_back(fmt::format("{}: the published {} is {:.1f} % off what its own inputs give", one.id,
                                each.quantity == "carbon" ? "carbon" : "energy",
                                100 * (1 / (1 + each.relative_error()) - 1)));
  }
  if (!one.intensity && one.energy && one.carbon && *one.carbon / *one.energy < economy::implausibly_clean) {
    notes.push_back(fmt::format("{}: its carbon implies a grid below {:.0f} g/kWh, more likely a misprint",
                                one.id, economy::implausibly_clean / economy::grams_per_kwh(1)));
  }
}

}  // namespace

Result<Outcome> calibrate_energy(const json::Document& cases, const Request& request) {
  const Result<EnergyCases> read = read_energy_cases(cases);
  if (!read) return read.errors();
  Outcome outcome;
  outcome.kind = "energy";
  outcome.ignored = read->ignored;
  for (const EnergyCase& one : read->cases) {
    if (one.quantities.empty()) outcome.scores.skipped.push_back({one.id, "judged for no quantity"});
    for (const std::string& quantity : one.quantities) {
      const Judged judged = judge(one, quantity, *request.catalogue);
      if (const auto* reason = std::get_if<std::string>(&judged)) {
        outcome.scores.skipped.push_back({one.id, quantity + ": " + *reason});
        continue;
      }
      const Pair& pair = std::get<Pair>(judged);
      outcome.scores.cases.push_back(
          {one.id, one.publisher, one.score, quantity, "dense", pair.measured, pair.predicted, {}, {}});
    }
    note_doubts(one, outcome.scores, outcome.notes);
  }
  summarise(outcome.scores);
  outcome.notes.insert(
      outcome.notes.begin(),
      {"energy and carbon in J and g; arithmetic figures test what was published, not a model",
       "power_w: " + std::string(economy::power_regime),
       fmt::format(
           "energy_end_to_end: device-hours at an MFU of {}, the median where the layout is not known, and "
           "sequences of at most {} tokens; no constant is fitted to these cases",
           prior_mfu, usual_sequence)});
  return outcome;
}

}  // namespace scaleplan::calibration
