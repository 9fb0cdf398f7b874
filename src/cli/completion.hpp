#pragma once

#include <string>
#include <vector>

#include "cli/command.hpp"

namespace scaleplan::cli {

/// The shells that completions are written for, sorted.
const std::vector<std::string>& completion_shells();

/// A script that completes commands, options, their values and operands in `shell`, made from the same
/// tables as help and parsing. Ids of the catalogue are asked of the program when they are needed. An
/// unknown shell is an error with the known ones.
Result<Answer> completion(const std::string& shell);

}  // namespace scaleplan::cli
