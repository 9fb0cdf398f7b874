#include "scaleplan/training/fastest.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <queue>
#include <tuple>

#include "training/search.hpp"

namespace scaleplan::training {

namespace {

constexpr std::size_t kinds_of_passes = 8;  // recomputations, with and without sequence parallelism
constexpr double rounding = 1e-9;           // a bound is a sum in another order than the step time
// Larger micro-batches fill tiles and hide latencies better: a sequence costs least in the largest.
constexpr std::int64_t largest_micro_batch = std::int64_t{1} << 24;
constexpr double largest_miss = 1e-5;  // of its cost from the limit

double expert_layers_of(const model::Shape& shape) {
  const Weights weights(shape);
  return static_cast<double>(weights.expert_layers(weights.layers));
}

/// Recomputation and sequence parallelism.
std::size_t kind_of(const model::Layout& layout) {
  return static_cast<std::size_t>(layout.recompute) * 2 + (layout.sequence_parallel ? 1 : 0);
}

/// Layouts that share a cut of the devices.
struct Cut {
  model::Layout layout;
  bool ready = false;
  Choices choices;                               ///< without batching
  std::vector<std::int64_t> interleave;          ///< that divide a stage's layers
  std::vector<std::int64_t> stages;              ///< that can hold most
  std::vector<std::size_t> sharding;             ///< of the choices, whose states fit
  std::vector<std::vector<StageMemory>> states;  ///< by `sharding` and stage
  std::vector<StageMemory> least_states;         ///< by stage, of any sharding
  /// By stage: what one sequence of a micro-batch adds, of one micro-batch in flight.
  std::array<std::vector<StageMemory>, kinds_of_passes> per_sequence;
};

/// Cuts that share tp, cp and ep, and what their micro-batches take.
struct Group {
  std::vector<Cut> cuts;
  double bound = 0;  ///< as an entry's, of any micro-batch
  std::map<std::int64_t, std::array<std::optional<MicroBatchTime>, kinds_of_passes>> times;
};

/// A micro-batch of a group, or all of them (0), by the least time that one takes of a device for each
/// sequence.
struct Entry {
  double bound = 0;
  std::size_t group = 0;
  std::int64_t micro_batch = 0;

  // the least first in a priority queue
  bool operator<(const Entry& other) const {
    return std::tie(other.bound, other.group, other.micro_batch) < std::tie(bound, group, micro_batch);
  }
};
using Queue = std::priority_queue<Entry>;

}  // namespace

struct FastestLayouts::State {
  State(Job j, const LayoutSpace& s, const Efficiency& efficiency)
      : job(std::move(j)),
        space(s),
        memory(job),
        steps(job, efficiency),
        capacity(capacity_bytes(job, s)),
        expert_layers(expert_layers_of(job.shape)) {
    for (Cuts& cuts : legal_cuts(job, space)) {
      Group& group = groups.emplace_back();
      for (const model::Layout& cut : cuts) group.cuts.emplace_back().layout = cut;
      const model::Layout whole = fastest_passes(group, largest_micro_batch);
      group.bound = (1 - largest_miss) * bound(steps.micro_batch(whole), whole);
    }
  }

  // nothing is faster than no recomputation and, with tensor parallelism, sequence parallelism
  static model::Layout fastest_passes(const Group& group, std::int64_t micro_batch) {
    model::Layout layout = group.cuts.front().layout;
    layout.sequence_parallel = layout.tp > 1;
    layout.micro_batch = micro_batch;
    return layout;
  }

  void set_batch(std::int64_t sequences) {
    job.global_batch = sequences;
    steps.set_global_batch(sequences);
  }
  void prepare(Cut& cut) const;
  bool may_fit(Cut& cut, const model::Layout& layout);
  bool may_fit(Group& group, std::int64_t micro_batch);
  const MicroBatchTime& times(Group& group, const model::Layout& layout);
  double bound(const MicroBatchTime& times, const model::Layout& layout) const;
  void expand(std::size_t group, Queue& queue);
  void try_entry(const Entry& entry, std::size_t top);
  void try_cut(Cut& cut, model::Layout layout, const MicroBatchTime& times, std::size_t top);
  double safe_of(const Cut& cut, std::size_t which) const;
  [[nodiscard]] double slowest(std::size_t top) const {
    return best.size() == top ? best.back().step_s : HUGE_VAL;
  }
  /// Of a layout with a legal cut.
  StepTime step(const model::Layout& layout);

