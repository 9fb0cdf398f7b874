#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "scaleplan/training/layouts.hpp"
#include "training/memory_model.hpp"
#include "training/search_space.hpp"

namespace scaleplan::training {

/// A layout with what it is compared by.
struct Candidate {
  double step_s = 0;
  double safe = 0;
  model::Layout layout;

  [[nodiscard]] bool faster(const Candidate& other) const {
    return step_s != other.step_s ? step_s < other.step_s : layout < other.layout;
  }
  [[nodiscard]] bool smaller(const Candidate& other) const {
    return safe != other.safe ? safe < other.safe : layout < other.layout;
  }
};

/// Candidates of which none is as fast as another with as little memory; fastest first.
class Front {
 public:
  /// True when a member is no slower than `step_s` with no more than `safe` bytes.
  [[nodiscard]] bool covers(double step_s, double safe) const;
  void add(const Candidate& candidate);
  [[nodiscard]] const std::vector<Candidate>& members() const { return members_; }

 private:
  std::vector<Candidate> members_;
};

/// Why a legal layout is not evaluated.
enum class Pruned : std::uint8_t { same_sharding, same_recompute, states, memory, bound };
constexpr std::size_t pruned_kinds = 5;
const char* pruned_reason(Pruned kind);

/// All layouts of the cuts that share tp, cp and ep.
class CutSearch {
 public:
  /// All references must outlive the search.
  CutSearch(const Job& job, const LayoutSpace& space, const MemoryModel& memory, const StepModel* steps,
            std::size_t top);

  void add(const model::Layout& cut);

  std::int64_t legal = 0;
  std::int64_t evaluated = 0;
  std::array<std::int64_t, pruned_kinds> pruned{};
  std::vector<Candidate> best;  ///< at most `top`, fastest first
  Front front;
  std::optional<Candidate> least;  ///< least memory of all, whether or not it fits

 private:
  struct Bound;
  void add_batching(const model::Layout& layout, const Choices& choices);
  void evaluate(const Candidate& candidate, const Bound& bound);
  const MicroBatchTime& times(const model::Layout& layout);

  const Job* job_;
  const LayoutSpace* space_;
  const MemoryModel* memory_;
  const StepModel* steps_;  ///< none: memory only
  std::size_t top_;
  double capacity_;
  double expert_layers_;
  double scale_ = 0;                         ///< of step times, known from the first one evaluated
  std::vector<std::int64_t> micro_batches_;  ///< divisors of the global batch
  std::vector<std::optional<MicroBatchTime>> times_;
  std::vector<std::int64_t> stages_;              ///< of the present cut, that can hold most
  std::vector<std::vector<StageMemory>> states_;  ///< by sharding and stage
  std::vector<std::optional<Pruned>> out_;        ///< by sharding: why it is out whatever the rest
};

}  // namespace scaleplan::training
