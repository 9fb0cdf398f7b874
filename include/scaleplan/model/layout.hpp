#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "scaleplan/json/value.hpp"

#include "scaleplan/base/result.hpp"

namespace scaleplan::model {

/// What the backward pass computes again instead of keeping: nothing; the core attention (arXiv:2205.05198);
/// about half of the operators, chosen one by one; whole layers.
enum class Recompute : std::uint8_t { none, selective, operators, full };
std::string_view recompute_name(Recompute recompute);
/// The inverse; an unknown name is an error with the nearest known.
Result<Recompute> find_recompute(std::string_view name);

/// How one model replica is cut over devices, and how replicas share states. Degrees are ≥ 1 and multiply to
/// the device count: tp·pp·cp·dp. Expert parallelism reuses the devices of dp·cp·tp of one stage.
struct Layout {
  std::int64_t tp = 1;  ///< tensor
  std::int64_t pp = 1;  ///< pipeline stages
  std::int64_t cp = 1;  ///< context
  std::int64_t ep = 1;  ///< expert; divides dp·cp·tp
  std::int64_t dp = 1;  ///< data replicas
  int zero = 0;         ///< 0 plain, 1 optimiser states, 2 and gradients, 3 and weights (FSDP) sharded
  std::int64_t zero_group = 0;   ///< devices that share the states; 0: all dp·cp (HSDP, MiCS: fewer)
  std::int64_t micro_batch = 1;  ///< sequences
  std::int64_t interleave = 1;   ///< virtual stages per device
  Recompute recompute = Recompute::none;
  bool sequence_parallel = false;

  [[nodiscard]] std::int64_t devices() const { return tp * pp * cp * dp; }
  [[nodiscard]] std::int64_t state_group() const { return zero_group > 0 ? zero_group : dp * cp; }
  auto operator<=>(const Layout&) const = default;  // NOLINT(modernize-use-nullptr)
};

/// "tp8 pp12 dp4 mbs4 zero1 full", degrees of one left out.
std::string to_text(const Layout& layout);
/// What `to_text` prints, in any order; without dp, what `devices` leave.
Result<Layout> parse_layout(std::string_view text, std::int64_t devices);

/// Every field under its name, and `text`.
json::Value layout_to_json(const Layout& layout);

/// How one serving replica is cut, and how many there are.
struct Deployment {
  std::string device;
  std::int64_t tp = 1;
  std::int64_t pp = 1;
  std::int64_t ep = 1;
  std::int64_t replicas = 1;
  std::string weight_precision = "bf16";
  std::string kv_precision = "bf16";
  std::int64_t batch = 1;  ///< most sequences decoded together in a replica
  auto operator<=>(const Deployment&) const = default;
};

}  // namespace scaleplan::model
