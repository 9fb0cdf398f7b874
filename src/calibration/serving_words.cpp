#include "calibration/serving_words.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

namespace scaleplan::calibration {

namespace {

using Pair = std::pair<std::string_view, std::string_view>;

// Releases with the shape of an earlier one.
constexpr std::array<Pair, 9> same_shape{{
    {"deepseek-r1", "deepseek-v3"},
    {"deepseek-v3.1", "deepseek-v3"},
    {"kimi-k2.5", "kimi-k2"},
    {"llama-3.1-8b", "llama-3-8b"},
    {"llama-3.1-70b", "llama-3-70b"},
    {"llama-3.3-70b", "llama-3-70b"},
    {"llama-7b", "llama-2-7b"},
    {"minimax-m2.5", "minimax-m2"},
    {"qwen3-235b", "qwen3-235b-a22b"},
}};

// Parts of a name that do not change the shape.
constexpr std::array<std::string_view, 8> suffixes{"-instruct", "-chat", "-fp8",  "-fp4",
                                                   "-hf",       "-2507", "-0528", "-it"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = c == ' ' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return out;
}

bool strip_suffix(std::string& name) {
  for (const std::string_view suffix : suffixes) {
    if (name.size() > suffix.size() && name.ends_with(suffix)) {
      name.resize(name.size() - suffix.size());
      return true;
    }
  }
  return false;
}

std::optional<model::Model> listed(const json::Catalogue& catalogue, std::string_view id) {
  const std::vector<std::string> ids = catalogue.ids("models");
  if (!std::binary_search(ids.begin(), ids.end(), id)) return std::nullopt;
  Result<model::Model> found = model::find_model(catalogue, id);
  if (!found) return std::nullopt;
  return std::move(*found);
}

// "1.2.0rc6" → 1.2; nothing without digits on both sides of a dot
std::optional<double> version_in(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (std::isdigit(static_cast<unsigned char>(text[i])) == 0) continue;
    int major = 0;
    int minor = 0;
    const char* end = text.data() + text.size();
    const auto first = std::from_chars(text.data() + i, end, major);
    if (first.ptr != end && *first.ptr == '.') {
      const auto second = std::from_chars(first.ptr + 1, end, minor);
      if (second.ec == std::errc{} && minor < 100) return major + 0.01 * minor;
    }
    i = static_cast<std::size_t>(first.ptr - text.data());
  }
  return std::nullopt;
}

// year and month of the first arXiv id, as 2505
std::optional<int> arxiv_month(std::string_view source) {
  const std::size_t at = source.find("arXiv");
  if (at == std::string_view::npos) return std::nullopt;
  const std::size_t digits = source.find_first_of("0123456789", at);
  int month = 0;
  if (digits == std::string_view::npos) return std::nullopt;
  std::from_chars(source.data() + digits, source.data() + source.size(), month);
  return month;
}

}  // namespace

bool mentions(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

std::optional<double> number_before(std::string_view text, std::string_view word) {
  const std::size_t at = text.find(word);
  if (at == std::string_view::npos) return std::nullopt;
  std::size_t begin = at;
  while (begin > 0 && std::isdigit(static_cast<unsigned char>(text[begin - 1])) != 0) --begin;
  double value = 0;
  const auto read = std::from_chars(text.data() + begin, text.data() + at, value);
  if (begin == at || read.ec != std::errc{}) return std::nullopt;
  return value;
}

std::optional<model::Model> served_model(const json::Catalogue& catalogue, std::string_view name) {
  std::string id = lower(name);
  do {
    if (auto found = listed(catalogue, id)) return found;
    for (const auto& [release, shape] : same_shape) {
      if (id != release) continue;
      if (auto found = listed(catalogue, shape)) return found;
    }
  } while (strip_suffix(id));
  return std::nullopt;
}

serving::Engine served_engine(std::string_view framework, std::string_view source) {
  const std::string words = lower(framework);
  serving::Engine engine;
  const bool vllm = mentions(words, "vllm");
  if (vllm || mentions(words, "sglang")) {
    engine = serving::find_engine(vllm ? "vllm" : "sglang").value();
  }
  const std::optional<double> version = version_in(words);
  const bool python = engine.host == serving::Host::python;
  bool classic = false;
  if (mentions(words, "mlperf") || mentions(words, "fastertransformer")) {
    engine.name = words;
    classic = true;
  } else if (version) {
    classic = *version < (python ? 0.09 : 1.0);  // the second engine of each
  } else {
    classic = arxiv_month(source).value_or(9999) <= 2505;
  }
  engine.overhead = classic ? serving::Overhead::classic : serving::Overhead::current;
  return engine;
}

std::string served_precision(std::string_view precision, std::string_view model) {
  if (lower(model).starts_with("gpt-oss")) return "mxfp4";
  if (precision.empty()) return "bf16";
  if (precision == "nvfp4") return "fp4";
  if (precision.starts_with("mxfp4")) return "mxfp4";
  if (precision.starts_with("int8")) return "int8";
  return std::string(precision);
}

}  // namespace scaleplan::calibration
