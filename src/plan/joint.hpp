#pragma once

#include <memory>
#include <vector>

#include "plan/machines.hpp"
#include "plan/realise.hpp"
#include "plan/relaxation.hpp"

namespace scaleplan::plan {

/// What the rest of the joint search shares.
struct JointSetting {
  const Scenario& scenario;
  const LossModel& model;
  const Recipe& recipe;
  const training::Efficiency& efficiency;
  View view;
  const Lifetime* lifetime = nullptr;
};

/// The best plan on one option.
struct OnOption {
  const Option* option = nullptr;
  std::unique_ptr<Problem> problem;  ///< continuous, at the throughput and batch of the best
  Relaxed relaxed;
  Realised realised;
  double value = 0;  ///< of the best
};

struct Joint {
  std::vector<OnOption> found;  ///< that have a plan, best first
  std::vector<training::PrunedCount> pruned;
  std::size_t considered = 0;  ///< options
  std::size_t evaluated = 0;   ///< shapes priced
  double bound = 0;            ///< no shape on any option does better
};

/// Options in the order of their bounds; one whose bound is worse than what is found (and than the band that
/// alternatives are wanted from) is pruned. A probe finds throughput and batch of each; those that a speed as
/// yet unseen might make best are searched in full, the others stand as probed. In full: every shape of the
/// window is priced with the layouts that served the probe, the best few with all. With a gap of 0 every
/// batch and layout of every shape that its bound leaves is tried on every option: an exhaustive search.
Joint solve_joint(const JointSetting& setting, const std::vector<Option>& options, const Control& control);

}  // namespace scaleplan::plan
