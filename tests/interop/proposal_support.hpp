#pragma once

#include <map>
#include <stdexcept>
#include <string>

#include "interop/support.hpp"
#include "scaleplan/interop/proposal.hpp"

namespace scaleplan::interop {

using Files = std::map<std::string, std::string>;

inline Result<model::Proposal> read(const std::string& text, const std::string& file, const std::string& as,
                                    const Files& files) {
  static const json::Catalogue catalogue;
  const ProposalSources sources{&catalogue, [&files](const std::string& path) -> Result<std::string> {
                                  const auto found = files.find(path);
                                  if (found == files.end()) return error("no " + path);
                                  return found->second;
                                }};
  return read_proposal(text, file, as, sources);
}

/// The proposal of a text that must be read.
inline model::Proposal proposed(const std::string& text, const std::string& file, const std::string& as = "",
                                const Files& files = {}) {
  Result<model::Proposal> proposal = read(text, file, as, files);
  if (!proposal) throw std::runtime_error(told(proposal.errors()));
  return std::move(*proposal);
}

inline std::string refused(const std::string& text, const std::string& file, const std::string& as = "",
                           const Files& files = {}) {
  const Result<model::Proposal> proposal = read(text, file, as, files);
  return proposal ? "accepted" : told(proposal.errors());
}

}  // namespace scaleplan::interop
