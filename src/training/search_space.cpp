#include "training/search_space.hpp"

#include <algorithm>
#include <functional>
#include <tuple>

#include "training/legal.hpp"

namespace scaleplan::training {
namespace {

using model::Layout;

const Rule* broken(std::span<const Rule> rules, const Job& job, const Layout& layout) {
  for (const Rule& rule : rules) {
    if (!rule.broken(job, layout).empty()) return &rule;
  }
  return nullptr;
}

// every way to write the devices as tp · cp · pp · dp, in that order
void each_mesh(const Job& job, const LayoutSpace& space, const std::function<void(const Layout&)>& visit) {
  const std::int64_t n = job.machine.devices;
  const std::vector<std::int64_t> all = divisors(n);
  Layout layout;
  const auto for_divisors = [&](std::int64_t of, const std::vector<std::int64_t>& allowed,
                                std::int64_t& degree, const auto& inner) {
    for (const std::int64_t value : all) {
      if (value > of) break;
      if (of % value != 0 || !is_open(allowed, value)) continue;
      degree = value;
      inner(of / value);
    }
  };
  for_divisors(n, space.tp, layout.tp, [&](std::int64_t rest) {
    for_divisors(rest, space.cp, layout.cp, [&](std::int64_t left) {
      for_divisors(left, space.pp, layout.pp, [&](std::int64_t replicas) {
        layout.dp = replicas;
        if (is_open(space.dp, replicas)) visit(layout);
      });
    });
  });
}

}  // namespace

std::vector<std::int64_t> divisors(std::int64_t n) {
  std::vector<std::int64_t> low;
  std::vector<std::int64_t> high;
  for (std::int64_t d = 1; d * d <= n; ++d) {
    if (n % d != 0) continue;
    low.push_back(d);
    if (d * d != n) high.push_back(n / d);
  }
  low.insert(low.end(), high.rbegin(), high.rend());
  return low;
}

std::vector<Cuts> legal_cuts(const Job& job, const LayoutSpace& space) {
  std::vector<Layout> cuts;
  const std::vector<std::int64_t> expert_degrees = divisors(job.shape.experts.experts);
  each_mesh(job, space, [&](Layout layout) {
    for (const std::int64_t ep : expert_degrees) {
      layout.ep = ep;
      if (is_open(space.ep, ep) && broken(mesh_rules(), job, layout) == nullptr) cuts.push_back(layout);
    }
  });
  const auto key = [](const Layout& l) { return std::tuple(l.tp, l.cp, l.ep); };
  std::stable_sort(cuts.begin(), cuts.end(),
                   [&](const Layout& a, const Layout& b) { return key(a) < key(b); });
  std::vector<Cuts> out;
  for (const Layout& cut : cuts) {
    if (out.empty() || key(out.back().front()) != key(cut)) out.emplace_back();
    out.back().push_back(cut);
  }
  return out;
}

bool keeps_schedule_rules(const Job& job, const Layout& layout) {
  return broken(schedule_rules(), job, layout) == nullptr;
}

bool same_as_unsharded(const Job& job, const Choices& choices, const Layout& cut, int zero) {
  return cut.dp * cut.cp == 1 && choices.sharding.front().zero == 0 && job.engine != Engine::fsdp &&
         job.engine != Engine::xla && (zero == 1 || zero == 2);
}

bool same_as_no_recompute(const Job& job, const Choices& choices, model::Recompute recompute) {
  return recompute == model::Recompute::selective && job.attention != AttentionKernel::unfused &&
         std::find(choices.recompute.begin(), choices.recompute.end(), model::Recompute::none) !=
             choices.recompute.end();
}

Choices choices_of_cut(const Job& job, const LayoutSpace& space, const Layout& cut) {
  Choices out;
  Layout base = cut;
  base.zero = zero_stages(job.engine).front();
  // a sequence-parallel setting that the cut allows must be found first: rules may demand it
  for (const bool parallel : {false, true}) {
    Layout layout = base;
    layout.sequence_parallel = parallel;
    if (space.sequence_parallel.value_or(parallel) == parallel && keeps_schedule_rules(job, layout)) {
      out.sequence_parallel.push_back(parallel);
    }
  }
  if (out.sequence_parallel.empty()) return out;
  base.sequence_parallel = out.sequence_parallel.front();
  for (const model::Recompute recompute : recomputations(job.engine)) {
    if (is_open(space.recompute, recompute)) out.recompute.push_back(recompute);
  }
  const std::vector<std::int64_t> groups = divisors(cut.dp * cut.cp);
  for (const int zero : zero_stages(job.engine)) {
    Layout layout = base;
    layout.zero = zero;
    // what no rule lets share all states, none lets share some; what is not shared has no groups
    if (!is_open(space.zero, zero) || !keeps_schedule_rules(job, layout)) continue;
    if (is_open(space.zero_group, std::int64_t{0})) out.sharding.push_back({zero, 0});
    if (zero == 0) continue;
    for (const std::int64_t group : groups) {
      layout.zero_group = group;
      const bool all = group == cut.dp * cut.cp;  // is 0
      if (!all && is_open(space.zero_group, group) && keeps_schedule_rules(job, layout)) {
        out.sharding.push_back({zero, group});
      }
    }
  }
  return out;
}

Choices choices(const Job& job, const LayoutSpace& space, const Layout& cut) {
  Choices out = choices_of_cut(job, space, cut);
  if (out.sequence_parallel.empty()) return out;
  Layout base = cut;
  base.zero = zero_stages(job.engine).front();
  base.sequence_parallel = out.sequence_parallel.front();
  const std::int64_t each = (job.shape.layers + cut.pp - 1) / cut.pp;
  for (const std::int64_t interleave : divisors(each)) {
    if (!is_open(space.interleave, interleave)) continue;
    for (const std::int64_t micro_batch : divisors(job.global_batch / cut.dp)) {
      Layout layout = base;
      layout.interleave = interleave;
      layout.micro_batch = micro_batch;
      if (is_open(space.micro_batch, micro_batch) && keeps_schedule_rules(job, layout)) {
        out.batching.push_back({interleave, micro_batch});
      }
    }
  }
  return out;
}

std::vector<PrunedCount> refusals(const Job& job, const LayoutSpace& space) {
  std::vector<PrunedCount> out;
  for (const std::span<const Rule> rules : {mesh_rules(), schedule_rules()}) {
    for (const Rule& rule : rules) out.push_back({rule.name, 0});
  }
  each_mesh(job, space, [&](Layout layout) {
    layout.zero = zero_stages(job.engine).front();
    layout.sequence_parallel = job.shape.experts.experts > 1 && layout.tp > 1;
    const Rule* rule = broken(mesh_rules(), job, layout);
    if (rule == nullptr) rule = broken(schedule_rules(), job, layout);
    for (PrunedCount& entry : out) entry.count += rule != nullptr && entry.reason == rule->name ? 1 : 0;
  });
  std::erase_if(out, [](const PrunedCount& entry) { return entry.count == 0; });
  return out;
}

}  // namespace scaleplan::training
