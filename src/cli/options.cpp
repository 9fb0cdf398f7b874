#include "cli/command.hpp"

namespace scaleplan::cli {

const std::vector<Option>& common_options() {
  static const std::vector<Option> options = {
      {"--format", "", "FORMAT",
       "table, json, csv, markdown, html or vega-lite; findings: sarif, junit or github", "table", false},
      {"--output", "-o", "FILE", "write to FILE, replaced in one step, instead of standard output", "",
       false},
      {"--level", "", "P", "probability that intervals hold", "0.9", false},
      {"--seed", "", "N", "seed of random draws", "1", false},
      {"--threads", "", "N", "threads to use; the answer does not depend on it", "as many as processors",
       false},
      {"--catalogue", "", "DIR", "folder whose entries come before the built-in ones", "$SCALEPLAN_CATALOGUE",
       false},
      {"--explain", "", "", "say also how the answer was computed", "", false},
      {"--verbose", "", "", "say on standard error what was read, mapped and ignored", "", false},
      {"--help", "-h", "", "print help", "", false},
      {"--version", "", "", "print the version of program and catalogue", "", false},
  };
  return options;
}

std::vector<Option> all_options(const Command& command) {
  std::vector<Option> out = command.options;
  out.insert(out.end(), common_options().begin(), common_options().end());
  return out;
}

}  // namespace scaleplan::cli
