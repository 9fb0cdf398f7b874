#include "scaleplan/interop/proposal.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "interop/detect.hpp"
#include "interop/frameworks.hpp"
#include "interop/proposal_document.hpp"
#include "scaleplan/base/suggest.hpp"
#include "scaleplan/base/text.hpp"

namespace scaleplan::interop {
namespace {

using Ability = bool Framework::*;

Result<const FrameworkFiles*> find_framework(std::string_view id, Ability ability, std::string_view verb) {
  std::vector<std::string> able;
  bool known = false;
  for (const FrameworkFiles* each : all_frameworks()) {
    if (each->about.*ability) {
      if (each->about.id == id) return each;
      able.emplace_back(each->about.id);
    }
    known = known || each->about.id == id;
  }
  const std::string near = known ? "" : did_you_mean(id, able);
  return error(known ? fmt::format("files of {} are not {}", id, verb)
                     : fmt::format("no framework is called \"{}\"", excerpt(id)),
               near.empty() ? fmt::format("choose one of {}", fmt::join(able, ", ")) : near);
}

std::optional<Diagnostic> unreadable(const std::string& text, const std::string& file) {
  const Place place{file, 1, 1, ""};
  if (text.size() > longest_proposal) {
    return error(fmt::format("{} bytes are too many for a proposal", text.size()),
                 fmt::format("a proposal has at most {} MiB", longest_proposal >> 20U),
                 Place{file, 0, 0, ""});
  }
  if (auto binary = not_text(text)) {
    binary->place = place;
    return binary;
  }
  if (const std::size_t wrong = invalid_utf8(text); wrong != std::string_view::npos) {
    Place at{file, 0, 0, ""};
    LineIndex(text).locate(text, wrong, at);
    return error("this is no UTF-8 text", "save the file as UTF-8", at);
  }
  if (stripped(without_bom(text)).empty()) return error("the file is empty", "give a proposal", place);
  return std::nullopt;
}

Diagnostic nobody_knows(const std::string& file) {
  std::vector<std::string_view> readable;
  for (const FrameworkFiles* each : all_frameworks()) {
    if (each->about.reads) readable.push_back(each->about.id);
  }
  return error("this is neither a proposal, a plan nor a file of a framework that is read here",
               fmt::format("give a scaleplan/proposal/1 document, or say whose file it is: {}",
                           fmt::join(readable, ", ")),
               {file, 1, 1, ""});
}

// JSON that says a schema is a document of ours; other JSON may be a file of a framework.
std::optional<Result<model::Proposal>> read_ours(const std::string& text, const std::string& file,
                                                 const ProposalSources& sources) {
  const Result<json::Document> document = json::parse(text, file, {longest_proposal, 64});
  if (!document) return Result<model::Proposal>(document.errors());
  if (document->root().find("schema") == nullptr) return std::nullopt;
  return read_proposal_document(*document, sources);
}

void set_place(Diagnostics& diagnostics, const std::string& file) {
  for (Diagnostic& each : diagnostics) {
    if (each.place.file.empty()) each.place.file = file;
  }
}

}  // namespace

std::span<const Framework> frameworks() {
  static const std::vector<Framework> all = [] {
    std::vector<Framework> out;
    for (const FrameworkFiles* each : all_frameworks()) out.push_back(each->about);
    return out;
  }();
  return all;
}

Result<model::Proposal> read_proposal(const std::string& text, const std::string& file, std::string_view as,
                                      const ProposalSources& sources) {
  if (auto wrong = unreadable(text, file)) return *wrong;
  const FrameworkFiles* framework = nullptr;
  const std::string_view body = stripped(without_bom(text));
  if (!as.empty()) {
    const auto found = find_framework(as, &Framework::reads, "read");
    if (!found) return found.errors();
    framework = *found;
  } else {
    if (body.starts_with('{')) {
      if (auto ours = read_ours(text, file, sources)) return *ours;
    }
    for (const FrameworkFiles* each : all_frameworks()) {
      if (framework == nullptr && each->recognises != nullptr && each->recognises(body)) framework = each;
    }
  }
  if (framework == nullptr) return nobody_knows(file);
  Result<model::Proposal> proposal = framework->read(text, file, sources);
  if (!proposal) {
    Diagnostics errors = proposal.errors();
    set_place(errors, file);
    return errors;
  }
  proposal->origin = framework->about.id;
  proposal->file = file;
  return proposal;
}

Result<std::vector<LaunchFile>> write_launch(const model::Proposal& proposal, std::string_view framework) {
  const auto found = find_framework(framework, &Framework::writes, "written");
  if (!found) return found.errors();
  return (*found)->write(proposal);
}

}  // namespace scaleplan::interop
