#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "plan/answer.hpp"
#include "scaleplan/num/parallel.hpp"

namespace scaleplan::plan {

namespace {

constexpr std::size_t most_settled = 8;

}  // namespace

// The table of services is between shapes: the best candidates are priced by what they themselves take.
void settle_service(const Problem& problem, const View& view, Realised& realised, const Control& control) {
  const Lifetime* lifetime = problem.lifetime();
  if (lifetime == nullptr || !lifetime->has_sites() || !realised.chosen) return;
  std::vector<Candidate> some{*realised.chosen};
  for (const Candidate& candidate : realised.candidates) {
    if (some.size() >= most_settled) break;
    if (!(candidate.shape == realised.chosen->shape)) some.push_back(candidate);
  }
  std::vector<std::shared_ptr<const Served>> served(some.size());
  num::parallel_for(some.size(), control,
                    [&](std::size_t i, std::size_t) { served[i] = lifetime->serve(some[i].shape); });
  std::vector<Candidate> kept;
  for (std::size_t i = 0; i < some.size(); ++i) {
    Candidate& candidate = some[i];
    if (!served[i]) continue;
    TokenCost cost = candidate.at.cost;
    cost.service = served[i]->cost;
    View at_batch = view;
    at_batch.batch_tokens = candidate.batch_tokens;
    candidate.at = problem.at(at_batch, candidate.at.size, cost);
    if (!candidate.at.feasible) continue;
    make_whole(problem, at_batch, candidate);
    candidate.served = served_model(*served[i]);
    candidate.bound = std::min(candidate.bound, candidate.value);
    kept.push_back(std::move(candidate));
  }
  realised.candidates.clear();
  realised.chosen.reset();
  if (kept.empty()) return;
  // the first is the choice among equals before: it stays unless another is better by more than the tolerance
  std::size_t best = 0;
  for (std::size_t i = 1; i < kept.size(); ++i) {
    const bool first_kept = kept[best].shape == some.front().shape;
    if (kept[i].value < kept[best].value - (first_kept ? realised.tolerance : 0)) best = i;
  }
  realised.chosen = kept[best];
  realised.bound = std::min(realised.bound, realised.chosen->value);
  std::stable_sort(kept.begin(), kept.end(),
                   [](const Candidate& a, const Candidate& b) { return a.value < b.value; });
  realised.candidates = std::move(kept);
}

void describe_serving(const Problem& problem, const Candidate& chosen, Plan& plan) {
  plan.decision->served = chosen.served;
  if (!chosen.served) return;
  const ServedModel& served = *chosen.served;
  const DemandChoice& demand = *problem.scenario().demand;
  auto add = [&](const char* name, double used, const std::optional<Seconds>& limit) {
    if (!limit) return;
    Constraint constraint;
    constraint.name = name;
    constraint.dimension = Dimension::seconds;
    constraint.used = used;
    constraint.limit = limit->raw();
    plan.constraints.push_back(std::move(constraint));
  };
  add("ttft_s", served.deployed.peak.ttft_s, demand.demand.ttft);
  add("tpot_s", served.deployed.peak.tpot_s, demand.demand.tpot);
  for (const ServingSite& site : demand.sites) {
    if (site.id != served.site || site.region.empty()) continue;
    plan.warnings.push_back(fmt::format("serving's carbon is that of electricity of {}", site.region));
  }
  plan.warnings.push_back(fmt::format("serving is modelled for {}", serving::regime));
}

}  // namespace scaleplan::plan
