#include "cli/completion/words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "scaleplan/report/report.hpp"

namespace scaleplan::cli {
namespace {

// what placeholders of the option tables stand for; others are free text
struct Meaning {
  std::string_view placeholder;
  std::vector<std::string> kinds;
  bool files = false;
  bool folders = false;
};

const std::vector<Meaning>& meanings() {
  static const std::vector<Meaning> table = {
      {"FILE", {}, true, false},
      {"DIR", {}, false, true},
      {"ID[:SET]|FILE", {"laws"}, true, false},
      {"ID|FILE", {"laws"}, true, false},
      {"FIT|ID[:SET]|-", {"laws"}, true, false},
      {"FIT|LAW|GROUP", {"laws"}, true, false},
      {"POINTS", {}, true, false},
      {"MODEL", {"models"}, true, false},
      {"CLUSTER", {"clusters", "nodes"}, true, false},
  };
  return table;
}

// "bootstrap|profile", "on|off": a choice that the placeholder spells out
std::vector<std::string> spelled_out(std::string_view placeholder) {
  std::vector<std::string> out;
  while (!placeholder.empty()) {
    const std::size_t end = std::min(placeholder.find('|'), placeholder.size());
    const std::string_view word = placeholder.substr(0, end);
    if (word.empty() || word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != word.npos) {
      return {};
    }
    out.emplace_back(word);
    placeholder.remove_prefix(std::min(end + 1, placeholder.size()));
  }
  return out;
}

Candidates meant_by(std::string_view placeholder) {
  for (const Meaning& meaning : meanings()) {
    if (meaning.placeholder == placeholder) {
      return {{}, meaning.kinds, meaning.files, meaning.folders};
    }
  }
  return {spelled_out(placeholder), {}, false, false};
}

}  // namespace

Candidates candidates(const Option& option) {
  if (option.name == "--format") {
    const auto names = report::format_names();
    return {{names.begin(), names.end()}, {}, false, false};
  }
  return meant_by(option.value);
}

Candidates candidates(const Command& command, const Operand& operand) {
  if (command.name == "show") {
    return {};  // a kind and one of its ids, which the scripts ask the program for
  }
  Candidates out = meant_by(operand.name);
  out.files = true;
  return out;
}

std::string escaped(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) {
      out += '\\';
    }
    out += c;
  }
  return out;
}

std::string spaced(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, " "));
}

}  // namespace scaleplan::cli
