#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "scaleplan/base/quantity.hpp"
#include "scaleplan/base/result.hpp"
#include "scaleplan/hardware/machine.hpp"
#include "scaleplan/model/shape.hpp"

namespace scaleplan::training {

/// Type of the layers' matrix multiplications; attention and the head stay at 16 bits.
enum class Precision : std::uint8_t { bf16, fp16, fp8, fp4, fp32 };
enum class Optimizer : std::uint8_t { adamw, adamw_8bit, adamw_bf16, adafactor, lion, sgd, muon };
/// Core attention: scores in memory; FlashAttention 1/2 and Triton; cuDNN and FlashAttention 3 class.
enum class AttentionKernel : std::uint8_t { unfused, flash2, cudnn };
/// What runs the job; decides overlap, balancing and which parallelisms exist.
enum class Engine : std::uint8_t { megatron, megatron_2021, megatron_deepspeed, fsdp, deepspeed_zero3, xla };
enum class Schedule : std::uint8_t { gpipe, one_f_one_b, zero_bubble };
/// How ranks of a context-parallel group see each other's keys and values: passed round behind the attention
/// (arXiv:2310.01889), gathered before it, or heads exchanged for tokens (arXiv:2309.14509).
enum class ContextExchange : std::uint8_t { ring, all_gather, all_to_all };

std::string_view precision_name(Precision precision);
std::string_view optimizer_name(Optimizer optimizer);
std::string_view attention_name(AttentionKernel kernel);
std::string_view engine_name(Engine engine);
std::string_view schedule_name(Schedule schedule);
std::string_view context_exchange_name(ContextExchange exchange);
/// The inverse; an unknown name is an error with the nearest known.
Result<Precision> find_precision(std::string_view name);
Result<Optimizer> find_optimizer(std::string_view name);
Result<AttentionKernel> find_attention(std::string_view name);
Result<Engine> find_engine(std::string_view name);
Result<Schedule> find_schedule(std::string_view name);
Result<ContextExchange> find_context_exchange(std::string_view name);

/// What techniques make of a device's memory, against what engine and optimiser take.
struct MemoryEffects {
  double weights = 1;                       ///< factor on bytes of weights
  std::optional<double> moment_bytes = {};  ///< per parameter, of the optimiser beside its master copy
  double activations = 1;                   ///< factor on what is kept for the backward pass
  double all = 1;                           ///< factor on states and activations together
};

/// One optimiser step of one model on one machine: what is computed, by which software; how it is cut is the
/// Layout. What a user does not state has these defaults, and the answer says so.
struct Job {
  model::Shape shape;
  std::int64_t sequence_length = 0;  ///< tokens
  std::int64_t global_batch = 0;     ///< sequences per optimiser step
  hardware::Machine machine;
  Precision precision = Precision::bf16;
  Optimizer optimizer = Optimizer::adamw;
  AttentionKernel attention = AttentionKernel::flash2;
  Engine engine = Engine::megatron;
  Schedule schedule = Schedule::one_f_one_b;
  ContextExchange context_exchange = ContextExchange::ring;
  double gradient_bytes = 4;  ///< per parameter, as accumulated and reduced: 2 or 4
  bool dropout = false;
  bool tp_overlap = false;         ///< tensor-parallel traffic behind the matrix multiplications
  bool dp_overlap = true;          ///< gradient traffic behind the backward pass
  bool p2p_overlap = false;        ///< pipeline messages behind other micro-batches
  bool scatter_gather = true;      ///< pipeline messages cut by tp
  bool fused_elementwise = true;   ///< norms, activations and residuals compiled, or in kernels of their own
  bool balanced_stages = false;    ///< embedding and head count as layers when stages are cut
  bool offload_optimizer = false;  ///< states on the host
  bool reshard = true;             ///< ZeRO-3: gather again in the backward pass and per micro-batch
  MemoryEffects memory_effects = {};
};

/// Sets what the engine decides (overlaps, balancing, gradient bytes) as it ships.
void apply_engine_defaults(Job& job);

/// Dense peak of the precision on the job's device; 16-bit types stand in for each other, fp32 for tf32's
/// absence. None: the device lacks the type.
std::optional<FlopPerSecond> peak_of(const hardware::Device& device, Precision precision);

/// What no layout can mend ("a100-sxm-80 has no fp8 peak"), or empty.
std::string defect(const Job& job);

}  // namespace scaleplan::training
