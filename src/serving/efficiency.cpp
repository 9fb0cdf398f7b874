#include "scaleplan/serving/efficiency.hpp"

#include <array>

#include "scaleplan/json/reader.hpp"

namespace scaleplan::serving {

std::span<const ConstantInfo> constant_table() {
  using C = Constants;
  static constexpr std::array<ConstantInfo, 24> table{{
      {"weight_read", &C::weight_read, true, 0.5, 1},
      {"gemm_16bit", &C::gemm_16bit, true, 0.3, 1},
      {"gemm_8bit", &C::gemm_8bit, true, 0.2, 1},
      {"gemm_4bit", &C::gemm_4bit, true, 0.1, 1},
      {"expert_gemm", &C::expert_gemm, true, 0.2, 1},
      {"expert_spread", &C::expert_spread, true, 1, 5},
      {"layer_classic_s", &C::layer_classic_s, true, 1e-6, 80e-6},
      {"layer_current_s", &C::layer_current_s, true, 1e-6, 200e-6},
      {"moe_layer_s", &C::moe_layer_s, true, 1e-6, 300e-6},
      {"sequence_python_s", &C::sequence_python_s, true, 1e-7, 100e-6},
      {"sequence_compiled_s", &C::sequence_compiled_s, false, 0, 1},
      {"pass_s", &C::pass_s, false, 0, 1},
      {"cache_read", &C::cache_read, false, 0, 1},
      {"link_share", &C::link_share, false, 0, 1},
      {"link_latency_s", &C::link_latency_s, false, 0, 1},
      {"network_latency_s", &C::network_latency_s, false, 0, 1},
      {"attention", &C::attention, false, 0, 1},
      {"reserve_bytes", &C::reserve_bytes, false, 0, 1e12},
      {"memory_reserve", &C::memory_reserve, false, 0, 1},
      {"memory_live", &C::memory_live, false, 0, 1},
      {"queue_open", &C::queue_open, false, 1, 10},
      {"queue_closed", &C::queue_closed, false, 1, 10},
      {"queue_client", &C::queue_client, false, 0, 10},
      {"power_base", &C::power_base, false, 0, 1},
  }};
  return table;
}

}  // namespace scaleplan::serving
