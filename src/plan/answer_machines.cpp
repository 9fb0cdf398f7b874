#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "plan/answer.hpp"

namespace scaleplan::plan {

namespace {

constexpr double rounding = 1e-9;
constexpr double tight_memory = 0.97;
constexpr double usual_over_least = 1.6;  // step time of a good layout over that of large multiplications

void add_limit(const char* name, Dimension dimension, double used, double limit, Plan& plan) {
  Constraint constraint;
  constraint.name = name;
  constraint.dimension = dimension;
  constraint.used = used;
  constraint.limit = limit;
  constraint.probability_kept = used <= limit * (1 + rounding) ? 1 : 0;
  plan.constraints.push_back(std::move(constraint));
}

// How far limits must give way on the fastest machines of the list, at a rate that good layouts reach.
void describe_reliefs_on_machines(const JointSetting& setting, const Options& options, Plan& plan) {
  const Option* fastest = nullptr;
  double least = HUGE_VAL;
  for (const Option& option : options.list) {
    const double seconds = Machines(setting.scenario, option, setting.efficiency).least_cost(1).seconds;
    if (seconds < least) {
      least = seconds;
      fastest = &option;
    }
  }
  if (fastest == nullptr) return;
  const Machines machines(setting.scenario, *fastest, setting.efficiency);
  Problem problem(setting.scenario, setting.model,
                  resources_of(setting.scenario, *fastest, usual_over_least * least, fastest->watts(1, 0)),
                  &setting.recipe, setting.lifetime);
  problem.cap_params(machines.most_params());
  describe_reliefs(problem, setting.view, plan);
  if (!plan.reliefs.empty()) {
    plan.warnings.push_back(fmt::format(
        "the smallest relaxations are for {} at {} times the time of large multiplications alone, before a "
        "layout is searched",
        fastest->name(), usual_over_least));
  }
}

}  // namespace

void describe_options(const Options& options, const Joint& joint, Plan& plan) {
  plan.options_considered = options.considered;
  plan.options_pruned = options.pruned;
  plan.options_pruned.insert(plan.options_pruned.end(), joint.pruned.begin(), joint.pruned.end());
}

void describe_no_option(const JointSetting& setting, const Options& options, const Joint& joint, Plan& plan) {
  plan.status = Status::infeasible;
  plan.conflicts.emplace_back("training.clusters");
  for (const Limit& budget : setting.scenario.budgets) plan.conflicts.push_back(budget.quantity);
  for (const Limit& target : setting.scenario.targets) plan.conflicts.push_back(target.quantity);
  std::string why;
  for (const auto* counts : {&options.pruned, &joint.pruned}) {
    for (const training::PrunedCount& pruned : *counts) {
      why += fmt::format("{}{} of {}", why.empty() ? "" : "; ", pruned.count, options.considered);
      why += ": " + pruned.reason;
    }
  }
  plan.warnings.push_back("no machines that the scenario lists keep every limit (" + why + ")");
  describe_reliefs_on_machines(setting, options, plan);
}

void describe_machines(const Scenario& scenario, const Joint& joint, Plan& plan) {
  const FleetChoice& fleet = *scenario.fleet;
  const OnOption& best = joint.found.front();
  const Run& run = *best.realised.chosen->run;
  const double memory = (1 - fleet.layouts.headroom) * best.option->machine.memory.raw();
  add_limit("memory_bytes", Dimension::bytes, run.layout.memory.safe, memory, plan);
  if (run.layout.memory.safe > tight_memory * memory) {
    plan.warnings.push_back(fmt::format("the worst device is {:.1f} % full; a longer sequence may not fit",
                                        100 * run.layout.memory.safe / memory));
  }
  for (const Limit& budget : scenario.budgets) {
    if (budget.quantity == "checkpoint_bytes") {
      add_limit("checkpoint_bytes", Dimension::bytes, run.checkpoint_bytes, budget.limit, plan);
    }
  }
  if (plan.certificate) {
    plan.certificate->bound = std::min(plan.certificate->bound, joint.bound);
    plan.certificate->gap =
        (plan.certificate->value - plan.certificate->bound) / std::abs(plan.certificate->bound);
    if (plan.certificate->gap > rounding + scenario.search.gap + scenario.search.shape_tolerance) {
      plan.status = Status::feasible;
    }
  }
  const double most = best.value + scenario.search.near_optimal * std::abs(best.value);
  for (std::size_t i = 1; i < joint.found.size(); ++i) {
    const Candidate& other = *joint.found[i].realised.chosen;
    if (other.value > most && i > static_cast<std::size_t>(scenario.search.alternatives)) break;
    const auto tokens = static_cast<double>(other.tokens);
    plan.alternatives.push_back({other.shape, other.params, other.tokens,
                                 joint.found[i].problem->objective_loss(
                                     {LossModel::point, {}, other.batch_tokens}, other.at.size, tokens),
                                 other.value, (other.value - best.value) / std::abs(best.value), other.run});
  }
  if (const auto& region = best.option->cluster->region) {
    const auto intensity = region->at();
    const std::string year =
        intensity && intensity->year ? fmt::format("in {}", *intensity->year) : "in a year not stated";
    const auto& embodied = best.option->cluster->device.embodied;
    plan.warnings.push_back(fmt::format(
        "carbon is that of electricity of {} {}; {}", region->title, year,
        embodied
            ? fmt::format("of making the machines it counts each device's {} alone, over five years of use",
                          embodied->covers)
            : "making the machines is not counted, the device's file does not say"));
  }
}

}  // namespace scaleplan::plan
