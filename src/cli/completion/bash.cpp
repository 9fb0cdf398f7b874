#include <fmt/format.h>

#include "cli/completion/words.hpp"

namespace scaleplan::cli {
namespace {

constexpr std::string_view head = R"sh(# bash completion for scaleplan

_scaleplan_ids() {
  local kind
  for kind in "$@"; do
    scaleplan show "$kind" --format csv 2>/dev/null | sed '1d; s/,.*//'
  done
}

_scaleplan_kinds() { scaleplan show --format csv 2>/dev/null | sed '1d; s/,.*//' && echo rules && echo completion; }

_scaleplan_words() { mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$1" -- "$2"); }

_scaleplan_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen "$1" -- "$2")
}

_scaleplan() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} name=${COMP_WORDS[1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
)sh";

// statements that offer what may stand for one placeholder
std::string offer(const Candidates& from) {
  std::string out;
  if (!from.words.empty()) {
    out += fmt::format("_scaleplan_words '{}' \"$current\"; ", spaced(from.words));
  }
  if (!from.kinds.empty()) {
    out += fmt::format("_scaleplan_words \"$(_scaleplan_ids {})\" \"$current\"; ", spaced(from.kinds));
  }
  if (from.files) {
    out += "_scaleplan_files -f \"$current\"; ";
  }
  if (from.folders) {
    out += "_scaleplan_files -d \"$current\"; ";
  }
  return out;
}

std::string values_of(const std::vector<Option>& options, const std::string& command) {
  std::string out;
  for (const Option& option : options) {
    if (option.value.empty()) {
      continue;
    }
    out += fmt::format("    {}:{}{}) {}return ;;\n", command, option.name,
                       option.short_name.empty() ? "" : fmt::format(" | {}:{}", command, option.short_name),
                       offer(candidates(option)));
  }
  return out;
}

std::vector<std::string> option_words(const std::vector<Option>& options) {
  std::vector<std::string> out;
  for (const Option& option : options) {
    out.push_back(option.name);
    if (!option.short_name.empty()) {
      out.push_back(option.short_name);
    }
  }
  return out;
}

std::string operands_of(const Command& command) {
  if (command.name == "show") {
    return "if [ \"$COMP_CWORD\" -eq 2 ]; then _scaleplan_words \"$(_scaleplan_kinds)\" \"$current\"; "
           "else _scaleplan_words \"$(_scaleplan_ids \"${COMP_WORDS[2]}\")\" \"$current\"; fi ";
  }
  Candidates all;
  for (const Operand& operand : command.operands) {
    const Candidates one = candidates(command, operand);
    all.words.insert(all.words.end(), one.words.begin(), one.words.end());
    all.kinds.insert(all.kinds.end(), one.kinds.begin(), one.kinds.end());
    all.files = all.files || one.files;
  }
  return offer(all);
}

}  // namespace

std::string bash_completion() {
  std::string out(head);
  std::vector<std::string> names;
  for (const Command* command : commands()) {
    names.push_back(command->name);
  }
  out += fmt::format("    _scaleplan_words '{} help --help --version' \"$current\"\n    return\n  fi\n",
                     spaced(names));
  out += "  case $name:$previous in\n";
  for (const Command* command : commands()) {
    out += values_of(command->options, command->name);
  }
  out += values_of(common_options(), "*") + "  esac\n  case $name:$current in\n";
  for (const Command* command : commands()) {
    out += fmt::format("    {}:-*) _scaleplan_words '{}' \"$current\" ;;\n    {}:*) {};;\n", command->name,
                       spaced(option_words(all_options(*command))), command->name, operands_of(*command));
  }
  out += fmt::format("    help:*) _scaleplan_words '{}' \"$current\" ;;\n  esac\n}}\n\n", spaced(names));
  return out + "complete -F _scaleplan scaleplan\n";
}

}  // namespace scaleplan::cli
