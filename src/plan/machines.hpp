#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plan/option.hpp"
#include "plan/problem.hpp"
#include "plan/techniques.hpp"
#include "scaleplan/plan/plan.hpp"
#include "scaleplan/training/efficiency.hpp"
#include "scaleplan/training/fastest.hpp"

namespace scaleplan::plan {

/// What running a shape at a batch on an option comes to.
struct Offer {
  TokenCost cost;
  double batch_tokens = 0;
  std::shared_ptr<const Run> run;
};

/// The step-time and memory models for one option of the scenario. Thread-safe.
class Machines {
 public:
  /// All arguments must outlive it.
  Machines(const Scenario& scenario, const Option& option, const training::Efficiency& efficiency);

  [[nodiscard]] const Option& option() const { return option_; }

  /// One shape at any batch. Not thread-safe; the machines must outlive it.
  class OnShape {
   public:
    OnShape(const Machines& machines, const model::Shape& shape);

    /// The fastest layout of all; `runners_up` (may be null) gets layouts worth trying on similar shapes.
    [[nodiscard]] std::optional<Offer> search(std::int64_t sequences,
                                              std::vector<model::Layout>* runners_up = nullptr);
    /// The fastest of the given layouts.
    [[nodiscard]] std::optional<Offer> among(std::int64_t sequences, std::span<const model::Layout> layouts);

   private:
    [[nodiscard]] std::optional<Offer> offer(std::int64_t sequences, const training::RankedLayout& layout);

    const Machines& machines_;
    training::FastestLayouts layouts_;
  };
  /// What one layout comes to, also when it does not fit the memory; `reason`: why it is out, or empty. A
  /// layout that the engine refuses has no offer.
  struct Judged {
    std::string reason;
    std::optional<Offer> offer;
  };
  [[nodiscard]] Judged judge(const model::Shape& shape, std::int64_t sequences,
                             const model::Layout& layout) const;
  /// Spread of ln(measured / predicted) of step times of the scenario's kind of models.
  [[nodiscard]] double time_sd() const;
  /// No layout of any shape costs less than this for a token of `flop` exact FLOP.
  [[nodiscard]] TokenCost least_cost(double flop) const;
  /// No larger model has room for its states, shared among all devices.
  [[nodiscard]] double most_params() const;
  /// Whole sequences near `tokens` per step that many layouts can share out.
  [[nodiscard]] std::int64_t sequences_near(double tokens) const;
  /// The same, so many that every device may be a replica of its own.
  [[nodiscard]] std::int64_t shared_by_all(double tokens) const;
  /// The batches to choose among, in sequences, ascending: near powers of the fourth root of two in tokens,
  /// or the pinned one. They depend on no budget, so that a larger budget only adds.
  [[nodiscard]] std::vector<std::int64_t> batches() const;

  /// What a site does in one step.
  [[nodiscard]] training::Job job(const model::Shape& shape, std::int64_t sequences) const;

 private:
  /// Sequences of a step that each site trains.
  [[nodiscard]] std::int64_t of_site(std::int64_t sequences) const;
  [[nodiscard]] Offer offer(const training::Job& job, std::int64_t sequences,
                            const training::RankedLayout& layout) const;
  /// Seconds that exchange between sites adds to a step of `step_s`.
  [[nodiscard]] double exposed_between_sites(const model::Shape& shape, double step_s) const;

  const Scenario& scenario_;
  const Option& option_;
  const training::Efficiency& efficiency_;
  double checkpoint_limit_ = 0;  ///< bytes; 0: none
  std::int64_t sites_ = 1;       ///< that hold a copy of the model each
  TrainingEffects effects_;
};

}  // namespace scaleplan::plan
