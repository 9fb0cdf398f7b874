#include <algorithm>
#include <tuple>

#include "training/search.hpp"

namespace scaleplan::training {
namespace {

constexpr std::size_t recompute_kinds = 4;
constexpr double rounding = 1e-9;  // a bound is a sum in another order than the step time

double expert_layers(const model::Shape& shape) {
  const Weights weights(shape);
  return static_cast<double>(weights.expert_layers(weights.layers));
}

}  // namespace

const char* pruned_reason(Pruned kind) {
  switch (kind) {
    case Pruned::same_sharding:
      return "the same as ZeRO-0: one replica shares nothing";
    case Pruned::same_recompute:
      return "the same as no recomputation: a fused attention kernel keeps no scores";
    case Pruned::states:
      return "weights, gradients and optimiser states alone exceed the memory";
    case Pruned::memory:
      return "activations exceed the memory that states leave";
    case Pruned::bound:
      return "slower than a layout of no more memory, even without bubble and gradient traffic";
  }
  return "";
}

double capacity_bytes(const Job& job, const LayoutSpace& space) {
  return job.machine.memory.raw() * (1 - space.headroom);
}

bool Front::covers(double step_s, double safe) const {
  const auto after = std::upper_bound(members_.begin(), members_.end(), step_s,
                                      [](double s, const Candidate& member) { return s < member.step_s; });
  return after != members_.begin() && std::prev(after)->safe <= safe;
}

void Front::add(const Candidate& candidate) {
  const auto place = std::lower_bound(
      members_.begin(), members_.end(), candidate, [](const Candidate& a, const Candidate& b) {
        return std::tie(a.step_s, a.safe, a.layout) < std::tie(b.step_s, b.safe, b.layout);
      });
  if (place != members_.begin() && std::prev(place)->safe <= candidate.safe) return;
  auto last = place;
  while (last != members_.end() && last->safe >= candidate.safe) ++last;
  members_.insert(members_.erase(place, last), candidate);
}

CutSearch::CutSearch(const Job& job, const LayoutSpace& space, const MemoryModel& memory,
                     const StepModel* steps, std::size_t top)
    : job_(&job),
      space_(&space),
      memory_(&memory),
      steps_(steps),
      top_(top),
      capacity_(capacity_bytes(job, space)),
      expert_layers_(expert_layers(job.shape)),
      micro_batches_(divisors(job.global_batch)),
      times_(micro_batches_.size() * recompute_kinds * 2) {}

const MicroBatchTime& CutSearch::times(const model::Layout& layout) {
  const auto found = std::lower_bound(micro_batches_.begin(), micro_batches_.end(), layout.micro_batch);
  const auto batch = static_cast<std::size_t>(found - micro_batches_.begin());
  const std::size_t kind =
      static_cast<std::size_t>(layout.recompute) * 2 + (layout.sequence_parallel ? 1 : 0);
  std::optional<MicroBatchTime>& slot = times_[batch * recompute_kinds * 2 + kind];
  if (!slot) slot = steps_->micro_batch(layout);
  return *slot;
}

/// Least time of every layout that shares its micro-batch, filled at the first that fits.
struct CutSearch::Bound {
  const MicroBatchTime* times = nullptr;
  double unscaled_s = 0;
};

void CutSearch::add(const model::Layout& cut) {
  const Choices open = choices(*job_, *space_, cut);
  legal += open.count();
  if (open.count() == 0) return;
  stages_ = memory_->stages(cut.pp);
  states_.clear();
  out_.clear();
  for (const Choices::Sharding& sharding : open.sharding) {
    model::Layout layout = cut;
    layout.zero = sharding.zero;
    layout.zero_group = sharding.group;
    std::vector<StageMemory> held;
    bool fits = true;
    for (const std::int64_t stage : stages_) {
      held.push_back(memory_->states(layout, stage));
      fits = fits && safe_bytes(held.back()) <= capacity_;
    }
    states_.push_back(std::move(held));
    const bool same = same_as_unsharded(*job_, open, cut, sharding.zero);
    out_.push_back(same    ? std::optional(Pruned::same_sharding)
                   : !fits ? std::optional(Pruned::states)
                           : std::nullopt);
  }
  for (const bool parallel : open.sequence_parallel) {
    for (const model::Recompute recompute : open.recompute) {
      if (same_as_no_recompute(*job_, open, recompute)) {
        pruned[static_cast<std::size_t>(Pruned::same_recompute)] +=
            static_cast<std::int64_t>(open.batching.size() * open.sharding.size());
        continue;
      }
      model::Layout layout = cut;
      layout.sequence_parallel = parallel;
      layout.recompute = recompute;
      for (const Choices::Batching& batching : open.batching) {
        layout.interleave = batching.interleave;
        layout.micro_batch = batching.micro_batch;
        add_batching(layout, open);
      }
    }
  }
}

void CutSearch::add_batching(const model::Layout& layout, const Choices& choices) {
  std::vector<StageMemory> activations;
  activations.reserve(stages_.size());
  for (const std::int64_t stage : stages_) activations.push_back(memory_->activations(layout, stage));
  Candidate candidate{0, 0, layout};
  Bound bound;
  for (std::size_t z = 0; z < choices.sharding.size(); ++z) {
    candidate.layout.zero = choices.sharding[z].zero;
    candidate.layout.zero_group = choices.sharding[z].group;
    candidate.safe = 0;
    for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
      candidate.safe = std::max(candidate.safe, safe_bytes(states_[z][stage] + activations[stage]));
    }
    if (!least || candidate.smaller(*least)) least = candidate;
    const std::optional<Pruned> why = out_[z]                      ? out_[z]
                                      : candidate.safe > capacity_ ? std::optional(Pruned::memory)
                                                                   : std::nullopt;
    if (why) {
      ++pruned[static_cast<std::size_t>(*why)];
      continue;
    }
    if (steps_ == nullptr) continue;
    if (bound.times == nullptr) {
      bound.times = &times(layout);
      const double micro_batches =
          static_cast<double>(job_->global_batch) / static_cast<double>(layout.dp * layout.micro_batch);
      const double layers_s =
          (static_cast<double>(job_->shape.layers) - expert_layers_) * bound.times->dense.total() +
          expert_layers_ * bound.times->experts.total();
      bound.unscaled_s =
          (1 - rounding) * micro_batches * (layers_s + bound.times->head_s) / static_cast<double>(layout.pp);
    }
    evaluate(candidate, bound);
  }
}

void CutSearch::evaluate(const Candidate& candidate, const Bound& bound) {
  const double least_s = scale_ * bound.unscaled_s;
  if (best.size() == top_ && least_s > best.back().step_s && front.covers(least_s, candidate.safe)) {
    ++pruned[static_cast<std::size_t>(Pruned::bound)];
    return;
  }
  ++evaluated;
  Candidate timed = candidate;
  const StepTime time = steps_->step(candidate.layout, *bound.times);
  timed.step_s = time.step_s;
  scale_ = time.scale;
  front.add(timed);
  if (best.size() == top_ && !timed.faster(best.back())) return;
  if (best.size() == top_) best.pop_back();
  best.insert(std::upper_bound(best.begin(), best.end(), timed,
                               [](const Candidate& a, const Candidate& b) { return a.faster(b); }),
              timed);
}

}  // namespace scaleplan::training
