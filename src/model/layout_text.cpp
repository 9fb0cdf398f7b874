#include <fmt/format.h>

#include <array>
#include <charconv>

#include "scaleplan/base/suggest.hpp"
#include "scaleplan/model/layout.hpp"

namespace scaleplan::model {
namespace {

struct Degree {
  std::string_view name;
  std::int64_t Layout::*field;
};
constexpr std::array<Degree, 7> degrees = {{{"tp", &Layout::tp},
                                            {"pp", &Layout::pp},
                                            {"vpp", &Layout::interleave},
                                            {"cp", &Layout::cp},
                                            {"ep", &Layout::ep},
                                            {"dp", &Layout::dp},
                                            {"mbs", &Layout::micro_batch}}};

// the number that the whole of `text` is; 0 when it is none
std::int64_t positive(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  return code == std::errc{} && end == text.data() + text.size() ? value : 0;
}

// "zero1" or "zero3/8"
bool read_zero(std::string_view text, Layout& layout) {
  const std::size_t slash = text.find('/');
  const std::string_view stage = text.substr(0, slash);
  if (stage.size() != 1 || stage.front() < '0' || stage.front() > '3') return false;
  layout.zero = stage.front() - '0';
  if (slash == std::string_view::npos) return true;
  layout.zero_group = positive(text.substr(slash + 1));
  return layout.zero_group > 0;
}

bool read_word(std::string_view word, Layout& layout) {
  if (word == "sp") return layout.sequence_parallel = true;
  if (word.starts_with("zero")) return read_zero(word.substr(4), layout);
  for (const Degree& degree : degrees) {
    const std::int64_t value = word.starts_with(degree.name) ? positive(word.substr(degree.name.size())) : 0;
    if (value > 0) {
      layout.*degree.field = value;
      return true;
    }
  }
  const Result<Recompute> recompute = find_recompute(word);
  if (recompute) layout.recompute = *recompute;
  return static_cast<bool>(recompute);
}

}  // namespace

Result<Recompute> find_recompute(std::string_view name) {
  std::vector<std::string> known;
  for (const Recompute each :
       {Recompute::none, Recompute::selective, Recompute::operators, Recompute::full}) {
    if (recompute_name(each) == name) return each;
    known.emplace_back(recompute_name(each));
  }
  const std::string near = did_you_mean(std::string(name), known);
  return error(fmt::format("no recomputation is called \"{}\"", name),
               near.empty() ? "choose none, selective, operators or full" : near);
}

Result<Layout> parse_layout(std::string_view text, std::int64_t devices) {
  Layout layout;
  layout.dp = 0;
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find_first_of(" \t,", start), text.size());
    const std::string_view word = text.substr(start, end - start);
    start = end + 1;
    if (!word.empty() && !read_word(word, layout)) {
      return error(fmt::format("\"{}\" says nothing about a layout", word),
                   "a layout reads like \"tp8 pp12 vpp2 cp1 ep1 dp4 mbs2 zero1 sp full\"; zero3/8 shares "
                   "states among 8, and recomputation is none, selective, operators or full");
    }
  }
  if (layout.dp == 0) {
    const std::int64_t replica = layout.tp * layout.pp * layout.cp;
    if (devices < 1 || devices % replica != 0) {
      return error(fmt::format("{} devices are not a multiple of tp {} x pp {} x cp {}", devices, layout.tp,
                               layout.pp, layout.cp));
    }
    layout.dp = devices / replica;
  }
  return layout;
}

}  // namespace scaleplan::model
