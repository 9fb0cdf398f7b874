#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "plan/frontier_range.hpp"
#include "scaleplan/base/suggest.hpp"

namespace scaleplan::plan {

namespace {

constexpr double factor = 4;          // of the limit, up and down, where no range is given
constexpr double loss_factor = 1.05;  // the same of a loss

// Memory is limited by a headroom, not by a number of bytes.
bool can_be_x(const PlanQuantity& q) {
  return (q.budget || q.target) && q.key != "memory_bytes";
}

bool can_be_y(const PlanQuantity& q) {
  return q.objective;
}

const PlanQuantity* find_axis(const std::string& key, const char* option, bool (*suits)(const PlanQuantity&),
                              const char* role, Diagnostics& errors) {
  const PlanQuantity* quantity = find_quantity(key);
  if (quantity != nullptr && quantity->computed && suits(*quantity)) return quantity;
  std::vector<std::string> names;
  for (const PlanQuantity& q : plan_quantities()) {
    if (q.computed && suits(q)) names.emplace_back(q.key);
  }
  std::string remedy = quantity == nullptr ? did_you_mean(key, names) : "";
  if (remedy.empty()) remedy = fmt::format("choose one of {}", fmt::join(names, ", "));
  const char* why = quantity == nullptr   ? "is no plan quantity"
                    : !quantity->computed ? "is not computed by this version"
                                          : role;
  errors.push_back(error(fmt::format("option '{}': '{}' {}", option, key, why), remedy));
  return nullptr;
}

const json::Value* member(const json::Value* object, std::string_view key) {
  return object != nullptr && object->is_object() ? object->find(key) : nullptr;
}

// What is traced is not limited as well.
void drop_limits_of_y(FrontierTask& task) {
  for (std::vector<Limit>* limits : {&task.scenario.budgets, &task.scenario.targets}) {
    const std::size_t dropped =
        std::erase_if(*limits, [&](const Limit& limit) { return limit.quantity == task.y->key; });
    if (dropped == 0) continue;
    task.notes.push_back(
        fmt::format("the limit of {} is left out: the curve shows what it can be", task.y->key));
  }
}

}  // namespace

Limit* limit_of(Scenario& scenario, std::string_view key) {
  for (std::vector<Limit>* limits : {&scenario.budgets, &scenario.targets}) {
    for (Limit& limit : *limits) {
      const bool exact = key == "train_flop" && limit.quantity == "train_flop_exact";
      if (limit.quantity == key || exact) return &limit;
    }
  }
  return nullptr;
}

Result<bool> set_range(FrontierTask& task, double centre) {
  const double around = task.x->key == "loss" ? loss_factor : factor;
  task.from = task.axes.from.value_or(centre / around);
  task.to = task.axes.to.value_or(centre * around);
  const bool positive = task.from > 0 || task.x->key == "loss";
  if (positive && std::isfinite(task.to) && task.from < task.to) return true;
  return error(
      fmt::format("no {} lies between {} and {}", task.x->key, format_quantity(task.from, task.x->dimension),
                  format_quantity(task.to, task.x->dimension)),
      "give --from and --to, the first below the second");
}

Result<FrontierTask> read_frontier(const json::Document& document, const FrontierAxes& axes,
                                   const json::Catalogue& catalogue) {
  Diagnostics errors;
  FrontierTask task;
  task.x = find_axis(axes.x, "--x", can_be_x, "cannot be limited", errors);
  task.y = find_axis(axes.y, "--y", can_be_y, "cannot be minimised", errors);
  if (task.x != nullptr && task.x == task.y) {
    errors.push_back(
        error(fmt::format("'{}' cannot be traded against itself", axes.x), "choose two quantities"));
  }
  if (!errors.empty()) return errors;
  const char* section = task.x->target ? "targets" : "budgets";
  const bool limited = member(member(&document.root(), section), axes.x) != nullptr;
  std::vector<std::string> settings{fmt::format("objective=\"{}\"", axes.y)};
  // a placeholder until the range is known
  if (!limited) settings.push_back(fmt::format("{}.{}={}", section, axes.x, axes.from.value_or(1)));
  const Result<json::Document> asked = with_settings(document, settings);
  if (!asked) return asked.errors();
  Result<Scenario> scenario = read_scenario(*asked, catalogue);
  if (!scenario) return scenario.errors();
  task.scenario = std::move(*scenario);
  task.axes = axes;
  drop_limits_of_y(task);
  const Limit& limit = *limit_of(task.scenario, axes.x);
  task.x = find_quantity(limit.quantity);
  if (limited || (axes.from && axes.to)) {
    if (const Result<bool> fine = set_range(task, limit.limit); !fine) return fine.errors();
    return task;
  }
  Result<Scenario> base = read_scenario(document, catalogue);
  if (!base) return base.errors();
  task.base = std::move(*base);
  return task;
}

}  // namespace scaleplan::plan
