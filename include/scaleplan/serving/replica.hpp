#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "scaleplan/base/result.hpp"
#include "scaleplan/hardware/machine.hpp"
#include "scaleplan/serving/body.hpp"

namespace scaleplan::serving {

/// Width of the operands of a matrix multiplication.
enum class Compute : std::uint8_t { bits16, bits8, bits4 };
/// Per-layer cost: engines up to early 2025 (TensorRT-LLM 0.17, FasterTransformer), later ones.
enum class Overhead : std::uint8_t { classic, current };
enum class Host : std::uint8_t { compiled, python };
/// What a request must find free: its whole length, so that none is evicted, or its live length.
enum class Admission : std::uint8_t { reserve, live };

/// Software that serves: TensorRT-LLM, vLLM, SGLang differ in these three and in the cache that goes with
/// fp8 weights.
struct Engine {
  std::string name = "tensorrt-llm";
  Overhead overhead = Overhead::current;
  Host host = Host::compiled;
  Admission admission = Admission::reserve;
};
/// "tensorrt-llm", "vllm", "sglang": today's releases. Another name is an error.
Result<Engine> find_engine(std::string_view name);
std::span<const std::string> engine_names();

/// Weights of one part of a model: bytes per parameter as stored, scales included, and what multiplies them.
struct Format {
  double bytes = 2;
  Compute compute = Compute::bits16;
  double peak = 0;  ///< FLOP/s of one device for that type
};

/// Numbers that a replica computes with.
struct Numbers {
  std::string name = "bf16";
  Format dense;
  Format experts;
  double peak_16bit = 0;  ///< FLOP/s of one device
  std::string cache = "bf16";
  double cache_bytes = 2;  ///< per value
};
/// Weight precisions that serving knows: bf16, fp16, fp8, int8, fp4 (NVFP4), mxfp4, int4 (weights only).
std::span<const std::string> precision_names();
/// Cache precisions: bf16, fp16, fp8, int8.
std::span<const std::string> cache_precision_names();
/// The cache that an engine pairs with such weights unless told: fp8 with TensorRT-LLM and 8- or 4-bit
/// weights, else 16 bits.
std::string default_cache(const Engine& engine, std::string_view precision);

/// How `precision` weights of `body` are stored and multiplied on `device`. A type that the device cannot
/// multiply is stored narrow and multiplied wider. Models with latent attention keep it at 8 to 16 bits under
/// fp4; mxfp4 and, in mixtures of experts, int4 narrow the routed experts only. Errors: unknown names, a
/// device without a 16-bit peak.
Result<Numbers> numbers_for(const Body& body, const hardware::Device& device, const Engine& engine,
                            const std::string& precision, const std::string& cache);

/// One replica: its devices hold the model once. `tp` devices share every matrix; `pp` stages follow each
/// other. With `attention_dp` the `tp` devices instead hold the dense part each, cut the batch among them and
/// share the routed experts only. Expert parallelism places whole experts.
struct Replica {
  Body body;
  Numbers numbers;
  Engine engine;
  double tp = 1;
  double pp = 1;
  bool attention_dp = false;
  bool expert_parallel = false;
  double memory_bandwidth = 0;  ///< bytes/s of one device
  double memory = 0;            ///< bytes that the device reports
  double link = 0;              ///< bytes/s of one device per direction, over the slowest link of the group
  bool crosses = false;         ///< the group leaves the scale-up domain
  double stage_link = 0;        ///< bytes/s between stages
  double tokens_per_pass = 1;   ///< that a sequence gains by one pass (speculation); all of them are computed
  double cache_usable = 1;      ///< share of the cache's memory that holds live tokens

  [[nodiscard]] double devices() const { return tp * pp; }
  [[nodiscard]] double matrix_shards() const { return attention_dp ? 1 : tp; }
  [[nodiscard]] double cache_shards() const;
  /// Bytes of all weights over the replica, each copy counted.
  [[nodiscard]] double weight_bytes() const;
};

/// Memory, bandwidth and links of the machine's device; a replica of `tp`·`pp` devices on it.
Replica replica_on(const hardware::Machine& machine, Body body, Numbers numbers, Engine engine,
                   std::int64_t tp, std::int64_t pp);

}  // namespace scaleplan::serving
