#pragma once

#include <vector>

#include "scaleplan/training/layouts.hpp"

namespace scaleplan::training {

/// Cuts that share tp, cp and ep, hence the cost of a micro-batch; each is legal by the rules on cuts, its
/// other fields are defaults.
using Cuts = std::vector<model::Layout>;
std::vector<Cuts> legal_cuts(const Job& job, const LayoutSpace& space);

/// What one cut leaves open, as lists whose product is legal: every combination is one layout.
struct Choices {
  struct Sharding {
    int zero = 0;
    std::int64_t group = 0;
  };
  struct Batching {
    std::int64_t interleave = 1;
    std::int64_t micro_batch = 1;
  };
  std::vector<Sharding> sharding;
  std::vector<Batching> batching;  ///< by interleave, then micro-batch
  std::vector<model::Recompute> recompute;
  std::vector<bool> sequence_parallel;

  [[nodiscard]] std::int64_t count() const {
    return static_cast<std::int64_t>(sharding.size() * batching.size() * recompute.size() *
                                     sequence_parallel.size());
  }
};
Choices choices(const Job& job, const LayoutSpace& space, const model::Layout& cut);

/// Which rules refuse the cuts of the job's devices, by how many; for messages when nothing is legal.
std::vector<PrunedCount> refusals(const Job& job, const LayoutSpace& space);

/// Divisors of n, ascending.
std::vector<std::int64_t> divisors(std::int64_t n);

}  // namespace scaleplan::training
