#pragma once

#include <span>
#include <string>
#include <string_view>

#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::serving {

/// The physical constants of the serving model. Shares are achieved over data-sheet peak; times are seconds.
struct Constants {
  double weight_read = 0.85;       ///< dense weights, of memory bandwidth
  double gemm_16bit = 0.74;        ///< matrix multiplications, of the dense peak of their type
  double gemm_8bit = 0.555;
  double gemm_4bit = 0.375;
  double expert_gemm = 0.60;       ///< routed experts: a further factor
  double expert_spread = 1.9;      ///< expert or attention-data parallelism: slowest rank over the mean
  double layer_classic_s = 80e-6;  ///< launches and small kernels per layer: engines up to early 2025
  double layer_current_s = 50e-6;  ///< … of later engines
  double moe_layer_s = 45e-6;      ///< routing and grouped multiplications per expert layer
  double sequence_python_s = 31e-6;   ///< sampling and scheduling per sequence and step, Python host
  double sequence_compiled_s = 3e-6;  ///< … compiled host
  double pass_s = 10e-6;              ///< per pass; a Python host twice
  double cache_read = 0.95;           ///< keys, values and expert weights, of memory bandwidth
  double link_share = 0.65;           ///< of a link's rate
  double link_latency_s = 5e-6;       ///< floor of one collective inside a scale-up domain
  double network_latency_s = 40e-6;   ///< … between them
  double attention = 0.6;             ///< of the 16-bit peak
  double reserve_bytes = 1.5e9;       ///< activations and libraries, per device
  double memory_reserve = 0.95;       ///< of free memory for the cache, admission by the whole length
  double memory_live = 0.90;          ///< of memory in use, admission by the live length
  double queue_open = 1.3;            ///< first token under open arrivals: prefills waited for
  double queue_closed = 2.2;          ///< … under a closed loop of clients
  double queue_client = 0.1;          ///< … and per further client
  double power_base = 0.65;           ///< device power while decoding, of its limit
  double power_memory = 0.10;         ///< … more per share of memory bandwidth in use
  double power_compute = 1.02;        ///< … more per share of the compute peak in use
};

/// One row of the table of constants: how a calibration names it, and whether measured speeds identify it.
struct ConstantInfo {
  std::string_view name;
  double Constants::*member;
  bool fitted;
  double low;  ///< bounds of the fit
  double high;
};
std::span<const ConstantInfo> constant_table();

/// Spread of ln(measured / predicted) with the measurement's publisher left out.
struct Spread {
  double below = 0;  ///< one-sided sd: measured smaller than predicted
  double above = 0;
};

/// A calibration of the serving model: share/scaleplan/calibrations, schema scaleplan/calibration/1,
/// kind "serving".
struct Efficiency {
  std::string id;
  Constants constants;
  Spread dense;  ///< of times per token
  Spread moe;
  Spread first_token;
  Spread power;
  std::string source;
};

Result<Efficiency> read_efficiency(const json::Document& document);
/// The shipped calibration, in force unless another is named.
Result<Efficiency> default_efficiency(const json::Catalogue& catalogue);

}  // namespace scaleplan::serving
