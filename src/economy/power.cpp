#include "scaleplan/economy/power.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace scaleplan::economy {

namespace {

constexpr double idle_share = 0.10;
constexpr double waiting_share = 0.18;
constexpr double gpu_training_share = 0.85;
constexpr double tpu_training_share = 0.43;
constexpr hardware::PowerStates::Decode usual_decode = {0.405, 0.54, 2.05};

}  // namespace

Result<DevicePower> device_power(const hardware::Device& device) {
  if (!device.power) {
    return error(fmt::format("the power of device {} is not known", device.id),
                 "give \"power_w\" in a device file of your own");
  }
  DevicePower power;
  power.limit = *device.power;
  const auto pick = [&](const std::optional<Watts>& measured, double share, const char* name) {
    if (measured) return *measured;
    power.assumed.push_back(fmt::format("{} power of {}: {} of its {}", name, device.id, share,
                                        format_quantity(power.limit.raw(), Dimension::watts)));
    return share * power.limit;
  };
  const hardware::PowerStates& states = device.power_states;
  const bool tpu = device.vendor == "google";
  power.idle = pick(states.idle, idle_share, "idle");
  power.waiting = std::max(power.idle, pick(states.waiting, waiting_share, "waiting"));
  power.training = pick(states.training, tpu ? tpu_training_share : gpu_training_share, "training");
  power.decode = states.decode.value_or(usual_decode);
  if (!states.decode) {
    power.assumed.push_back(fmt::format("generation power of {}: as on H100 and B200", device.id));
  }
  return power;
}

Watts mean_draw(const DevicePower& power, Phase phase, const Utilisation& utilisation) {
  switch (phase) {
    case Phase::idle:
      return power.idle;
    case Phase::waiting:
      return power.waiting;
    case Phase::training:
    case Phase::prefill:
      return power.training;
    case Phase::decode:
      break;
  }
  const double share = power.decode.base + power.decode.bandwidth * utilisation.bandwidth +
                       power.decode.compute * utilisation.compute;
  return std::clamp(share, power.waiting / power.limit, 1.0) * power.limit;
}

Capped under_cap(const DevicePower& power, Watts demand, std::optional<Watts> cap, double compute_share) {
  if (!cap || demand <= *cap) return {demand, 1};
  const double clock = std::pow((*cap - power.waiting) / (demand - power.waiting), 1 / clock_exponent);
  return {*cap, 1 / (compute_share / clock + 1 - compute_share)};
}

std::optional<Diagnostic> cap_defect(const DevicePower& power, std::string_view device, Watts cap,
                                     const Place& place) {
  const auto text = [](Watts watts) { return format_quantity(watts.raw(), Dimension::watts); };
  if (cap > power.limit) {
    return error(
        fmt::format("a cap of {} is above the board limit of {}, {}", text(cap), device, text(power.limit)),
        "lower it, or leave it out to run without a cap", place);
  }
  if (cap <= power.waiting) {
    return error(fmt::format("a cap of {} is not above what {} draws while it waits, {}", text(cap), device,
                             text(power.waiting)),
                 fmt::format("give more than {} and at most {}", text(power.waiting), text(power.limit)),
                 place);
  }
  return std::nullopt;
}

}  // namespace scaleplan::economy
