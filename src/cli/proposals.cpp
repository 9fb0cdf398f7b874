#include "cli/proposals.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "cli/files.hpp"
#include "scaleplan/base/digest.hpp"

namespace scaleplan::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* policy_name = "scaleplan-policy.json";

void append(Diagnostics& all, const Diagnostics& more) {
  all.insert(all.end(), more.begin(), more.end());
}

fs::path folder_of(const std::string& file) {
  return file == "-" ? fs::path() : fs::path(file).parent_path();
}

Result<gate::Candidate> read_one(const std::string& file, const std::string& as, Session& session) {
  const Result<std::string> text = read_input(file, session);
  if (!text) {
    return text.errors();
  }
  Result<model::Proposal> proposal = interop::read_proposal(*text, file, as, sources_beside(file, session));
  if (!proposal) {
    return proposal.errors();
  }
  gate::Candidate out;
  out.proposal = std::move(*proposal);
  if (out.proposal.origin == "plan") {
    const Result<json::Document> document = json::parse(*text, file);
    Result<gate::Reference> plan = document ? gate::read_reference(*document) : document.errors();
    if (!plan) {
      return plan.errors();
    }
    out.made_with = std::move(*plan);
  }
  return out;
}

// A file without a folder stands in the current one.
fs::path absolute_folder(const std::string& file) {
  std::error_code code;
  return (fs::current_path(code) / folder_of(file)).lexically_normal();
}

// The nearest policy in the folder of the file or above it, or empty.
std::string find_policy(const std::string& file) {
  std::error_code code;
  fs::path folder = absolute_folder(file);
  while (!folder.empty()) {
    const fs::path candidate = folder / policy_name;
    if (fs::is_regular_file(candidate, code)) {
      return candidate.string();
    }
    const fs::path above = folder.parent_path();
    if (above == folder) {
      break;
    }
    folder = above;
  }
  return {};
}

// As a reader in this folder would write it.
std::string shown(const std::string& path) {
  std::error_code code;
  const fs::path near = fs::path(path).lexically_relative(fs::current_path(code));
  return near.empty() ? path : near.string();
}

}  // namespace

interop::ProposalSources sources_beside(const std::string& file, Session& session) {
  return {&session.catalogue, [folder = folder_of(file), &session](const std::string& path) {
            return read_input((folder / path).string(), session);
          }};
}

Result<std::vector<gate::Candidate>> read_proposals(const std::vector<std::string>& operands,
                                                    const std::string& as, Session& session) {
  std::vector<gate::Candidate> out;
  Diagnostics errors;
  for (const std::string& file : operands) {
    Result<gate::Candidate> one = read_one(file, as, session);
    one ? out.push_back(std::move(*one)) : append(errors, one.errors());
  }
  if (!errors.empty()) {
    return errors;
  }
  return out;
}

Result<ChosenPolicy> choose_policy(const std::string& path, const std::vector<gate::Candidate>& candidates,
                                   Session& session) {
  std::string file = path;
  if (path.empty()) {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const std::string found = find_policy(candidates[i].proposal.file);
      if (i > 0 && found != file) {
        const auto name = [](const std::string& policy) { return policy.empty() ? "none" : shown(policy); };
        return error(fmt::format("{} falls under the policy {}, {} under {}", candidates[0].proposal.file,
                                 name(file), candidates[i].proposal.file, name(found)),
                     "choose one with --policy, or check them in two calls");
      }
      file = found;
    }
    file = file.empty() ? "" : shown(file);
  }
  ChosenPolicy out;
  if (file.empty()) {
    return out;
  }
  Result<std::string> text = read_input(file, session);
  if (!text) {
    return text.errors();
  }
  out.digest = sha256(*text);
  const Result<json::Document> document = json::parse(std::move(*text), file);
  if (!document) {
    return document.errors();
  }
  Result<gate::Policy> policy = gate::read_policy(*document);
  if (!policy) {
    return policy.errors();
  }
  out.policy = std::move(*policy);
  out.folder = absolute_folder(file).string();
  return out;
}

void relate_to(const std::string& folder, std::vector<gate::Candidate>& candidates) {
  std::error_code code;
  for (gate::Candidate& candidate : candidates) {
    const fs::path file = fs::absolute(candidate.proposal.file, code).lexically_normal();
    candidate.path = folder.empty() || candidate.proposal.file == "-"
                         ? candidate.proposal.file
                         : file.lexically_relative(folder).generic_string();
  }
}

}  // namespace scaleplan::cli
