#include <fmt/format.h>

#include "cli/completion/words.hpp"

namespace scaleplan::cli {
namespace {

constexpr std::string_view head = R"sh(# fish completion for scaleplan

function __scaleplan_ids
    for kind in $argv
        scaleplan show $kind --format csv 2>/dev/null | sed '1d; s/,.*//'
    end
end

function __scaleplan_entries
    set -l words (commandline -opc)
    if test (count $words) -ge 3
        __scaleplan_ids $words[3]
    else
        scaleplan show --format csv 2>/dev/null | sed '1d; s/,.*//'
        echo rules
        echo completion
    end
end

)sh";

std::string quoted(std::string_view text) {
  return "'" + escaped(text, "\\'") + "'";
}

// what follows the name of an option or stands for an operand
std::string offer(const Candidates& from) {
  std::string out;
  if (!from.words.empty()) {
    out += " -a " + quoted(spaced(from.words));
  }
  if (!from.kinds.empty()) {
    out += fmt::format(" -a '(__scaleplan_ids {})'", spaced(from.kinds));
  }
  if (from.folders) {
    out += " -a '(__fish_complete_directories)'";
  }
  return (from.files ? " -F" : " -f") + out;
}

std::string option_line(const Option& option, const std::string& condition) {
  std::string out = "complete -c scaleplan" + condition + " -l " + option.name.substr(2);
  out += option.short_name.empty() ? "" : " -s " + option.short_name.substr(1);
  out += option.value.empty() ? " -f" : " -r" + offer(candidates(option));
  return out + " -d " + quoted(option.help) + "\n";
}

std::string command_lines(const Command& command) {
  std::string out = "complete -c scaleplan -n __fish_use_subcommand -f -a " + command.name + " -d " +
                    quoted(command.summary) + "\n";
  const std::string condition = " -n '__fish_seen_subcommand_from " + command.name + "'";
  if (command.name == "show") {
    out += "complete -c scaleplan" + condition + " -f -a '(__scaleplan_entries)'\n";
  }
  for (const Operand& operand : command.operands) {
    const Candidates from = candidates(command, operand);
    if (from.files || !from.kinds.empty()) {
      out += "complete -c scaleplan" + condition + offer(from) + "\n";
    }
  }
  for (const Option& option : all_options(command)) {
    out += option_line(option, condition);
  }
  return out;
}

}  // namespace

std::string fish_completion() {
  std::string out(head);
  for (const Command* command : commands()) {
    out += command_lines(*command);
  }
  return out + "complete -c scaleplan -n __fish_use_subcommand -l help -s h -f -d 'print help'\n" +
         "complete -c scaleplan -n __fish_use_subcommand -l version -f -d 'print the version'\n";
}

}  // namespace scaleplan::cli
