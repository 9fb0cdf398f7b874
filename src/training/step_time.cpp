#include "scaleplan/training/step_time.hpp"

#include <algorithm>
#include <cmath>

#include "scaleplan/hardware/collectives.hpp"
#include "training/kernels.hpp"

namespace scaleplan::training {
namespace {

constexpr double weight_bytes = 2;
constexpr double activation_bytes = 2;
constexpr double gather_launch_s = 3e-5;    // of a parameter gather, for each doubling of the group
constexpr double bucket_parameters = 40e6;  // gradients reduced in one call
constexpr double optimizer_bytes = 30;      // per parameter: states read and written, weights written
constexpr double unsharded_optimizer_bytes = 34;
constexpr double host_bytes_per_s = 20e9;  // of an offloading step over PCIe, nominal 32e9, unverified
constexpr double message_s = 1e-5;
constexpr double zero_bubble_share = 1.0 / 3;  // ZB1P (arXiv:2401.10241)
constexpr double reference_devices = 8;
constexpr double normal_95 = 1.6448536269514722;

double attention_parameters(const model::Shape& shape) {
  const double h = static_cast<double>(shape.hidden);
  const HeadWidths widths = head_widths(shape, 1);
  const model::Latent& latent = shape.latent;
  if (latent.kv_rank == 0) {
    return h * (2 * widths.score + 2 * static_cast<double>(shape.kv_heads * shape.head_size));
  }
  const double kv_rank = static_cast<double>(latent.kv_rank);
  const double q_rank = static_cast<double>(latent.q_rank);
  const double queries = q_rank > 0 ? q_rank * (h + widths.score) : h * widths.score;
  return queries + h * (kv_rank + static_cast<double>(latent.rope_size)) +
         kv_rank * (widths.heads * static_cast<double>(latent.nope_size) + widths.value) + widths.value * h;
}

double layers_with_experts(const model::Shape& shape) {
  const model::Experts& moe = shape.experts;
  const std::int64_t routed = moe.experts > 1 ? (shape.layers - moe.dense_layers) / moe.period : 0;
  return static_cast<double>(routed);
}

}  // namespace

// Parameters that collectives move, per device, and how many share the states.
struct StepModel::Traffic {
  double dense_layer = 0;
  double expert_layer = 0;
  double head = 0;
  double device = 0;  ///< all of a stage
  double stride = 1;  ///< between replicas, in devices
  double ranks = 1;   ///< replicas that reduce gradients
  double group = 1;   ///< of them, those that share states
};

StepModel::StepModel(Job job, const Efficiency& efficiency)
    : job_(std::move(job)), rates_(rates_of(job_, efficiency)) {
  share_ = {efficiency.factor("link"),        efficiency.factor("nic"),
            efficiency.factor("ring_step_s"), efficiency.factor("fsdp_overlap"),
            efficiency.factor("dp_overlap"),  efficiency.factor("p2p_exposed"),
            efficiency.factor("scale_loss"),  efficiency.factor("deepspeed_reduction"),
            efficiency.factor("site")};
  nominal_peak_ = peak_of(job_.machine.device, job_.precision).value().raw();
  model_flop_per_token_ = model::flop_per_token(job_.shape, job_.sequence_length).training.raw();
  const double sd = job_.shape.experts.experts > 1
                        ? efficiency.moe_sd
                        : std::hypot(efficiency.between_sources, efficiency.within_source);
  spread_ = std::exp(normal_95 * sd);
}

StepModel::Traffic StepModel::traffic(const model::Layout& layout) const {
  const model::Shape& shape = job_.shape;
  const double h = static_cast<double>(shape.hidden);
  const double tp = static_cast<double>(layout.tp);
  const double matrices = shape.gated ? 3 : 2;
  const double attention = attention_parameters(shape);
  Traffic out;
  out.dense_layer = (attention + matrices * h * static_cast<double>(shape.ffn)) / tp;
  const model::Experts& moe = shape.experts;
  const double with_experts = layers_with_experts(shape);
  if (with_experts > 0) {
    const double experts = static_cast<double>(moe.experts);
    out.expert_layer =
        (attention + h * experts + matrices * h * static_cast<double>(moe.shared_ffn)) / tp +
        matrices * h * static_cast<double>(moe.expert_ffn) * experts / static_cast<double>(layout.ep);
  }
  out.head = static_cast<double>(shape.vocabulary) * h / tp;
  const double layers = static_cast<double>(shape.layers);
  const double tables = layout.pp == 1 && !shape.tied ? 2 : 1;
  out.device = ((layers - with_experts) * out.dense_layer + with_experts * out.expert_layer) /
                   static_cast<double>(layout.pp) +
               tables * out.head;
  out.stride = tp;
  out.ranks = static_cast<double>(layout.dp * layout.cp);
  out.group = static_cast<double>(layout.state_group());
  return out;
}

// What gathers and scatters of ZeRO-3 add to `behind_s` of computation.
double StepModel::gathers_s(const Traffic& traffic, double parameters, double behind_s, double micro_batches,
                            bool latency) const {
  const double n = traffic.group;
  if (n <= 1) {
    return 0;
  }
  const double bandwidth = job_.engine == Engine::deepspeed_zero3
                               ? job_.machine.nic.raw() * share_.nic
                               : group_bandwidth(n, traffic.stride, traffic.stride > 1 ? 1 : 0);
  const double bytes = job_.reshard ? 2 * weight_bytes + job_.gradient_bytes
                                    : (weight_bytes + job_.gradient_bytes) / micro_batches;
  const double cost =
      (n - 1) / n * parameters * bytes / bandwidth + (latency ? gather_launch_s * std::log2(n) : 0);
  return cost - share_.fsdp_overlap * std::min(cost, behind_s);
}

// What reducing gradients (and gathering updated weights) adds to the backward pass of the last micro-batch.
double StepModel::reduction_s(const model::Layout& layout, const Traffic& traffic, double behind_s) const {
  const double n = traffic.ranks;
  const double group = traffic.group;
  double cost = 0;
  if (layout.zero == 3) {
    const double replicas = n / group;
    if (replicas <= 1) {
      return 0;
    }
    cost = 2 * (replicas - 1) / replicas * traffic.device / group * job_.gradient_bytes /
           group_bandwidth(replicas, traffic.stride * group);
  } else if (n > 1) {
    const double bandwidth = group_bandwidth(n, traffic.stride);
    const double around = (n - 1) / n * traffic.device / bandwidth;
    const double buckets = std::ceil(traffic.device / bucket_parameters) * share_.step_s;
    if (layout.zero == 0) {
      cost = around * 2 * job_.gradient_bytes + buckets * 2 * std::log2(n);
    } else if (group >= n) {
      cost = around * (job_.gradient_bytes + weight_bytes) + buckets * 2 * (n - 1);
    } else {
      cost = around * 2 * job_.gradient_bytes +
             (group - 1) / group * traffic.device * weight_bytes / group_bandwidth(group, traffic.stride) +
             buckets * (2 * std::log2(n) + group);
    }
  }
  if (job_.engine == Engine::megatron_deepspeed) {
    return share_.reduction * cost;
  }
  return job_.dp_overlap ? cost - share_.dp_overlap * std::min(cost, behind_s) : cost;
}

double StepModel::optimizer_s(const model::Layout& layout, const Traffic& traffic) const {
  const double sharded = layout.zero == 0 ? 1 : traffic.group;
  const double bytes = sharded > 1 ? optimizer_bytes : unsharded_optimizer_bytes;
  const double parameters = traffic.device / sharded;
  // gradients go down to the host and weights come back
  const double offloaded =
      job_.offload_optimizer ? parameters * (job_.gradient_bytes + weight_bytes) / host_bytes_per_s : 0;
  return bytes * parameters / rates_.memory + offloaded;
}

void StepModel::add_pipeline(const model::Layout& layout, const LayerTime& dense, const LayerTime& experts,
                             StepTime& out) const {
  const double layers = static_cast<double>(job_.shape.layers);
  const double expert_layers = layers_with_experts(job_.shape);
  const double pp = static_cast<double>(layout.pp);
  out.layer = expert_layers > 0 ? experts : dense;
  const double all_layers = (layers - expert_layers) * dense.total() + expert_layers * experts.total();
  const double heaviest = layers > expert_layers ? std::max(dense.total(), experts.total()) : experts.total();
  const double least_layers = std::floor(layers / pp);
  if (layout.pp == 1) {
    out.stage_s = all_layers + out.head_s;
    return;
  }
  out.stage_s = job_.balanced_stages ? std::max((all_layers + out.head_s) / pp, heaviest)
                                     : std::max(std::ceil(layers / pp) * heaviest,
                                                least_layers * out.layer.total() + out.head_s);
  const double v = static_cast<double>(layout.interleave);
  const double message = activation_bytes * static_cast<double>(layout.micro_batch * job_.sequence_length) /
                         static_cast<double>(layout.cp) * static_cast<double>(job_.shape.hidden);
  const bool cut = job_.scatter_gather || layout.sequence_parallel;
  const double bytes = message / (cut ? static_cast<double>(layout.tp) : 1) /
                       (job_.p2p_overlap || layout.interleave > 1 ? 2 : 1);
  out.p2p_s = 2 * share_.p2p_exposed * v *
              hardware::point_to_point_s(bytes, job_.machine.nic.raw() * share_.nic, message_s);
  const double fill = (all_layers + out.head_s - out.stage_s) / v + (pp - 1) * out.p2p_s / v;
  out.bubble_s = fill * (job_.schedule == Schedule::zero_bubble ? zero_bubble_share : 1);
}

double StepModel::least_step_s(const model::Layout& layout, const MicroBatchTime& times) const {
  StepTime out;
  out.micro_batches = micro_batches(layout);
  out.head_s = times.head_s;
  add_pipeline(layout, times.dense, times.experts, out);
  return scale() * (out.micro_batches * (out.stage_s + out.p2p_s) + out.bubble_s);
}

StepTime StepModel::step(const model::Layout& layout, const MicroBatchTime& times) const {
  const Traffic moved = traffic(layout);
  const double layers = static_cast<double>(job_.shape.layers);
  const double expert_layers = layers_with_experts(job_.shape);
  const double pp = static_cast<double>(layout.pp);
  StepTime out;
  out.micro_batches = micro_batches(layout);
  LayerTime dense = times.dense;
  LayerTime experts = times.experts;
  out.head_s = times.head_s;
  if (layout.zero == 3) {
    dense.fsdp_s = gathers_s(moved, moved.dense_layer, dense.total(), out.micro_batches, true);
    experts.fsdp_s = gathers_s(moved, moved.expert_layer, experts.total(), out.micro_batches, true);
    out.head_s += gathers_s(moved, moved.head, out.head_s, out.micro_batches, false);
  }
  if (layout.zero != 3) {
    // every micro-batch but the first reads and writes the sums; ZeRO-3 keeps a shard of them
    const double share = 2 * job_.gradient_bytes / rates_.memory * (1 - 1 / out.micro_batches);
    dense.accumulate_s = share * moved.dense_layer;
    experts.accumulate_s = share * moved.expert_layer;
  }
  add_pipeline(layout, dense, experts, out);
  const double compute =
      ((layers - expert_layers) * dense.compute() + expert_layers * experts.compute()) / pp;
  out.dp_s = reduction_s(layout, moved, compute);
  out.optimizer_s = optimizer_s(layout, moved);
  return finish(out);
}

double StepModel::micro_batches(const model::Layout& layout) const {
  return std::max(
      1.0, static_cast<double>(job_.global_batch) / static_cast<double>(layout.dp * layout.micro_batch));
}

double StepModel::scale() const {
  const double devices = static_cast<double>(job_.machine.devices);
  return share_.site * (1 + share_.scale_loss * std::max(0.0, std::log2(devices / reference_devices)));
}

StepTime StepModel::finish(StepTime out) const {
  out.scale = scale();
  out.step_s =
      out.scale * (out.micro_batches * (out.stage_s + out.p2p_s) + out.bubble_s + out.dp_s + out.optimizer_s);
  const double tokens = static_cast<double>(job_.global_batch * job_.sequence_length);
  out.tokens_per_s = tokens / out.step_s;
  out.mfu =
      model_flop_per_token_ * out.tokens_per_s / (static_cast<double>(job_.machine.devices) * nominal_peak_);
  out.interval_low_s = out.step_s / spread_;
  out.interval_high_s = out.step_s * spread_;
  return out;
}

StepTime step_time(const Job& job, const model::Layout& layout, const Efficiency& efficiency) {
  const StepModel model(job, efficiency);
  return model.step(layout, model.micro_batch(layout));
}

}  // namespace scaleplan::training
