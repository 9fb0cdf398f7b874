#pragma once

#include <string>

#include "scaleplan/interop/proposal.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::interop {

/// Texts longer than this, and deeper than JSON's own limit, are no proposals.
constexpr std::size_t longest_proposal = std::size_t{32} << 20U;

/// The members of a scaleplan/proposal/1 document: `members` (an object of `document`) without its schema.
/// `tolerant`: as in results, null means absent and unknown keys are free.
Result<model::Proposal> read_members(const json::Document& document, const json::Value& members,
                                     const std::string& pointer, bool tolerant,
                                     const ProposalSources& sources);

/// A scaleplan/proposal/1 or a scaleplan/plan/1 document.
Result<model::Proposal> read_proposal_document(const json::Document& document,
                                               const ProposalSources& sources);

/// The proposal as a scaleplan/proposal/1 document, its shape inline; reads back as the same proposal.
json::Value proposal_to_json(const model::Proposal& proposal);

}  // namespace scaleplan::interop
