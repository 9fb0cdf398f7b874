#include <algorithm>
#include <charconv>
#include <vector>

#include "interop/launch/megatron_core.hpp"

namespace scaleplan::interop {
namespace {

constexpr std::size_t most_layers = 100000;

std::optional<std::int64_t> number_at(std::string_view text, std::size_t& at) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data() + at, text.data() + text.size(), value);
  if (code != std::errc{}) return std::nullopt;
  at = static_cast<std::size_t>(end - text.data());
  return value;
}

// One list "[0,1]" and how often it is repeated.
bool read_list(std::string_view text, std::size_t& at, std::vector<int>& layers) {
  std::vector<int> list;
  ++at;
  while (at < text.size() && text[at] != ']') {
    const auto value = number_at(text, at);
    if (!value || *value < 0 || *value > 1) return false;
    list.push_back(static_cast<int>(*value));
    if (at < text.size() && text[at] == ',') ++at;
  }
  if (at >= text.size()) return false;
  ++at;
  std::int64_t times = 1;
  if (at < text.size() && text[at] == '*') {
    ++at;
    const auto value = number_at(text, at);
    if (!value || *value < 0) return false;
    times = *value;
  }
  for (std::int64_t i = 0; i < times && layers.size() <= most_layers; ++i) {
    layers.insert(layers.end(), list.begin(), list.end());
    if (list.empty()) break;
  }
  return true;
}

std::vector<int> read_lists(std::string_view text) {
  std::vector<int> layers;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == '[') {
      if (!read_list(text, at, layers)) return {};
    } else if (text[at] == '+') {
      ++at;
    } else {
      return {};
    }
  }
  return layers;
}

std::string without_blanks(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '(' && c != ')' && c != '\'' && c != '"') out += c;
  }
  return out;
}

}  // namespace

bool read_layer_pattern(const std::string& text, std::int64_t layers, model::Experts& experts) {
  const std::string pattern = without_blanks(text);
  std::size_t at = 0;
  if (const auto every = number_at(pattern, at); every && at == pattern.size()) {
    experts.period = *every;
    return *every >= 1 && layers % *every == 0;
  }
  const std::vector<int> list = read_lists(pattern);
  if (static_cast<std::int64_t>(list.size()) != layers) return false;
  std::size_t dense = 0;
  while (dense < list.size() && list[dense] == 0) ++dense;
  if (dense == list.size()) return false;
  const auto routed = static_cast<std::size_t>(std::count(list.begin(), list.end(), 1));
  if (routed == list.size() - dense) {
    experts.dense_layers = static_cast<std::int64_t>(dense);
    experts.period = 1;
    return true;
  }
  // Otherwise the same stretch must come again and again, with one routed layer in it.
  const std::size_t period = list.size() / routed;
  for (std::size_t i = 0; i + period < list.size(); ++i) {
    if (list[i] != list[i + period]) return false;
  }
  experts.dense_layers = 0;
  experts.period = static_cast<std::int64_t>(period);
  return list.size() % routed == 0;
}

}  // namespace scaleplan::interop
