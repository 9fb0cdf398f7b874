#include "plan/machines.hpp"

#include <algorithm>
#include <cmath>

namespace scaleplan::plan {

namespace {

constexpr std::size_t shortlist = 12;
constexpr int least_batch_power = 4 * 16;  // of the fourth root of two: 65,536 tokens
constexpr int most_batch_power = 4 * 28;   // 268 million
constexpr double most_rounding = 8;        // a batch is at least so many of the units that it is rounded to

std::int64_t largest_divisor_below(std::int64_t n, double limit) {
  std::int64_t best = 1;
  for (std::int64_t d = 1; d * d <= n; ++d) {
    if (n % d != 0) continue;
    for (std::int64_t divisor : {d, n / d}) {
      if (static_cast<double>(divisor) <= limit) best = std::max(best, divisor);
    }
  }
  return best;
}

training::AttentionKernel usual_kernel(const hardware::Device& device) {
  // cuDNN and FlashAttention 3 class kernels exist from Hopper on
  const bool recent = device.family == "hopper" || device.family == "blackwell";
  return recent ? training::AttentionKernel::cudnn : training::AttentionKernel::flash2;
}

}  // namespace

Machines::Machines(const Scenario& scenario, const Option& option, const training::Efficiency& efficiency)
    : scenario_(scenario), option_(option), efficiency_(efficiency) {
  for (const Limit& budget : scenario.budgets) {
    if (budget.quantity == "checkpoint_bytes") checkpoint_limit_ = budget.limit;
  }
  if (scenario.sites) sites_ = scenario.sites->count;
  effects_ = *training_effects(scenario);  // tried when the loss model was built
}

std::int64_t Machines::of_site(std::int64_t sequences) const {
  return std::max<std::int64_t>(1, sequences / sites_);
}

training::Job Machines::job(const model::Shape& shape, std::int64_t sequences) const {
  const FleetChoice& fleet = *scenario_.fleet;
  training::Job job;
  job.shape = shape;
  job.sequence_length = scenario_.data.sequence_length;
  job.global_batch = of_site(sequences);
  job.machine = option_.machine;
  job.machine.devices = std::max<std::int64_t>(1, option_.devices / sites_);
  job.memory_effects = effects_.memory;
  job.precision = option_.precision;
  job.optimizer = option_.optimizer;
  job.engine = fleet.engine;
  job.attention = fleet.attention.value_or(usual_kernel(option_.machine.device));
  training::apply_engine_defaults(job);
  return job;
}

// Every site sends and receives 2·(M − 1)/M copies of what it shares (ring all-reduce). Gradients hide behind
// the backward pass, two thirds of a step; differences of weights are exchanged after the local steps
// (arXiv:2311.08105), or streamed behind the next five (arXiv:2501.18512).
double Machines::exposed_between_sites(const model::Shape& shape, double step_s) const {
  if (sites_ == 1) return 0;
  const SitesChoice& sites = *scenario_.sites;
  const auto count = static_cast<double>(sites_);
  const auto params = static_cast<double>(model::count_parameters(shape).total);
  const Result<terms::Stacked> bytes =
      scenario_.techniques.apply("cross_site_bytes", 1, scenario_.technique_inputs);
  const double volume = 2 * params * sites.payload_bytes * (count - 1) / count * (bytes ? bytes->value : 1);
  const double seconds = volume / sites.bandwidth_bytes_per_s;
  if (sites.algorithm == "data-parallel") return std::max(0.0, seconds - 2 * step_s / 3);
  const double hidden = sites.algorithm == "streaming-diloco" ? 5 * step_s : 0;
  return std::max(0.0, seconds - hidden) / static_cast<double>(sites.local_steps);
}

Offer Machines::offer(const training::Job& job, std::int64_t sequences,
                      const training::RankedLayout& ranked) const {
  const FleetChoice& fleet = *scenario_.fleet;
  auto run = std::make_shared<Run>();
  run->cluster = option_.cluster->id;
  run->device = option_.machine.device.id;
  run->devices = option_.devices;
  run->precision = training::precision_name(option_.precision);
  run->optimizer = training::optimizer_name(option_.optimizer);
  run->power_cap_w = option_.power_cap_w;
  run->layout = ranked;
  run->sequences = of_site(sequences) * sites_;
  const training::StepTime& time = ranked.time;
  const double busy = time.micro_batches * (time.layer.compute() / std::max(time.layer.total(), 1e-300));
  const double compute_share = std::clamp(busy * time.stage_s * time.scale / time.step_s, 0.0, 1.0);
  run->step_s = effects_.step_time * time.step_s / option_.capped_speed(compute_share);
  run->site_exchange_s = exposed_between_sites(job.shape, run->step_s);
  run->step_s += run->site_exchange_s;
  run->checkpoint_bytes = training::checkpoint_bytes(job.shape, job.optimizer);
  training::Failures failures = fleet.failures;
  const auto devices = static_cast<double>(option_.devices);
  failures.checkpoint_stall_s =
      fleet.asynchronous_checkpoints
          ? training::asynchronous_stall_s(run->checkpoint_bytes, devices, fleet.host_bytes_per_s)
          : training::synchronous_stall_s(run->checkpoint_bytes, fleet.storage_bytes_per_s);
  if (fleet.asynchronous_checkpoints && fleet.storage_bytes_per_s > 0) {
    failures.checkpoint_write_s = run->checkpoint_bytes / fleet.storage_bytes_per_s;
  }
  run->goodput = training::goodput(failures, devices);
  run->goodput.fraction = 1 - effects_.failure_loss * (1 - run->goodput.fraction);
  run->goodput.repeated *= effects_.failure_loss;
  const double batch = static_cast<double>(run->sequences * job.sequence_length);
  const double flop = model::flop_per_token(job.shape, job.sequence_length).training.raw();
  const double seconds = run->step_s / (batch * run->goodput.fraction);
  run->watts = option_.watts(run->goodput.fraction, run->goodput.repeated);
  return {{flop, seconds, seconds * run->watts}, batch, std::move(run)};
}

Machines::OnShape::OnShape(const Machines& machines, const model::Shape& shape)
    : machines_(machines),
      layouts_(machines.job(shape, machines.sites_), machines.scenario_.fleet->layouts,
               machines.efficiency_) {}

std::optional<Offer> Machines::OnShape::offer(std::int64_t sequences, const training::RankedLayout& layout) {
  Offer out = machines_.offer(layouts_.job(), sequences, layout);
  const double limit = machines_.checkpoint_limit_;
  return limit > 0 && out.run->checkpoint_bytes > limit ? std::nullopt : std::optional(std::move(out));
}

std::optional<Offer> Machines::OnShape::search(std::int64_t sequences,
                                               std::vector<model::Layout>* runners_up) {
  const std::vector<training::RankedLayout> found =
      layouts_.find(machines_.of_site(sequences), runners_up != nullptr ? shortlist : 1);
  if (found.empty()) return std::nullopt;
  if (runners_up != nullptr) {
    for (const training::RankedLayout& ranked : found) runners_up->push_back(ranked.layout);
  }
  return offer(sequences, found.front());
}

std::optional<Offer> Machines::OnShape::among(std::int64_t sequences,
                                              std::span<const model::Layout> layouts) {
  const std::optional<training::RankedLayout> best = layouts_.among(machines_.of_site(sequences), layouts);
  return best ? offer(sequences, *best) : std::nullopt;
}

Machines::Judged Machines::judge(const model::Shape& shape, std::int64_t sequences,
                                 const model::Layout& layout) const {
  const training::Job work = job(shape, sequences);
  const training::Verdict verdict = training::judge(work, scenario_.fleet->layouts, efficiency_, layout);
  Judged out{verdict.reason, std::nullopt};
  if (verdict.evaluated) out.offer = offer(work, sequences, *verdict.evaluated);
  return out;
}

double Machines::time_sd() const {
  const bool sparse = scenario_.model.family.base.experts.experts > 1;
  return sparse ? efficiency_.moe_sd : std::hypot(efficiency_.between_sources, efficiency_.within_source);
}

TokenCost Machines::least_cost(double flop) const {
  model::Shape any;
  any.layers = any.hidden = any.heads = any.kv_heads = any.head_size = any.ffn = any.vocabulary = 1;
  const training::StepModel model(job(any, 1), efficiency_);
  const double rate = std::max(model.rates().peak_type, model.rates().flash);
  const double site = std::min(1.0, efficiency_.factor("site"));
  // the least draw is that of nodes that only wait; progress at the rate of large multiplications
  const double seconds = effects_.step_time * site * flop / (rate * static_cast<double>(option_.devices));
  return {flop, seconds, seconds * option_.watts(0, 0)};
}

double Machines::most_params() const {
  const FleetChoice& fleet = *scenario_.fleet;
  model::Shape any;
  const training::Job work = job(any, 1);
  const training::StateBytes bytes =
      training::state_bytes(work.precision, work.optimizer, work.engine, work.gradient_bytes);
  const training::MemoryEffects& effects = effects_.memory;
  double optimizer = std::min(bytes.optimizer, bytes.optimizer_tables);
  if (effects.moment_bytes) optimizer += *effects.moment_bytes - training::moment_bytes(work.optimizer);
  const double each = effects.all * (effects.weights * bytes.weights + bytes.gradients + optimizer);
  const double room = (1 - fleet.layouts.headroom) * option_.machine.memory.raw();
  const std::int64_t devices = option_.devices / sites_;
  return room * static_cast<double>(devices) / each;
}

std::int64_t Machines::sequences_near(double tokens) const {
  const auto sites = static_cast<double>(sites_);
  const double wanted = std::max(1.0, tokens / sites / static_cast<double>(scenario_.data.sequence_length));
  const std::int64_t unit =
      largest_divisor_below(option_.devices / sites_, std::max(1.0, wanted / most_rounding));
  return sites_ * unit * std::max<std::int64_t>(1, std::llround(wanted / static_cast<double>(unit)));
}

std::int64_t Machines::shared_by_all(double tokens) const {
  const auto each = static_cast<double>(option_.devices * scenario_.data.sequence_length);
  return option_.devices * std::max<std::int64_t>(1, std::llround(tokens / each));
}

std::vector<std::int64_t> Machines::batches() const {
  const auto length = static_cast<double>(scenario_.data.sequence_length);
  if (scenario_.pinned_batch) return {std::llround(scenario_.pinned_batch->value / length)};
  std::vector<std::int64_t> out;
  for (int k = least_batch_power; k <= most_batch_power; ++k) {
    const double tokens = std::exp2(k / 4.0);
    out.push_back(sequences_near(tokens));
    out.push_back(shared_by_all(tokens));
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace scaleplan::plan
