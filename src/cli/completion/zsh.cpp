#include <fmt/format.h>

#include "cli/completion/words.hpp"

namespace scaleplan::cli {
namespace {

constexpr std::string_view head = R"sh(#compdef scaleplan
# zsh completion for scaleplan

_scaleplan_ids() {
  local kind
  for kind in "$@"; do
    compadd -- ${(f)"$(scaleplan show $kind --format csv 2>/dev/null | sed '1d; s/,.*//')"}
  done
}

_scaleplan_kinds() { compadd -- ${(f)"$(scaleplan show --format csv 2>/dev/null | sed '1d; s/,.*//')"} rules completion }

_scaleplan_entries() { _scaleplan_ids "${words[2]}" }

_scaleplan_any() {
  local action
  for action in "$@"; do
    ${(z)action}
  done
}

)sh";

// text inside single quotes and brackets of a specification
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : escaped(text, "[]:\\")) {
    out += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return out;
}

std::string offer(const Candidates& from) {
  std::vector<std::string> actions;
  if (!from.words.empty()) {
    actions.push_back("\"compadd " + spaced(from.words) + "\"");
  }
  if (!from.kinds.empty()) {
    actions.push_back("\"_scaleplan_ids " + spaced(from.kinds) + "\"");
  }
  if (from.files) {
    actions.emplace_back("_files");
  }
  if (from.folders) {
    actions.emplace_back("\"_files -/\"");
  }
  // the space: _arguments calls the rest as it stands
  return actions.empty() ? "" : " _scaleplan_any " + spaced(actions);
}

std::string option_lines(const Option& option) {
  std::string out;
  for (const std::string& name : {option.name, option.short_name}) {
    if (name.empty()) {
      continue;
    }
    out += fmt::format(" \\\n        '*{}[{}]", name, plain(option.help));
    if (!option.value.empty()) {
      out += fmt::format(":{}:{}", plain(option.value), offer(candidates(option)));
    }
    out += "'";
  }
  return out;
}

std::string operand_lines(const Command& command) {
  if (command.name == "show") {
    return " \\\n        '1:KIND: _scaleplan_kinds' \\\n        '2:ID: _scaleplan_entries'";
  }
  std::string out;
  std::size_t place = 0;
  for (const Operand& operand : command.operands) {
    ++place;
    out += fmt::format(" \\\n        '{}:{}:{}'", operand.maximum == 1 ? std::to_string(place) : "*",
                       plain(operand.name), offer(candidates(command, operand)));
  }
  return out;
}

}  // namespace

std::string zsh_completion() {
  std::string out(head);
  out += "_scaleplan() {\n  local -a commands=(\n";
  for (const Command* command : commands()) {
    out += fmt::format("    '{}:{}'\n", command->name, plain(command->summary));
  }
  out +=
      "  )\n  if (( CURRENT == 2 )); then\n    _describe command commands\n    return\n  fi\n"
      "  local name=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $name in\n";
  for (const Command* command : commands()) {
    out += fmt::format("    {})\n      _arguments", command->name);
    for (const Option& option : all_options(*command)) {
      out += option_lines(option);
    }
    out += operand_lines(*command) + "\n      ;;\n";
  }
  return out +
         "  esac\n}\n\nif [ \"$funcstack[1]\" = _scaleplan ]; then\n  _scaleplan \"$@\"\nelse\n  compdef "
         "_scaleplan scaleplan\nfi\n";
}

}  // namespace scaleplan::cli
