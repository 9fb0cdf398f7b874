#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.hpp"

namespace scaleplan::cli {

/// What may stand for a placeholder of an option or operand: words that are known beforehand, ids of kinds of
/// the catalogue, and files or folders.
struct Candidates {
  std::vector<std::string> words;
  std::vector<std::string> kinds;  ///< of the catalogue: "laws"
  bool files = false;
  bool folders = false;
};

Candidates candidates(const Option& option);
Candidates candidates(const Command& command, const Operand& operand);

/// `text` with a backslash before each of `special`.
std::string escaped(std::string_view text, std::string_view special);
/// Words with a space between them.
std::string spaced(const std::vector<std::string>& words);

/// One script for each shell.
std::string bash_completion();
std::string fish_completion();
std::string zsh_completion();

}  // namespace scaleplan::cli
