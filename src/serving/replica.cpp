#include "scaleplan/serving/replica.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "scaleplan/base/suggest.hpp"

namespace scaleplan::serving {

namespace {

// What a precision means for weights: bytes with scales, and the type they are multiplied in where it exists.
struct Storage {
  std::string_view name;
  double dense_bytes;
  Compute dense;
  double expert_bytes;
  Compute experts;
};

constexpr std::array<Storage, 7> storages{{
    {"bf16", 2, Compute::bits16, 2, Compute::bits16},
    {"fp16", 2, Compute::bits16, 2, Compute::bits16},
    {"fp8", 1, Compute::bits8, 1, Compute::bits8},
    {"int8", 1, Compute::bits8, 1, Compute::bits8},
    {"fp4", 0.5625, Compute::bits4, 0.5625, Compute::bits4},    // a scale of 8 bits per 16 weights
    {"mxfp4", 2, Compute::bits16, 0.53125, Compute::bits8},     // 8 bits per 32 weights
    {"int4", 0.516, Compute::bits16, 0.5625, Compute::bits16},  // 16 bits per 128, per 32 in experts
}};

constexpr double latent_dense_bytes = 1.5;  // attention at 16 bits, the rest at 8

FlopPerSecond peak_of(const hardware::Device& device, std::initializer_list<const char*> types) {
  for (const char* type : types) {
    const auto found = device.peak.find(type);
    if (found != device.peak.end()) return found->second;
  }
  return FlopPerSecond(0);
}

// the wanted type, or the widest one that stands in for it
Format format_on(const hardware::Device& device, double bytes, Compute wanted, bool integer) {
  const double peak4 = peak_of(device, {"fp4"}).raw();
  const double peak8 = integer ? peak_of(device, {"int8"}).raw() : peak_of(device, {"fp8"}).raw();
  if (wanted == Compute::bits4 && peak4 > 0) return {bytes, Compute::bits4, peak4};
  if (wanted == Compute::bits8 && peak8 > 0) return {bytes, Compute::bits8, peak8};
  return {bytes, Compute::bits16, peak_of(device, {"bf16", "fp16"}).raw()};
}

template <class Names>
Diagnostic unknown(std::string_view what, std::string_view name, const Names& names) {
  std::string remedy = did_you_mean(name, names);
  if (remedy.empty()) remedy = fmt::format("choose one of {}", fmt::join(names, ", "));
  return error(fmt::format("no {} '{}'", what, name), remedy);
}

}  // namespace

std::span<const std::string> engine_names() {
  static const std::vector<std::string> names{"tensorrt-llm", "vllm", "sglang"};
  return names;
}

Result<Engine> find_engine(std::string_view name) {
  if (name == "tensorrt-llm") return Engine{};
  if (name == "vllm" || name == "sglang") {
    return Engine{std::string(name), Overhead::current, Host::python, Admission::live};
  }
  return unknown("serving engine", name, engine_names());
}

std::span<const std::string> precision_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    out.reserve(storages.size());
    for (const Storage& storage : storages) out.emplace_back(storage.name);
    return out;
  }();
  return names;
}

std::span<const std::string> cache_precision_names() {
  static const std::vector<std::string> names{"bf16", "fp16", "fp8", "int8"};
  return names;
}

std::string default_cache(const Engine& engine, std::string_view precision) {
  const bool narrow = precision != "bf16" && precision != "fp16" && precision != "int4";
  return narrow && engine.host == Host::compiled ? "fp8" : "bf16";
}

Result<Numbers> numbers_for(const Body& body, const hardware::Device& device, const Engine& engine,
                            const std::string& precision, const std::string& cache) {
  const auto* storage =
      std::find_if(storages.begin(), storages.end(), [&](const Storage& s) { return s.name == precision; });
  if (storage == storages.end()) return unknown("weight precision", precision, precision_names());
  const auto caches = cache_precision_names();
  if (std::find(caches.begin(), caches.end(), cache) == caches.end()) {
    return unknown("cache precision", cache, caches);
  }
  Numbers out;
  out.name = precision;
  out.cache = cache;
  out.cache_bytes = cache == "fp8" || cache == "int8" ? 1 : 2;
  out.peak_16bit = peak_of(device, {"bf16", "fp16"}).raw();
  if (out.peak_16bit <= 0) {
    return error(fmt::format("device {} has no bf16 or fp16 peak", device.id),
                 "name a device with peak_flop_per_s.bf16");
  }
  Storage use = *storage;
  if (precision == "fp4" && body.latent) {
    use.dense_bytes = latent_dense_bytes;
    use.dense = Compute::bits16;
  }
  if (precision == "int4" && body.routed()) use.dense_bytes = 2;
  // Python-hosted engines unpack mxfp4 to 16 bits unless the device multiplies fp4 itself
  if (precision == "mxfp4" && engine.host == Host::python && !device.peak.contains("fp4")) {
    use.experts = Compute::bits16;
  }
  const bool integer = precision == "int8";
  out.dense = format_on(device, use.dense_bytes, use.dense, integer);
  out.experts = format_on(device, use.expert_bytes, use.experts, integer);
  return out;
}

Replica replica_on(const hardware::Machine& machine, Body body, Numbers numbers, Engine engine,
                   std::int64_t tp, std::int64_t pp) {
  Replica out;
  out.body = body;
  out.numbers = std::move(numbers);
  out.engine = std::move(engine);
  out.tp = static_cast<double>(tp);
  out.pp = static_cast<double>(pp);
  out.memory_bandwidth = machine.memory_bandwidth.raw();
  out.memory = machine.memory.raw();
  out.crosses = tp > machine.scale_up_devices;
  out.link = (out.crosses ? machine.nic : machine.link).raw();
  out.stage_link = (tp * pp > machine.scale_up_devices ? machine.nic : machine.link).raw();
  return out;
}

}  // namespace scaleplan::serving