  Job job;
  const LayoutSpace& space;
  MemoryModel memory;
  StepModel steps;
  double capacity;
  double expert_layers;
  std::vector<Group> groups;
  std::vector<Candidate> best;           // of the present search, fastest first
  std::vector<StageMemory> activations;  // of the layouts at hand, by stage of their cut
};

// Choices ask the rules, and these the batch: it must be one that the replicas share out.
void FastestLayouts::State::prepare(Cut& cut) const {
  cut.ready = true;
  cut.choices = choices_of_cut(job, space, cut.layout);
  if (cut.choices.sequence_parallel.empty()) return;
  const std::int64_t each = (job.shape.layers + cut.layout.pp - 1) / cut.layout.pp;
  for (const std::int64_t interleave : divisors(each)) {
    if (is_open(space.interleave, interleave)) cut.interleave.push_back(interleave);
  }
  cut.stages = memory.stages(cut.layout.pp);
  for (std::size_t z = 0; z < cut.choices.sharding.size(); ++z) {
    model::Layout layout = cut.layout;
    layout.zero = cut.choices.sharding[z].zero;
    layout.zero_group = cut.choices.sharding[z].group;
    if (same_as_unsharded(job, cut.choices, cut.layout, layout.zero)) continue;
    std::vector<StageMemory> held;
    bool fits = true;
    for (const std::int64_t stage : cut.stages) {
      held.push_back(memory.states(layout, stage));
      fits = fits && safe_bytes(held.back()) <= capacity;
    }
    if (!fits) continue;
    if (cut.least_states.empty()) cut.least_states = held;
    for (std::size_t s = 0; s < held.size(); ++s) {
      if (safe_bytes(held[s]) < safe_bytes(cut.least_states[s])) cut.least_states[s] = held[s];
    }
    cut.sharding.push_back(z);
    cut.states.push_back(std::move(held));
  }
}

// Activations grow in proportion to the micro-batch, and virtual stages add to them.
bool FastestLayouts::State::may_fit(Cut& cut, const model::Layout& layout) {
  std::vector<StageMemory>& each = cut.per_sequence[kind_of(layout)];
  if (each.empty()) {
    model::Layout one = layout;
    one.micro_batch = 1;
    for (const std::int64_t stage : cut.stages) {
      each.push_back(memory.activations(one, stage));
      each.back().activations /= memory.in_flight(one, stage);
    }
  }
  const auto sequences = static_cast<double>(layout.micro_batch);
  for (std::size_t s = 0; s < cut.stages.size(); ++s) {
    StageMemory all;
    all.activations = sequences * memory.in_flight(layout, cut.stages[s]) * each[s].activations;
    all.working = sequences * (each[s].working + each[s].logits);
    if ((1 - rounding) * safe_bytes(cut.least_states[s] + all) > capacity) return false;
  }
  return true;
}

bool FastestLayouts::State::may_fit(Group& group, std::int64_t micro_batch) {
  return std::any_of(group.cuts.begin(), group.cuts.end(), [&](Cut& cut) {
    if (job.global_batch % (cut.layout.dp * micro_batch) != 0) return false;
    if (!cut.ready) prepare(cut);
    if (cut.sharding.empty()) return false;
    model::Layout layout = cut.layout;
    layout.micro_batch = micro_batch;
    return std::any_of(cut.choices.sequence_parallel.begin(), cut.choices.sequence_parallel.end(),
                       [&](bool parallel) {
                         layout.sequence_parallel = parallel;
                         return std::any_of(cut.choices.recompute.rbegin(), cut.choices.recompute.rend(),
                                            [&](model::Recompute recompute) {
                                              layout.recompute = recompute;
                                              return may_fit(cut, layout);
                                            });
                       });
  });
}

const MicroBatchTime& FastestLayouts::State::times(Group& group, const model::Layout& layout) {
  std::optional<MicroBatchTime>& slot = group.times[layout.micro_batch][kind_of(layout)];
  if (!slot) slot = steps.micro_batch(layout);
  return *slot;
}

// Seconds of a device for each sequence, without bubbles and traffic of replicas.
double FastestLayouts::State::bound(const MicroBatchTime& times, const model::Layout& layout) const {
  const double layers_s = (static_cast<double>(job.shape.layers) - expert_layers) * times.dense.total() +
                          expert_layers * times.experts.total();
  return (1 - rounding) * (layers_s + times.head_s) * static_cast<double>(layout.tp * layout.cp) /
         static_cast<double>(layout.micro_batch);
}

void FastestLayouts::State::expand(std::size_t g, Queue& queue) {
  Group& group = groups[g];
  std::int64_t least = 0;  // replicas that share the batch
  for (const Cut& cut : group.cuts) {
    const std::int64_t dp = cut.layout.dp;
    if (job.global_batch % dp == 0 && (least == 0 || dp < least)) least = dp;
  }
  if (least == 0) return;
  for (const std::int64_t micro_batch : divisors(job.global_batch / least)) {
    if (!is_open(space.micro_batch, micro_batch) || !may_fit(group, micro_batch)) continue;
    const model::Layout layout = fastest_passes(group, micro_batch);
    queue.push({bound(times(group, layout), layout), g, micro_batch});
  }
}

double FastestLayouts::State::safe_of(const Cut& cut, std::size_t which) const {
  double safe = 0;
  for (std::size_t s = 0; s < cut.stages.size(); ++s) {
    safe = std::max(safe, safe_bytes(cut.states[which][s] + activations[s]));
  }
  return safe;
}

void FastestLayouts::State::try_cut(Cut& cut, model::Layout layout, const MicroBatchTime& times,
                                    std::size_t top) {
  for (const std::int64_t interleave : cut.interleave) {
    layout.interleave = interleave;
    if (steps.least_step_s(layout, times) * (1 - rounding) > slowest(top)) continue;
    layout.zero = cut.choices.sharding.front().zero;
    layout.zero_group = cut.choices.sharding.front().group;
    if (!keeps_schedule_rules(job, layout)) continue;
    activations.clear();
    for (const std::int64_t stage : cut.stages) activations.push_back(memory.activations(layout, stage));
    for (std::size_t i = 0; i < cut.sharding.size(); ++i) {
      Candidate candidate{0, safe_of(cut, i), layout};
      if (candidate.safe > capacity) continue;
      candidate.layout.zero = cut.choices.sharding[cut.sharding[i]].zero;
      candidate.layout.zero_group = cut.choices.sharding[cut.sharding[i]].group;
      candidate.step_s = steps.step(candidate.layout, times).step_s;
      if (best.size() == top && !candidate.faster(best.back())) continue;
      if (best.size() == top) best.pop_back();
      best.insert(std::upper_bound(best.begin(), best.end(), candidate,
                                   [](const Candidate& a, const Candidate& b) { return a.faster(b); }),
                  candidate);
    }
  }
}

void FastestLayouts::State::try_entry(const Entry& entry, std::size_t top) {
  Group& group = groups[entry.group];
  const double share =
      steps.scale() * static_cast<double>(job.global_batch) / static_cast<double>(job.machine.devices);
  for (Cut& cut : group.cuts) {
    if (job.global_batch % (cut.layout.dp * entry.micro_batch) != 0) continue;
    if (!cut.ready) prepare(cut);
    if (cut.sharding.empty()) continue;
    for (const bool parallel : cut.choices.sequence_parallel) {
      for (const model::Recompute recompute : cut.choices.recompute) {
        if (same_as_no_recompute(job, cut.choices, recompute)) continue;
        model::Layout layout = cut.layout;
        layout.micro_batch = entry.micro_batch;
        layout.sequence_parallel = parallel;
        layout.recompute = recompute;
        if (!may_fit(cut, layout)) continue;
        const MicroBatchTime& passes = times(group, layout);
        if (share * bound(passes, layout) <= slowest(top)) try_cut(cut, layout, passes, top);
      }
    }
  }
}

StepTime FastestLayouts::State::step(const model::Layout& layout) {
  const auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& g) {
    const model::Layout& cut = g.cuts.front().layout;
    return cut.tp == layout.tp && cut.cp == layout.cp && cut.ep == layout.ep;
  });
  return steps.step(layout, times(*group, layout));
}

