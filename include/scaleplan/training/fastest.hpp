#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "scaleplan/training/layouts.hpp"

namespace scaleplan::training {

/// The fastest layouts of one model on one machine, for any number of sequences per step: the same as the
/// head of `search_layouts`, found in the order of what a sequence costs a device at least, so that few are
/// evaluated; what does not depend on the batch is made once. Not thread-safe.
class FastestLayouts {
 public:
  /// `job.global_batch` is not read. `space` and `efficiency` must outlive it.
  FastestLayouts(Job job, const LayoutSpace& space, const Efficiency& efficiency);
  ~FastestLayouts();
  FastestLayouts(FastestLayouts&&) noexcept;

  /// At most `top` ≥ 1 layouts that fit the memory, fastest first (then by the layout's own order).
  std::vector<RankedLayout> find(std::int64_t global_batch, std::size_t top);
  /// The fastest of the given layouts that are legal and fit.
  std::optional<RankedLayout> among(std::int64_t global_batch, std::span<const model::Layout> layouts);
  [[nodiscard]] const Job& job() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace scaleplan::training
