#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scaleplan/base/control.hpp"
#include "scaleplan/model/layout.hpp"
#include "scaleplan/training/memory.hpp"
#include "scaleplan/training/step_time.hpp"

namespace scaleplan::training {

/// What of the layout space is open; empty lists mean every value that the rules allow.
struct LayoutSpace {
  std::vector<std::int64_t> tp, pp, cp, ep, dp, micro_batch, interleave, zero_group;
  std::vector<int> zero;
  std::vector<model::Recompute> recompute;
  std::optional<bool> sequence_parallel;
  double headroom = 0;  ///< share of the reported memory kept free beside what `safe` reserves
};

/// Bytes that a device offers to the job: what it reports without the headroom.
double capacity_bytes(const Job& job, const LayoutSpace& space);

/// Why this layout cannot run the job ("96 heads are not a multiple of tp 5"), or empty. Rules of the job's
/// engine, one sentence each: Megatron-LM (parallel_state.py, transformer_config.py, arguments.py,
/// schedules.py), torchtitan, DeepSpeed.
std::string illegal(const Job& job, const model::Layout& layout);

struct RankedLayout {
  model::Layout layout;
  StepTime time;
  Memory memory;
};

struct PrunedCount {
  std::string reason;
  std::int64_t count = 0;
};

/// `legal` layouts in the space (a sharing group of all replicas is counted once, as 0) = `evaluated` (memory
/// of every stage and step time computed) + all pruned.
struct LayoutSearch {
  std::vector<RankedLayout> best;    ///< by step time, then by the layout's own order
  std::vector<RankedLayout> pareto;  ///< no other is as fast with less memory; fastest first
  std::int64_t legal = 0;
  std::int64_t evaluated = 0;
  std::vector<PrunedCount> pruned;
  std::vector<PrunedCount> refused;    ///< when nothing is legal: rules that cuts of the devices break
  std::optional<model::Layout> least;  ///< least safe memory of all, when nothing fits
};

/// Exhaustive: every legal layout is evaluated or pruned by a bound that cannot hide a better one, and the
/// same for any number of threads. `top` ≥ 1.
LayoutSearch search_layouts(const Job& job, const LayoutSpace& space, const Efficiency& efficiency,
                            std::size_t top, const Control& control);

/// What the search does with one layout, in words: legal, fits, rank is the caller's to know.
struct Verdict {
  std::string reason;                     ///< why it is out ("needs 91 GB of 80 GB"), or empty
  std::optional<RankedLayout> evaluated;  ///< when it is legal
};
Verdict judge(const Job& job, const LayoutSpace& space, const Efficiency& efficiency,
              const model::Layout& layout);

/// Sets the interval of the step time to `level` (0.9 as searched), by the same spread.
void set_level(RankedLayout& ranked, double level);

/// One part of a step's time or of a device's memory, by its key in documents.
struct Part {
  std::string_view key;
  std::string_view what;
  double value = 0;
};
/// Seconds, which add up to step_s: the mean device's share of layers and head, then what it waits for.
std::vector<Part> time_parts(const Job& job, const RankedLayout& ranked);
/// Bytes of the worst stage, which add up to `allocated`.
std::vector<Part> memory_parts(const Memory& memory);

/// Devices from which on something fits with the same global batch, found by doubling the job's (whole nodes
/// beyond the first); empty: none up to 2^20.
std::optional<std::int64_t> devices_needed(const Job& job, const LayoutSpace& space, const Control& control);

}  // namespace scaleplan::training
