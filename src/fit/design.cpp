#include "fit/design.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "scaleplan/num/statistics.hpp"

namespace scaleplan::fit {
namespace {

constexpr double same_size = 1.02;
constexpr double least_sizes_per_budget = 1.5;

/// Keys by which logs name how a run was trained; the same values on the same size are points of one run.
const char* const schedule_keys[] = {"schedule",     "lr_schedule", "scheduler",      "learning_rate",
                                     "warmup_steps", "decay",       "planned_tokens", "max_tokens",
                                     "max_steps",    "total_steps"};

std::vector<double> column_of(const Model& model, const laws::Input* input) {
  return input == nullptr ? std::vector<double>{}
                          : model.inputs[static_cast<std::size_t>(input - model.law->inputs.data())];
}

/// Group of each value: sorted values within 2 % of the least of their group.
std::map<double, std::size_t> groups_of(const std::vector<double>& values) {
  const std::set<double> sorted(values.begin(), values.end());
  std::map<double, std::size_t> groups;
  double least = 0;
  std::size_t group = 0;
  for (const double value : sorted) {
    if (groups.empty() || value > same_size * least) {
      least = value;
      ++group;
    }
    groups[value] = group;
  }
  return groups;
}

/// How a row was trained, as far as the table says, or empty.
std::string schedule_of(const runs::Table& table, std::size_t row) {
  std::string text;
  for (const char* key : schedule_keys) {
    if (const auto label = table.labels.find(key); label != table.labels.end()) {
      text += label->second[row] + ";";
    } else if (const auto column = table.columns.find(key); column != table.columns.end()) {
      text += runs::label_text(column->second[row]) + ";";
    }
  }
  return text;
}

std::size_t shared_schedules(const Model& model, const runs::Table& table, const std::vector<double>& sizes) {
  const std::set<std::string> runs(model.runs.begin(), model.runs.end());
  if (sizes.empty() || !model.clusters.single || runs.size() == model.size()) {
    return 0;  // clusters say what belongs together, or every row is a run of its own
  }
  std::map<std::string, std::size_t> times;
  for (std::size_t i = 0; i < model.size(); ++i) {
    const std::string schedule = schedule_of(table, model.table_rows[i]);
    if (!schedule.empty()) {
      ++times[fmt::format("{:.17g};{}", sizes[i], schedule)];
    }
  }
  std::size_t shared = 0;
  for (const auto& [key, count] : times) {
    shared += count > 1 ? count : 0;
  }
  return shared;
}

/// Rows that count no embeddings while others do.
std::size_t bare_rows(const Model& model, const runs::Table& table) {
  const auto total = table.columns.find("params");
  const auto body = table.columns.find("non_embedding_params");
  if (total == table.columns.end() || body == table.columns.end()) {
    return 0;
  }
  std::size_t equal = 0;
  std::size_t different = 0;
  for (const std::size_t row : model.table_rows) {
    const double embeddings = total->second[row] - body->second[row];
    equal += embeddings == 0 ? 1U : 0U;
    different += std::abs(embeddings) > 0 ? 1U : 0U;
  }
  return different > 0 ? equal : 0;
}

/// Correlation of ln C with how bad the output is; 0 where a row has no logarithm.
double compute_against_loss(const Model& model, std::vector<double> compute) {
  for (double& c : compute) {
    c = std::log(c);
  }
  const bool usable = compute.size() == model.size() &&
                      std::all_of(compute.begin(), compute.end(), [](double c) { return std::isfinite(c); });
  const double correlation = usable ? num::correlation(compute, model.observed) : 0;
  return model.law->output.lower_is_better ? correlation : -correlation;
}

std::size_t repeated_rows(const Model& model) {
  std::set<std::vector<double>> seen;
  for (std::size_t i = 0; i < model.size(); ++i) {
    std::vector<double> row{model.observed[i]};
    for (const std::vector<double>& column : model.inputs) {
      row.push_back(column[i]);
    }
    seen.insert(std::move(row));
  }
  return model.size() - seen.size();
}

std::vector<std::string> missing_facts(const Model& model, const runs::Table& table) {
  const auto absent = [&](const char* key) { return !table.has(key) && !table.labels.contains(key); };
  std::vector<std::string> missing;
  if (std::all_of(model.runs.begin(), model.runs.end(), [](const std::string& id) { return id.empty(); })) {
    missing.emplace_back("run ids");
  }
  static constexpr std::pair<const char*, const char*> facts[] = {
      {"flops", "FLOP of each run"}, {"batch_tokens", "batch size"}, {"learning_rate", "learning rate"}};
  for (const auto& [key, name] : facts) {
    if (absent(key)) {
      missing.emplace_back(name);
    }
  }
  return missing;
}

}  // namespace

Design design_of(const Model& model, const runs::Table& table) {
  Design design;
  const std::vector<double> sizes = column_of(model, model.law->size());
  const std::map<double, std::size_t> size_groups = groups_of(sizes);
  design.sizes = size_groups.empty() ? 0 : size_groups.rbegin()->second;
  std::map<long, std::set<std::size_t>> budgets;
  const std::vector<double> compute = model.compute();
  for (std::size_t i = 0; i < std::min(compute.size(), sizes.size()); ++i) {
    budgets[std::lround(10 * std::log10(compute[i]))].insert(size_groups.at(sizes[i]));
  }
  design.budgets = budgets.size();
  for (const auto& [budget, own] : budgets) {
    design.sizes_per_budget += static_cast<double>(own.size()) / static_cast<double>(budgets.size());
  }
  design.compute_against_loss = compute_against_loss(model, compute);
  design.identical = repeated_rows(model);
  design.checkpoints = shared_schedules(model, table, sizes);
  design.bare = bare_rows(model, table);
  design.missing = missing_facts(model, table);
  return design;
}

std::vector<std::string> design_warnings(const Model& model, const Design& design, const Options& options) {
  std::vector<std::string> warnings;
  if (design.budgets > 0 && design.sizes_per_budget < least_sizes_per_budget) {
    warnings.push_back(fmt::format(
        "{:.1f} sizes per budget on average: with one size per budget the rows cannot tell size from "
        "tokens",
        design.sizes_per_budget));
  }
  if (design.compute_against_loss > 0) {
    warnings.push_back(
        fmt::format("{} gets worse with compute (correlation {:.2f}): are columns swapped, or is it no loss?",
                    model.law->output.name, design.compute_against_loss));
  }
  if (design.identical > 0) {
    warnings.push_back(fmt::format("{} of {} rows repeat another row in all that the law sees{}",
                                   design.identical, model.size(),
                                   model.clusters.single ? "" : "; copies are resampled together"));
  }
  if (design.checkpoints > 0) {
    warnings.push_back(fmt::format(
        "{} rows share size and schedule with another and may be points of one run; intervals are too "
        "narrow unless --cluster-by says what belongs together",
        design.checkpoints));
  }
  if (design.bare > 0) {
    warnings.push_back(fmt::format(
        "params equals non_embedding_params in {} of {} rows, not in the others: embeddings seem to be "
        "counted in some rows only",
        design.bare, model.size()));
  }
  if (options.uncertainty == Uncertainty::profile) {
    warnings.emplace_back(
        "profile-likelihood intervals take the noise to be equal and independent; where it is not they cover "
        "too "
        "little, and they hold no error of the law");
  }
  return warnings;
}

}  // namespace scaleplan::fit
