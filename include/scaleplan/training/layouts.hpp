#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scaleplan/base/control.hpp"
#include "scaleplan/model/layout.hpp"
#include "scaleplan/training/memory.hpp"
#include "scaleplan/training/step_time.hpp"

namespace scaleplan::training {

/// What of the layout space is open; empty lists mean every value that the rules allow.
struct LayoutSpace {
  std::vector<std::int64_t> tp, pp, cp, ep, micro_batch, interleave;
  std::vector<int> zero;
  std::vector<model::Recompute> recompute;
  double headroom = 0.08;  ///< share of the reported memory kept free
};

/// Why this layout cannot run the job ("96 heads are not a multiple of tp 5"), or empty. Rules of the job's
/// engine: training-framework sources, one sentence each.
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

/// `legal` layouts in the space = `evaluated` (memory of every stage and step time computed) + all pruned.
struct LayoutSearch {
  std::vector<RankedLayout> best;    ///< by step time, then by the layout's own order
  std::vector<RankedLayout> pareto;  ///< step time against memory
  std::int64_t legal = 0;
  std::int64_t evaluated = 0;
  std::vector<PrunedCount> pruned;
  std::optional<RankedLayout> smallest;  ///< least memory of all, when nothing fits
};

/// Exhaustive: every legal layout is evaluated or pruned by a bound that cannot hide a better one.
LayoutSearch search_layouts(const Job& job, const LayoutSpace& space, const Efficiency& efficiency,
                            std::size_t top, const Control& control);

/// Devices (in whole nodes) from which on something fits, searched in doubling steps; empty: none up to 2^20.
std::optional<std::int64_t> devices_needed(const Job& job, const LayoutSpace& space,
                                           const Efficiency& efficiency, const Control& control);

}  // namespace scaleplan::training
