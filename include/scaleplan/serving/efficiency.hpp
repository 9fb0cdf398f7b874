#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "scaleplan/base/control.hpp"
#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::serving {

/// The physical constants of the serving model. Shares are achieved over data-sheet peak; times are seconds.
struct Constants {
  double weight_read = 0.85;  ///< dense weights, of memory bandwidth
  double gemm_16bit = 0.74;   ///< matrix multiplications, of the dense peak of their type
  double gemm_8bit = 0.555;
  double gemm_4bit = 0.375;
  double expert_gemm = 0.60;          ///< routed experts: a further factor
  double expert_spread = 1.9;         ///< expert or attention-data parallelism: slowest rank over the mean
  double layer_classic_s = 80e-6;     ///< launches and small kernels per layer: engines up to early 2025
  double layer_current_s = 50e-6;     ///< … of later engines
  double moe_layer_s = 45e-6;         ///< routing and grouped multiplications per expert layer
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
  double queue_open = 1.1;    ///< prefill that shares its passes with decoding sequences, over one alone
  double queue_closed = 2.2;  ///< prefills that a first token waits for under a closed loop of clients
  double queue_client = 0.1;  ///< … and per further client
};

/// One row of the table of constants: its name in a calibration, and whether measured speeds identify it.
struct ConstantInfo {
  std::string_view name;
  double Constants::*member = nullptr;
  bool fitted = false;
  double low = 0;  ///< bounds of the fit
  double high = 0;
};
std::span<const ConstantInfo> constant_table();

/// Spread of ln(measured / predicted) with the measurement's publisher left out, as one-sided standard
/// deviations about the prediction: the two sides differ.
struct Spread {
  double below = 0;  ///< measured smaller than predicted
  double above = 0;
};
/// The quantile of a standard normal whose both sides hold `level` scales the sides.
Interval spread_interval(double predicted, const Spread& spread, double level);

/// A calibration of the serving model: share/scaleplan/calibrations, schema scaleplan/calibration/1, kind
/// "serving".
struct Efficiency {
  std::string id;
  Constants constants;
  std::map<std::string, double, std::less<>> log_se;  ///< of the fitted constants
  Spread dense;                                       ///< of times per token
  Spread moe;
  Spread first_token;  ///< idle engine and open arrivals
  Spread first_token_closed;
  Spread power;

  [[nodiscard]] const Spread& time(bool routed) const { return routed ? moe : dense; }
};

/// Where the model was measured, in one sentence for reports.
inline constexpr std::string_view regime =
    "decoder transformers of 6B to 1T parameters on 1 to 8 devices of one node, 1 to 4000 sequences, prompts "
    "of 30 to 20000 tokens, bf16 to fp4, TensorRT-LLM, vLLM and SGLang of 2024 to 2026; pipelines and groups "
    "across nodes are not backed by measurements";

Result<Efficiency> read_efficiency(const json::Document& document);
/// The member "serving" of a calibration.
json::Value to_json(const Efficiency& efficiency);
/// The shipped calibration, in force unless another is named.
Result<Efficiency> default_efficiency(const json::Catalogue& catalogue);

}  // namespace scaleplan::serving
