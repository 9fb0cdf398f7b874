#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scaleplan/base/quantity.hpp"
#include "scaleplan/base/result.hpp"
#include "scaleplan/hardware/device.hpp"

namespace scaleplan::economy {

/// What a device does. `waiting`: a process holds it and nothing runs (checkpoints, restarts, no requests).
/// Waste is no phase of its own: it is work done again (training) and waiting.
enum class Phase : std::uint8_t { idle, waiting, training, prefill, decode };

/// Mean draw of one device. Figures of the device where they were measured, else shares of the board limit
/// that `assumed` names: idle 0.10 and waiting 0.18 (means of H100 and A100), training 0.85 on GPUs
/// (arXiv:2503.05804) and 0.43 on TPUs (mean over rated, Epoch training-cost-trends), generation the mean of
/// the H100 and B200 fits.
struct DevicePower {
  Watts limit;
  Watts idle;
  Watts waiting;
  Watts training;
  hardware::PowerStates::Decode decode{};
  std::vector<std::string> assumed;
};

inline constexpr std::string_view power_regime =
    "mean draw over a phase: training at an MFU of 0.35 to 0.5, generation within 15 % of measured means; "
    "peaks are the board limit";

/// An error when the device's board limit is unknown.
Result<DevicePower> device_power(const hardware::Device& device);

/// Achieved over peak, of memory bandwidth and of matrix-multiply rate by generation.
struct Utilisation {
  double bandwidth = 0;
  double compute = 0;
};

/// Mean draw in a phase, at most the board limit. Prefill is compute-bound and draws what training draws;
/// only decoding looks at `utilisation`.
Watts mean_draw(const DevicePower& power, Phase phase, const Utilisation& utilisation = {});

/// What a cap does to work that would draw `demand`.
struct Capped {
  Watts draw;        ///< the smaller of demand and cap
  double speed = 1;  ///< rate of work relative to no cap
};

/// Exponent of draw above waiting in clock frequency, from the throughput that an 8×H200 node loses at caps
/// of 500 and 350 W (MLPerf inference 4.1: 0.81 to 0.83 and 0.65): both give 2.1.
inline constexpr double clock_exponent = 2.1;

inline constexpr std::string_view cap_regime =
    "caps from half of the board limit up; below it V100 measurements lose more than the model says";

/// Time of compute-bound work is inverse to the clock f, draw above `waiting` goes with f^clock_exponent,
/// time bound by memory or network does not change. `compute_share`: share of uncapped time that is bound
/// by compute, 0 to 1. `cap` must have no defect.
Capped under_cap(const DevicePower& power, Watts demand, std::optional<Watts> cap, double compute_share);

/// What is wrong with a cap: above the board limit, or too low to run anything at all.
std::optional<Diagnostic> cap_defect(const DevicePower& power, std::string_view device, Watts cap,
                                     const Place& place = {});

}  // namespace scaleplan::economy
