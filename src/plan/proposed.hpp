#pragma once

#include <memory>
#include <optional>
#include <string>

#include "plan/machines.hpp"
#include "scaleplan/model/proposal.hpp"

namespace scaleplan::plan {

/// The scenario with a proposal's own choices in place of its freedom, and with nothing pinned.
struct Proposed {
  Scenario scenario;          ///< no budgets and targets: they are the caller's
  std::string fleet_unknown;  ///< why `scenario.fleet` is empty, or its layout or count is missing
  std::optional<std::int64_t> devices;
  std::optional<model::Layout> layout;  ///< replicas that the proposal leaves open fill the devices
  std::optional<double> tokens;
  std::optional<double> batch_tokens;
  std::optional<double> learning_rate;
  std::vector<Assumed> assumed;  ///< taken from the scenario

  void assume(std::string key, json::Value value, std::string source) {
    assumed.push_back({std::move(key), std::move(value), std::move(source)});
  }
};

/// Errors: names of clusters, precisions, optimisers and engines that nobody knows, at their place.
Result<Proposed> proposed(const Scenario& scenario, const model::Proposal& proposal,
                          const json::Catalogue& catalogue);

}  // namespace scaleplan::plan
