#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scaleplan/base/result.hpp"
#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/model/proposal.hpp"

namespace scaleplan::interop {

/// A framework whose files are read as proposals, or written from one, or both.
struct Framework {
  std::string_view id;        ///< "megatron-lm"
  std::string_view title;     ///< "Megatron-LM"
  std::string_view versions;  ///< that the table of flags was checked against
  bool reads = false;
  bool writes = false;
  std::string_view files;  ///< "argument lists (.sh, .txt) and YAML"
};
std::span<const Framework> frameworks();

/// What reading a proposal needs from outside. `open` gives the text of a path that the document names,
/// relative to the document.
struct ProposalSources {
  const json::Catalogue* catalogue = nullptr;
  std::function<Result<std::string>(const std::string& path)> open;
};

/// A proposal document (scaleplan/proposal/1), a plan (its `decision`), or a file of a framework. `as`: a
/// framework's id, or empty: told by content. Errors: what is neither, flags that contradict each other,
/// versions that are not supported, schemas of another version. Keys that may change the cost and are not
/// understood are notices of the proposal.
Result<model::Proposal> read_proposal(const std::string& text, const std::string& file, std::string_view as,
                                      const ProposalSources& sources);

/// A file to launch with.
struct LaunchFile {
  std::string name;  ///< "train.sh", "config.toml"
  std::string text;
};
/// Files of a framework that `read_proposal` reads back to the same proposal. Errors: an unknown framework,
/// a proposal without what the framework must be told, or with what it cannot do.
Result<std::vector<LaunchFile>> write_launch(const model::Proposal& proposal, std::string_view framework);

}  // namespace scaleplan::interop
