#include "interop/logs/line_format.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace scaleplan::interop {
namespace {

constexpr std::array formats = {
    LineFormat{"Megatron log", read_megatron_line},
    LineFormat{"modded-nanogpt log", read_modded_nanogpt_line},
    LineFormat{"nanoGPT log", read_nanogpt_line},
    LineFormat{"llm.c log", read_llmc_line},
    LineFormat{"torchtitan log", read_torchtitan_line},
};

std::size_t after_blanks(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(" \t", at), text.size());
}

// ESC [ digits m
bool ends_colour(std::string_view text) {
  const std::size_t escape = text.rfind("\x1b[");
  return escape != std::string_view::npos && text.ends_with('m') &&
         text.find_first_not_of("0123456789;", escape + 2) == text.size() - 1;
}

}  // namespace

bool LabelledNumbers::take(std::string_view label, std::string_view column) {
  for (std::size_t at = line_.find(label); at != std::string_view::npos; at = line_.find(label, at + 1)) {
    const bool begins = at == 0 || std::string_view(" \t|,").find(line_[at - 1]) != std::string_view::npos ||
                        ends_colour(line_.substr(0, at));
    if (begins && read(after_blanks(line_, at + label.size()), column)) {
      return true;
    }
  }
  return false;
}

bool LabelledNumbers::take_after_slash(std::string_view column) {
  return end_ < line_.size() && line_[end_] == '/' && read(after_blanks(line_, end_ + 1), column);
}

bool LabelledNumbers::read(std::size_t at, std::string_view column) {
  StepCell cell{column, 0, at};
  const auto [end, code] = std::from_chars(line_.data() + at, line_.data() + line_.size(), cell.number);
  if (code != std::errc{}) {
    return false;
  }
  end_ = static_cast<std::size_t>(end - line_.data());
  cells_.push_back(cell);
  return true;
}

const LineFormat* detect_line_format(std::string_view text) {
  constexpr int lines_looked_at = 2000;
  constexpr std::size_t longest_line = 4096;
  std::array<int, formats.size()> hits{};
  std::size_t start = 0;
  for (int i = 0; i < lines_looked_at && start < text.size(); ++i) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    for (std::size_t f = 0; f < formats.size(); ++f) {
      LabelledNumbers line(text.substr(start, std::min(end - start, longest_line)));
      hits[f] += formats[f].read(line) ? 1 : 0;
    }
    start = end + 1;
  }
  const auto best = std::max_element(hits.begin(), hits.end());
  return *best == 0 ? nullptr : &formats[static_cast<std::size_t>(best - hits.begin())];
}

}  // namespace scaleplan::interop
