#include "scaleplan/training/layouts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scaleplan/num/parallel.hpp"
#include "training/search.hpp"

namespace scaleplan::training {
namespace {

constexpr std::int64_t most_devices = std::int64_t{1} << 20;

// One search for each list of cuts; what a search finds does not depend on the others.
std::vector<CutSearch> search_cuts(const Job& job, const LayoutSpace& space, const MemoryModel& memory,
                                   const StepModel* steps, std::size_t top, const Control& control) {
  const std::vector<Cuts> cuts = legal_cuts(job, space);
  std::vector<CutSearch> out(cuts.size(), CutSearch(job, space, memory, steps, top));
  num::parallel_for(cuts.size(), control, [&](std::size_t index, std::size_t) {
    for (const model::Layout& cut : cuts[index]) out[index].add(cut);
  });
  return out;
}

std::optional<Candidate> least_of(const std::vector<CutSearch>& searches) {
  std::optional<Candidate> least;
  for (const CutSearch& search : searches) {
    if (search.least && (!least || search.least->smaller(*least))) least = search.least;
  }
  return least;
}

RankedLayout ranked(const model::Layout& layout, const MemoryModel& memory, const StepModel& steps) {
  return {layout, steps.step(layout, steps.micro_batch(layout)), memory(layout)};
}

}  // namespace

LayoutSearch search_layouts(const Job& job, const LayoutSpace& space, const Efficiency& efficiency,
                            std::size_t top, const Control& control) {
  const MemoryModel memory(job);
  const StepModel steps(job, efficiency);
  const std::vector<CutSearch> searches = search_cuts(job, space, memory, &steps, top, control);
  LayoutSearch out;
  std::vector<Candidate> best;
  Front front;
  std::array<std::int64_t, pruned_kinds> pruned{};
  for (const CutSearch& search : searches) {
    out.legal += search.legal;
    out.evaluated += search.evaluated;
    for (std::size_t kind = 0; kind < pruned_kinds; ++kind) pruned[kind] += search.pruned[kind];
    best.insert(best.end(), search.best.begin(), search.best.end());
    for (const Candidate& member : search.front.members()) front.add(member);
  }
  std::sort(best.begin(), best.end(), [](const Candidate& a, const Candidate& b) { return a.faster(b); });
  best.resize(std::min(best.size(), top));
  for (const Candidate& candidate : best) out.best.push_back(ranked(candidate.layout, memory, steps));
  for (const Candidate& candidate : front.members()) {
    out.pareto.push_back(ranked(candidate.layout, memory, steps));
  }
  for (std::size_t kind = 0; kind < pruned_kinds; ++kind) {
    if (pruned[kind] > 0) out.pruned.push_back({pruned_reason(static_cast<Pruned>(kind)), pruned[kind]});
  }
  if (out.best.empty()) {
    if (const std::optional<Candidate> least = least_of(searches)) out.least = least->layout;
  }
  if (out.legal == 0) out.refused = refusals(job, space);
  return out;
}

Verdict judge(const Job& job, const LayoutSpace& space, const Efficiency& efficiency,
              const model::Layout& layout) {
  Verdict out;
  out.reason = illegal(job, layout);
  if (!out.reason.empty()) return out;
  const MemoryModel memory(job);
  out.evaluated = ranked(layout, memory, StepModel(job, efficiency));
  const double offered = capacity_bytes(job, space);
  if (out.evaluated->memory.safe > offered) {
    out.reason = fmt::format("needs {} of the {} that a device offers",
                             format_quantity(out.evaluated->memory.safe, Dimension::bytes),
                             format_quantity(offered, Dimension::bytes));
  }
  return out;
}

std::optional<std::int64_t> devices_needed(const Job& job, const LayoutSpace& space, const Control& control) {
  Job larger = job;
  const std::int64_t node = std::max<std::int64_t>(1, job.machine.node_devices);
  const std::int64_t whole = (job.machine.devices + node - 1) / node * node;
  const auto next = [&](std::int64_t devices) {
    return devices < node ? std::min(2 * devices, node) : 2 * devices;
  };
  const std::int64_t first = job.machine.devices < node ? job.machine.devices : whole;
  for (std::int64_t devices = first; devices <= most_devices; devices = next(devices)) {
    larger.machine.devices = devices;
    const MemoryModel memory(larger);
    const std::optional<Candidate> least = least_of(search_cuts(larger, space, memory, nullptr, 1, control));
    if (least && least->safe <= capacity_bytes(larger, space)) return devices;
  }
  return std::nullopt;
}

}  // namespace scaleplan::training
