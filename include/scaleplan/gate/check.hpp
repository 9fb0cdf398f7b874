#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaleplan/gate/findings.hpp"
#include "scaleplan/model/proposal.hpp"

namespace scaleplan::gate {

/// A proposal; `path` is that of its file as the policy sees it (relative to the policy's folder).
struct Candidate {
  model::Proposal proposal;
  std::string path;
  std::optional<Reference> made_with;  ///< of a proposal that is a plan
};

/// What all proposals of one check are held against.
struct Setting {
  plan::Scenario scenario;
  fit::Predictor loss;
  Policy policy;
  std::string today;  ///< YYYY-MM-DD
  std::optional<Reference> against;
  std::optional<Baseline> baseline;
  std::string scenario_digest;
  std::string policy_digest;
  std::string loss_digest;
};

/// Every rule on every proposal. Without proposals, or when no rule could be checked on one, SP602 fires.
/// Errors: proposals that cannot be evaluated at all (see plan::evaluate).
Result<Findings> check(const std::vector<Candidate>& candidates, const Setting& setting,
                       const json::Catalogue& catalogue, const Control& control);

}  // namespace scaleplan::gate
