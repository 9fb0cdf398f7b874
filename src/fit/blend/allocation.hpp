#pragma once

#include <optional>
#include <vector>

#include "fit/blend/engine.hpp"
#include "fit/frontier.hpp"
#include "scaleplan/laws/allocation.hpp"

namespace scaleplan::fit {

/// N* of a blend: each member's own, their mean with an honest deviation, and the road through isoFLOP
/// minima.
class BlendAllocation {
 public:
  BlendAllocation(const BlendFit& blend, std::uint64_t seed, const Control& control);

  [[nodiscard]] SizeRecord at(double compute) const;
  /// The estimate that is reported: by the minima where there are three, by the laws otherwise.
  [[nodiscard]] SizeEstimate best(const SizeRecord& record) const;
  [[nodiscard]] double tokens_for(double size, double compute) const;
  /// ln L of the blend's laws, without surfaces, at a point.
  [[nodiscard]] double ln_loss(double size, double tokens) const;
  /// The optimum of the blend's laws, without surfaces.
  [[nodiscard]] Best own_best(double compute) const;
  [[nodiscard]] double member_ln_loss(std::size_t member, double size, double tokens) const;
  [[nodiscard]] const IsoflopMinima& minima() const { return minima_; }

  /// The point and joint draws for planning over the data and four decades beyond.
  [[nodiscard]] AllocationDraws draws(int count, std::uint64_t seed, const BlendState& state, double from,
                                      double to) const;

 private:
  const BlendFit& blend_;
  std::vector<laws::Allocator> allocators_;
  IsoflopMinima minima_;
  std::optional<SlopeProcess> process_;
  std::vector<std::vector<double>> resamples_;  ///< of the plain member, natural values
};

/// N* of a prefix at `compute`: the mean of ln N* over the members' laws; NaN when none has one.
double prefix_size(const BlendFit& blend, const PrefixFit& prefix, double compute);

}  // namespace scaleplan::fit