FastestLayouts::FastestLayouts(Job job, const LayoutSpace& space, const Efficiency& efficiency)
    : state_(std::make_unique<State>(std::move(job), space, efficiency)) {}

FastestLayouts::~FastestLayouts() = default;
FastestLayouts::FastestLayouts(FastestLayouts&&) noexcept = default;

const Job& FastestLayouts::job() const {
  return state_->job;
}

std::vector<RankedLayout> FastestLayouts::find(std::int64_t global_batch, std::size_t top) {
  State& s = *state_;
  s.set_batch(global_batch);
  s.best.clear();
  const double share =
      s.steps.scale() * static_cast<double>(global_batch) / static_cast<double>(s.job.machine.devices);
  Queue queue;
  for (std::size_t g = 0; g < s.groups.size(); ++g) queue.push({s.groups[g].bound, g, 0});
  while (!queue.empty() && share * queue.top().bound <= s.slowest(top)) {
    const Entry entry = queue.top();
    queue.pop();
    if (entry.micro_batch == 0) {
      s.expand(entry.group, queue);
    } else {
      s.try_entry(entry, top);
    }
  }
  std::vector<RankedLayout> out;
  out.reserve(s.best.size());
  for (const Candidate& candidate : s.best) {
    out.push_back({candidate.layout, s.step(candidate.layout), s.memory(candidate.layout)});
  }
  return out;
}

std::optional<RankedLayout> FastestLayouts::among(std::int64_t global_batch,
                                                  std::span<const model::Layout> layouts) {
  State& s = *state_;
  s.set_batch(global_batch);
  std::optional<RankedLayout> best;
  for (const model::Layout& layout : layouts) {
    if (global_batch % (layout.dp * layout.micro_batch) != 0 || !illegal(s.job, layout).empty()) continue;
    const StepTime time = s.step(layout);
    if (best && time.step_s >= best->time.step_s) continue;
    const Memory memory = s.memory(layout);
    if (memory.safe <= s.capacity) best = {layout, time, memory};
  }
  return best;
}

}  // namespace scaleplan::training
