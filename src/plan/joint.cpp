#include "plan/joint.hpp"

#include <algorithm>
#include <cmath>

#include "plan/exploration.hpp"
#include "scaleplan/num/parallel.hpp"

namespace scaleplan::plan {

namespace {

constexpr std::size_t together = 8;   // options that are probed between looks at the best so far
constexpr double unseen_gain = 0.02;  // of speed, that a full search may find beyond what one found before
constexpr const char* not_searched =
    "estimated only: worse than the best plan even at a speed that a full search might find";

void count(Joint& joint, const char* reason) {
  for (training::PrunedCount& pruned : joint.pruned) {
    if (pruned.reason == reason) {
      ++pruned.count;
      return;
    }
  }
  joint.pruned.push_back({reason, 1});
}

using Explorations = std::vector<std::unique_ptr<Exploration>>;

Explorations bounded(const JointSetting& setting, const std::vector<Option>& options, const Control& control,
                     Joint& joint) {
  Explorations all(options.size());
  num::parallel_for(options.size(), control, [&](std::size_t i, std::size_t) {
    all[i] = std::make_unique<Exploration>(setting, options[i], control);
  });
  std::erase_if(all, [&](const auto& exploration) {
    if (!exploration->possible()) count(joint, "budgets cannot be kept at the machines' best rate");
    return !exploration->possible();
  });
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a->bound() < b->bound(); });
  return all;
}

double worst_wanted(const JointSetting& setting, double best) {
  return best + setting.scenario.search.near_optimal * std::abs(best);
}

void prune(const Exploration& exploration, Joint& joint) {
  count(joint, "bound worse than the best plan");
  joint.bound = std::min(joint.bound, exploration.bound());
}

// Those that run a shape, best estimate first.
Explorations probed(const JointSetting& setting, Explorations all, const Control& control, Joint& joint) {
  Explorations out;
  double best = HUGE_VAL;
  for (std::size_t from = 0; from < all.size(); from += together) {
    const std::size_t to = std::min(all.size(), from + together);
    std::vector<char> runs(to - from, 0);
    const double wanted = worst_wanted(setting, best);
    num::parallel_for(to - from, control, [&](std::size_t i, std::size_t) {
      Exploration& exploration = *all[from + i];
      runs[i] = exploration.bound() <= wanted && exploration.probe() ? 1 : 0;
    });
    for (std::size_t i = from; i < to; ++i) {
      if (all[i]->bound() > wanted) {
        prune(*all[i], joint);
      } else if (runs[i - from] == 0) {
        count(joint, "no layout of a shape that the budgets allow fits the memory");
      } else {
        best = std::min(best, all[i]->probed().value);
        out.push_back(std::move(all[i]));
      }
    }
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return a->estimate() < b->estimate(); });
  return out;
}

void add(Exploration& exploration, OnOption found, Joint& joint) {
  joint.evaluated += exploration.evaluated();
  joint.bound = std::min(joint.bound, found.realised.bound);
  joint.found.push_back(std::move(found));
}

// In full where the estimate leaves a chance to be best: other options gain about as much speed over their
// estimates as those that were searched.
void search_some(const JointSetting& setting, Explorations all, const Control& control, Joint& joint) {
  double best = HUGE_VAL;
  double gained = 1;
  for (const auto& exploration : probed(setting, std::move(all), control, joint)) {
    OnOption found;
    const bool first = !std::isfinite(best);
    const double faster = gained + unseen_gain;
    const bool hopeful = first || exploration->estimate() <= best || exploration->estimate(faster) <= best;
    if (hopeful && exploration->run(found)) {
      best = std::min(best, found.value);
      gained = std::max(gained, exploration->gained());
    } else {
      found = exploration->probed();
      if (!hopeful) count(joint, not_searched);
    }
    add(*exploration, std::move(found), joint);
  }
}

void search_all(const JointSetting& setting, const Explorations& all, Joint& joint) {
  double best = HUGE_VAL;
  for (const auto& exploration : all) {
    if (exploration->bound() > worst_wanted(setting, best)) {
      prune(*exploration, joint);
      continue;
    }
    OnOption found;
    exploration->probe();
    if (exploration->run(found)) {
      best = std::min(best, found.value);
      add(*exploration, std::move(found), joint);
    } else {
      joint.evaluated += exploration->evaluated();
      count(joint, "no layout of a shape that the budgets allow fits the memory");
    }
  }
}

}  // namespace

Joint solve_joint(const JointSetting& setting, const std::vector<Option>& options, const Control& control) {
  Joint joint;
  joint.considered = options.size();
  joint.bound = HUGE_VAL;
  Explorations all = bounded(setting, options, control, joint);
  if (setting.scenario.search.gap == 0) {
    search_all(setting, all, joint);
  } else {
    search_some(setting, std::move(all), control, joint);
  }
  std::stable_sort(joint.found.begin(), joint.found.end(),
                   [](const OnOption& a, const OnOption& b) { return a.value < b.value; });
  return joint;
}

}  // namespace scaleplan::plan
