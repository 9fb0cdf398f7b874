#include "fit/cluster.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "scaleplan/base/quantity.hpp"

namespace scaleplan::fit {
namespace {

/// Numbers clusters in the order in which rows meet them.
Clusters numbered(const std::vector<std::string>& labels, std::string rule) {
  Clusters clusters;
  std::map<std::string, std::size_t> ids;
  for (const std::string& label : labels) {
    clusters.of_row.push_back(ids.try_emplace(label, ids.size()).first->second);
  }
  clusters.count = ids.size();
  clusters.single = ids.size() == labels.size();
  clusters.rule = std::move(rule);
  return clusters;
}

/// The value of a key for each row of the model, as words.
Result<std::vector<std::string>> words_of(const Model& model, const runs::Table& table,
                                          const std::string& key) {
  const auto groups = runs::group_by(table, key);
  if (!groups) {
    return groups.errors();
  }
  std::vector<std::string> of_row(table.rows);
  for (const auto& [value, members] : *groups) {
    for (const std::size_t row : members) {
      of_row[row] = value;
    }
  }
  std::vector<std::string> words;
  words.reserve(model.size());
  for (const std::size_t row : model.table_rows) {
    words.push_back(of_row[row]);
  }
  return words;
}

/// Numbers that lie within the tolerance of the least of their cluster.
Result<Clusters> close_numbers(const Model& model, const runs::Table& table, const Options& options) {
  const std::string& key = options.cluster_by;
  const auto column = table.columns.find(key);
  if (column == table.columns.end()) {
    const auto known = runs::group_by(table, key);
    return known ? error(fmt::format("\"{}\" holds words, which have no tolerance", key),
                         fmt::format("write --cluster-by {}", key))
                 : known.errors().front();
  }
  std::vector<std::size_t> order(model.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto value = [&](std::size_t k) { return column->second[model.table_rows[k]]; };
  for (const std::size_t k : order) {
    if (!std::isfinite(value(k))) {
      return error(fmt::format("a row has no \"{}\" to cluster by", key), "leave it out with --where",
                   model.places[k]);
    }
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return value(a) < value(b); });
  std::vector<std::string> labels(model.size());
  double least = 0;
  for (std::size_t k = 0, cluster = 0; k < order.size(); ++k) {
    const double here = value(order[k]);
    if (k == 0 || here - least > options.cluster_tolerance * std::abs(least)) {
      least = here;
      ++cluster;
    }
    labels[order[k]] = std::to_string(cluster);
  }
  return numbered(labels, fmt::format("clusters of {} within {} %", key,
                                      format_number(100 * options.cluster_tolerance, 3)));
}

/// Rows of one run where ids repeat; a file with a single id says nothing.
std::vector<std::string> repeated_runs(const Model& model) {
  const std::set<std::string> ids(model.runs.begin(), model.runs.end());
  return ids.size() < 2 || ids.size() == model.size() ? std::vector<std::string>{} : model.runs;
}

Clusters identical_rows(const Model& model) {
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < model.size(); ++i) {
    std::string label = fmt::format("{:.17g}", model.observed[i]);
    for (const std::vector<double>& column : model.inputs) {
      label += fmt::format(" {:.17g}", column[i]);
    }
    labels.push_back(std::move(label));
  }
  Clusters clusters = numbered(labels, "rows, identical ones together");
  clusters.rule = clusters.single ? "rows" : clusters.rule;
  return clusters;
}

}  // namespace

Result<Clusters> clusters_of(const Model& model, const runs::Table& table, const Options& options) {
  if (!options.cluster_by.empty() && options.cluster_tolerance > 0) {
    return close_numbers(model, table, options);
  }
  if (!options.cluster_by.empty()) {
    auto words = words_of(model, table, options.cluster_by);
    if (!words) {
      return words.errors();
    }
    return numbered(*words, "clusters of " + options.cluster_by);
  }
  if (options.resampling == Resampling::pairs) {
    Clusters clusters;
    clusters.of_row.resize(model.size());
    std::iota(clusters.of_row.begin(), clusters.of_row.end(), std::size_t{0});
    clusters.count = model.size();
    clusters.rule = "rows";
    return clusters;
  }
  const std::vector<std::string> runs = repeated_runs(model);
  if (!runs.empty()) {
    Clusters clusters = numbered(runs, "clusters of run, whose ids repeat");
    clusters.by_run = true;
    return clusters;
  }
  Clusters clusters = identical_rows(model);
  if (clusters.single && (options.resampling == Resampling::clusters || options.equal_clusters)) {
    return error("there is nothing to cluster by: no run id repeats",
                 "name what rows of one cluster share with --cluster-by KEY");
  }
  return clusters;
}

void weigh_clusters_alike(const Clusters& clusters, std::vector<double>& weights) {
  std::vector<double> rows(clusters.count, 0.0);
  for (const std::size_t cluster : clusters.of_row) {
    rows[cluster] += 1;
  }
  for (std::size_t i = 0; i < weights.size(); ++i) {
    weights[i] /= rows[clusters.of_row[i]];
  }
}

}  // namespace scaleplan::fit
