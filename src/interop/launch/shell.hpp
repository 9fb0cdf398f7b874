#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "interop/launch/settings.hpp"

namespace scaleplan::interop {

/// A word of a script after its variables were put in.
struct Word {
  std::string text;
  std::size_t offset = 0;     ///< of its source, where the text comes from
  std::string unresolved;     ///< the first variable in it that the script does not set
  bool ends_command = false;  ///< nothing of the same command or array follows
};

/// The words of a shell script in order: of commands and of arrays, with the variables that the script itself
/// sets (literals, defaults `${X:-1}`, whole-number arithmetic). Words of strings that hold options are
/// split. Nothing is run: conditions and loops are not followed, both branches count. Errors: more than 1
/// MiB, or variables that grow beyond 8 MiB.
Result<std::vector<Word>> shell_words(std::string_view text);

/// The options in a script or a plain list of arguments: `--key value`, `--key=value`, `--key`, several
/// values as an array; keys without dashes in front and with dashes for underscores. Lines `#SBATCH
/// --key=value` count as `sbatch.key`.
Result<Settings> shell_settings(const std::string& text, const std::string& file);

}  // namespace scaleplan::interop
