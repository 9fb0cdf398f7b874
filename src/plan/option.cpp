#include "plan/option.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace scaleplan::plan {

namespace {

std::optional<Watts> cap_of(const Option& option) {
  return option.power_cap_w ? std::optional(Watts(*option.power_cap_w)) : std::nullopt;
}

const Limit* limit_of(const Scenario& scenario, std::string_view quantity) {
  for (const Limit& limit : scenario.budgets) {
    if (limit.quantity == quantity) return &limit;
  }
  return nullptr;
}

// Why no run on this option can keep the budgets, or empty.
std::string ruled_out(const Scenario& scenario, const Option& option) {
  const Limit* site = limit_of(scenario, "site_peak_power_w");
  if (site != nullptr && option.peaks.site.raw() > site->limit) return "site peak power above the budget";
  const Limit* rack = limit_of(scenario, "rack_peak_power_w");
  if (rack != nullptr && option.peaks.rack.raw() > rack->limit) return "rack peak power above the budget";
  if (!training::peak_of(option.machine.device, option.precision)) return "the device lacks the precision";
  return {};
}

void count(Options& options, const std::string& reason) {
  for (training::PrunedCount& pruned : options.pruned) {
    if (pruned.reason == reason) {
      ++pruned.count;
      return;
    }
  }
  options.pruned.push_back({reason, 1});
}

}  // namespace

double Option::nodes() const {
  return std::ceil(static_cast<double>(devices) / static_cast<double>(node_power.devices));
}

std::string Option::name() const {
  std::string text = fmt::format("{} {} of {}, {}, {}", devices, machine.device.id, cluster->id,
                                 training::precision_name(precision), training::optimizer_name(optimizer));
  if (power_cap_w) text += fmt::format(", {} W", *power_cap_w);
  return text;
}

double Option::capped_speed(double compute_share) const {
  return economy::under_cap(power, power.training, cap_of(*this), compute_share).speed;
}

double Option::watts(double useful, double repeated) const {
  const economy::NodeDraw draw = economy::node_draw(node_power, power, cap_of(*this));
  const economy::Occupation second{Seconds(1), useful, repeated, 1 - useful - repeated};
  return cluster->power_factor *
         economy::run_energy(cluster->facility, node_power, draw, nodes(), second).total().raw();
}

Result<Options> options_of(const Scenario& scenario) {
  Options out;
  if (!scenario.fleet) return out;
  const FleetChoice& fleet = *scenario.fleet;
  std::vector<std::optional<double>> caps{std::nullopt};
  if (!fleet.power_caps_w.empty()) caps.assign(fleet.power_caps_w.begin(), fleet.power_caps_w.end());
  Diagnostics errors;
  for (const ClusterChoice& cluster : fleet.clusters) {
    Option option;
    option.cluster = &cluster;
    const hardware::Node* node = cluster.node ? &*cluster.node : nullptr;
    Result<economy::DevicePower> power = economy::device_power(cluster.device);
    Result<economy::NodePower> node_power =
        power ? economy::node_power(*power, cluster.device, node) : power.errors();
    if (!node_power) {
      for (Diagnostic found : node_power.errors()) {
        if (found.place.file.empty()) found.place = cluster.place;
        errors.push_back(std::move(found));
      }
      continue;
    }
    option.power = *power;
    option.node_power = *node_power;
    for (std::int64_t devices : cluster.devices) {
      Result<hardware::Machine> machine =
          hardware::machine_of(cluster.device, node, devices, cluster.network);
      if (scenario.sites && devices % scenario.sites->count != 0) {
        ++out.considered;
        count(out, "the devices do not divide among the sites");
        continue;
      }
      for (training::Precision precision : fleet.precisions) {
        for (training::Optimizer optimizer : fleet.optimizers) {
          for (const std::optional<double>& cap : caps) {
            ++out.considered;
            if (!machine) {
              count(out, machine.errors().front().message);
              continue;
            }
            option.machine = *machine;
            option.devices = devices;
            option.precision = precision;
            option.optimizer = optimizer;
            option.power_cap_w = cap;
            option.peaks =
                economy::peaks(cluster.facility, option.node_power, cap_of(option), option.nodes());
            const std::string reason = ruled_out(scenario, option);
            reason.empty() ? out.list.push_back(option) : count(out, reason);
          }
        }
      }
    }
  }
  if (!errors.empty()) return errors;
  return out;
}

Resources resources_of(const Scenario& scenario, const Option& option, double seconds_per_flop,
                       double watts) {
  const FleetChoice& fleet = *scenario.fleet;
  const ClusterChoice& cluster = *option.cluster;
  Resources out;
  out.seconds_per_flop = seconds_per_flop;
  out.watts = watts;
  const double paid = static_cast<double>(option.devices + cluster.spare_devices) / 3600;
  const double other = fleet.other_device_hours;
  const double other_joules =
      economy::run_energy(cluster.facility, option.node_power,
                          economy::node_draw(option.node_power, option.power, cap_of(option)), 0,
                          {Seconds(0), 1, 0, 0}, other)
          .total()
          .raw();
  out.lines["train_time_s"] = {0, 1, 0};
  out.lines["device_hours"] = {other, paid, 0};
  out.lines["energy_j"] = {other_joules, 0, 1};
  out.lines["site_peak_power_w"] = {option.peaks.site.raw(), 0, 0};
  out.lines["rack_peak_power_w"] = {option.peaks.rack.raw(), 0, 0};
  if (cluster.region) {
    if (auto intensity = cluster.region->at()) {
      const double grams = intensity->carbon.raw();
      const double made = economy::embodied_rate(cluster.device) * 3600;  // of a device-hour
      out.lines["carbon_g"] = {grams * other_joules + made * other, made * paid, grams};
    }
  }
  if (cluster.tariff) {
    const double per_hour = economy::cost(*cluster.tariff, 1, Joules(0)).total().raw();
    const double per_joule = economy::cost(*cluster.tariff, 0, Joules(1)).total().raw();
    out.lines["cost_usd"] = {per_hour * other + per_joule * other_joules, per_hour * paid, per_joule};
  }
  return out;
}

}  // namespace scaleplan::plan
