#pragma once

#include <cmath>
#include <memory>
#include <optional>
#include <vector>

#include "plan/joint.hpp"

namespace scaleplan::plan {

/// Where the search of one option stands. References must outlive it.
class Exploration {
 public:
  Exploration(const JointSetting& setting, const Option& option, const Control& control);

  /// Some plan on the option may keep the limits.
  [[nodiscard]] bool possible() const { return bound_.outcome == Relaxed::Outcome::found; }
  /// No plan on the option is better.
  [[nodiscard]] double bound() const { return possible() ? bound_.at.value : HUGE_VAL; }
  /// No gap is allowed: every batch and every layout of every shape that could be best.
  [[nodiscard]] bool exact() const { return setting_.scenario.search.gap == 0; }

  /// A first plan: throughput and batch of the shape that suits them. False when no shape runs here.
  bool probe();
  /// The continuous optimum at the probe's throughput, at `faster` times its speed.
  [[nodiscard]] double estimate(double faster = 1) const;
  /// The probe's plan alone.
  [[nodiscard]] OnOption probed() const;
  /// The best of all shapes, after the probe. False when no shape runs here.
  bool run(OnOption& out);
  /// Speed of the best plan of `run` over that of the probe's.
  [[nodiscard]] double gained() const { return gained_; }
  [[nodiscard]] std::size_t evaluated() const { return evaluated_; }

 private:
  std::unique_ptr<Problem> problem_at(double seconds_per_flop, double watts) const;
  View at_batch(double tokens) const;
  std::vector<std::int64_t> batches(double reference) const;
  std::optional<Found> shape_near(double size) const;
  std::optional<Candidate> probe_batches(const Found& found, bool all) const;
  void collect_layouts();
  void set_batches(std::int64_t chosen);
  std::optional<Candidate> priced(const Found& found, const Offer& offer) const;
  std::optional<Candidate> best_of(const Found& found) const;
  void improve(Candidate& candidate, const std::optional<Offer>& offer) const;
  void search_batches(Candidate& candidate) const;
  void search_layouts(Candidate& candidate, std::size_t batches_searched) const;
  std::vector<Candidate> evaluate(const std::vector<Found>& found);

  const JointSetting& setting_;
  const Option& option_;
  const Control& control_;
  Machines machines_;
  std::unique_ptr<Problem> optimistic_;
  Relaxed bound_;
  std::unique_ptr<Problem> problem_;  // at the throughput that the probe found
  Relaxed relaxed_;
  std::vector<model::Layout> layouts_;
  std::vector<std::int64_t> all_batches_;
  std::vector<std::int64_t> sequences_;  // batches worth trying
  std::optional<Candidate> probed_;
  double gained_ = 1;
  std::size_t evaluated_ = 0;
};

}  // namespace scaleplan::plan
