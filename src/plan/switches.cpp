#include <algorithm>
#include <cmath>

#include "plan/answer.hpp"

namespace scaleplan::plan {

namespace {

constexpr double farthest = 0.05;  // of the limit, relative
constexpr int steps = 5;           // to each side
constexpr double resolved = 1e-4;  // of the limit
constexpr std::size_t most_rivals = 128;

// A priced class and the problem that it was priced in.
struct Rival {
  const Contender* contender = nullptr;
  const Candidate* candidate = nullptr;
};

struct Winner {
  std::optional<Candidate> candidate;
  const Contender* contender = nullptr;

  [[nodiscard]] bool same_class(const Winner& other) const {
    if (contender != other.contender || candidate.has_value() != other.candidate.has_value()) return false;
    if (!candidate) return true;
    const bool same_layout =
        !candidate->run || candidate->run->layout.layout == other.candidate->run->layout.layout;
    return candidate->shape == other.candidate->shape && same_layout;
  }
};

std::vector<Rival> rivals_of(const std::vector<Contender>& contenders) {
  std::vector<Rival> all;
  for (const Contender& contender : contenders) {
    for (const Candidate& candidate : contender.realised->candidates) all.push_back({&contender, &candidate});
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Rival& a, const Rival& b) { return a.candidate->value < b.candidate->value; });
  all.resize(std::min(all.size(), most_rivals));
  return all;
}

// What would be decided with the row's limit `factor` times as large.
Winner decided(const std::vector<Contender>& contenders, const std::vector<Rival>& rivals, const View& view,
               const std::string& limit, double factor) {
  Winner best;
  for (const Contender& contender : contenders) {
    Problem problem = *contender.problem;
    for (std::size_t row = 0; row < problem.rows().size(); ++row) {
      if (problem.rows()[row].name == limit) problem.set_limit(row, factor * problem.rows()[row].limit);
    }
    std::vector<Candidate> kept;
    for (const Rival& rival : rivals) {
      if (rival.contender != &contender) continue;
      Candidate candidate = *rival.candidate;
      View at_batch = view;
      at_batch.batch_tokens = candidate.batch_tokens;
      candidate.at = problem.at(at_batch, candidate.at.size, candidate.at.cost);
      if (!candidate.at.feasible) continue;
      make_whole(problem, at_batch, candidate);
      kept.push_back(std::move(candidate));
    }
    rank(kept);
    std::optional<Candidate> chosen = choose(problem, kept, contender.realised->tolerance);
    if (chosen && (!best.candidate || chosen->value < best.candidate->value)) {
      best = {std::move(chosen), &contender};
    }
  }
  return best;
}

}  // namespace

void describe_switches(const std::vector<Contender>& contenders, const View& view, Plan& plan) {
  const std::vector<Rival> rivals = rivals_of(contenders);
  for (Constraint& constraint : plan.constraints) {
    if (!constraint.binding || constraint.per_log_limit == 0) continue;
    const Winner now = decided(contenders, rivals, view, constraint.name, 1);
    if (!now.candidate) continue;
    double nearest = farthest * (1 + resolved);
    for (const double side : {1.0, -1.0}) {
      double same = 0;
      for (int k = 1; k <= steps && farthest * k / steps < nearest + farthest / steps; ++k) {
        double changed = farthest * k / steps;
        Winner beyond = decided(contenders, rivals, view, constraint.name, 1 + side * changed);
        if (beyond.same_class(now)) {
          same = changed;
          continue;
        }
        while (changed - same > resolved) {
          const double middle = (same + changed) / 2;
          Winner there = decided(contenders, rivals, view, constraint.name, 1 + side * middle);
          if (there.same_class(now)) {
            same = middle;
          } else {
            changed = middle;
            beyond = std::move(there);
          }
        }
        if (beyond.candidate && changed < nearest) {
          nearest = changed;
          constraint.switches_at = Switch{(1 + side * changed) * constraint.limit, beyond.candidate->shape,
                                          beyond.candidate->params, beyond.candidate->run};
        }
        break;
      }
    }
  }
}

}  // namespace scaleplan::plan
