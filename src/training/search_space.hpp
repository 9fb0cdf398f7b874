#pragma once

#include <algorithm>
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
/// The same without `batching`: what does not depend on the global batch.
Choices choices_of_cut(const Job& job, const LayoutSpace& space, const model::Layout& cut);
/// A cut with some of its choices, by the rules on these.
bool keeps_schedule_rules(const Job& job, const model::Layout& layout);

/// Sharding of a single replica that is the same as none.
bool same_as_unsharded(const Job& job, const Choices& choices, const model::Layout& cut, int zero);
/// Recomputation that is the same as none: a fused attention kernel keeps no scores.
bool same_as_no_recompute(const Job& job, const Choices& choices, model::Recompute recompute);

template <class T>
bool is_open(const std::vector<T>& list, T value) {
  return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

/// Which rules refuse the cuts of the job's devices, by how many; for messages when nothing is legal.
std::vector<PrunedCount> refusals(const Job& job, const LayoutSpace& space);

/// Divisors of n, ascending.
std::vector<std::int64_t> divisors(std::int64_t n);

}  // namespace scaleplan::training
