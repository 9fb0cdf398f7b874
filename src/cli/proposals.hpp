#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"
#include "scaleplan/gate/check.hpp"
#include "scaleplan/interop/proposal.hpp"

namespace scaleplan::cli {

/// What a proposal's reader may open: the catalogue, and files named relative to the proposal's own.
interop::ProposalSources sources_beside(const std::string& file, Session& session);

/// The proposals of the operands ("-": standard input), each with the plan that it may be. `as`: whose files
/// they are, or empty. All errors at once.
Result<std::vector<gate::Candidate>> read_proposals(const std::vector<std::string>& operands,
                                                    const std::string& as, Session& session);

/// A policy, where it was found, and the digest of its text.
struct ChosenPolicy {
  gate::Policy policy;
  std::string folder;  ///< of its file, absolute; empty without a file
  std::string digest;
};

/// The policy of --policy, else scaleplan-policy.json in the folder of the proposals or above it, else none.
/// Proposals under different policies are an error that names both.
Result<ChosenPolicy> choose_policy(const std::string& path, const std::vector<gate::Candidate>& candidates,
                                   Session& session);

/// Paths as the policy sees them.
void relate_to(const std::string& folder, std::vector<gate::Candidate>& candidates);

}  // namespace scaleplan::cli
