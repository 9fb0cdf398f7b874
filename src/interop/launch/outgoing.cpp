#include "interop/launch/outgoing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "interop/proposal_document.hpp"
#include "scaleplan/base/quantity.hpp"
#include "scaleplan/base/text.hpp"
#include "scaleplan/base/version.hpp"

namespace scaleplan::interop {
namespace {

constexpr std::string_view label_words[] = {"name", "cluster", "deployment.device", "deployment.precision",
                                            "deployment.kv_precision"};

// Ones of degrees, flags that are off: what every framework does when it is told nothing.
bool says_something(const std::string& path, const json::Value& value) {
  static const std::string_view degrees[] = {"tp", "pp", "cp", "ep", "dp", "micro_batch", "interleave"};
  if (value.is_boolean()) return value.boolean();
  if (!path.starts_with("layout.")) return true;
  const std::string_view key = std::string_view(path).substr(7);
  if (value.is_number() && value.number() == 1 &&
      std::find(std::begin(degrees), std::end(degrees), key) != std::end(degrees)) {
    return false;
  }
  return !(value.is_number() && value.number() == 0) && !(value.is_string() && value.string() == "none");
}

void list_members(const json::Value& object, const std::string& path, std::vector<std::string>& out) {
  for (const auto& [key, value] : object.object()) {
    const std::string inner = path.empty() ? key : fmt::format("{}.{}", path, key);
    if (value.is_object()) {
      list_members(value, inner, out);
    } else if (says_something(inner, value)) {
      out.push_back(inner);
    }
  }
}

json::Value members_of(const model::Proposal& proposal) {
  const json::Value document = proposal_to_json(proposal);
  json::Value members = json::Object{};
  for (const auto& [key, value] : document.object()) {
    if (key == "schema") continue;
    if (key != "layout") {
      members.set(key == "model" ? "shape" : key, value);
      continue;
    }
    json::Value layout = json::Object{};
    for (const auto& [name, degree] : value.object()) {
      const bool whole_group = name == "zero_group" && proposal.layout->zero_group == 0;
      if (name != "text" && !whole_group) layout.set(name, degree);
    }
    members.set("layout", std::move(layout));
  }
  return members;
}

}  // namespace

Outgoing::Outgoing(const model::Proposal& proposal, std::string_view framework)
    : proposal_(&proposal), framework_(framework), root_(members_of(proposal)) {
  list_members(root_, "", open_);
  std::erase_if(open_, [](const std::string& path) { return path == "shape.aspect"; });
}

std::optional<json::Value> Outgoing::take(const std::string& path) {
  const json::Value* at = &root_;
  std::size_t start = 0;
  while (at != nullptr && start <= path.size()) {
    const std::size_t dot = std::min(path.find('.', start), path.size());
    at = at->find(path.substr(start, dot - start));
    start = dot + 1;
  }
  std::erase(open_, path);
  return at == nullptr ? std::nullopt : std::optional(*at);
}

json::Value Outgoing::need(const std::string& path) {
  if (auto value = take(path)) return *value;
  fail(fmt::format("the proposal does not say {}", path), "add it to the proposal");
  return nullptr;
}

void Outgoing::fail(std::string message, std::string remedy) {
  errors_.push_back(
      error(fmt::format("{}: {}", framework_, message), std::move(remedy), Place{proposal_->file, 0, 0, ""}));
}

void Outgoing::take_all(const std::string& path) {
  std::erase_if(open_, [&](const std::string& each) { return each == path || each.starts_with(path + "."); });
}

Diagnostics Outgoing::finish() {
  const auto engine = take("engine");
  const std::vector<std::string> left = open_;
  for (const std::string& path : left) {
    if (path.starts_with("deployment")) continue;  // what serves the model is another file
    const auto value = take(path);
    fail(fmt::format("cannot be told {} {}", path, value ? text_of(*value) : ""),
         "leave it out of the proposal, or render for another framework");
  }
  return errors_;
}

Steps take_steps(Outgoing& out) {
  Steps steps;
  const auto number = [&](const std::string& path) {
    const json::Value value = out.need(path);
    return value.is_number() ? value.number() : 0.0;
  };
  const double tokens = number("tokens");
  const double batch = number("batch_tokens");
  const double length = number("sequence_length");
  if (tokens <= 0 || batch <= 0 || length <= 0) return steps;
  if (std::fmod(batch, length) != 0) {
    out.fail(fmt::format("batches of {} tokens are no whole number of sequences of {}", plain(batch),
                         plain(length)));
    return steps;
  }
  const auto whole = [](double value) { return static_cast<std::int64_t>(std::ceil(value - 1e-9)); };
  steps.all = whole(tokens / batch);
  steps.batch = whole(batch / length);
  const auto warmup = out.take("schedule.warmup_tokens");
  steps.warmup = warmup ? whole(warmup->number() / batch) : 0;
  const auto cooldown = out.take("schedule.cooldown_fraction");
  steps.cooldown = cooldown ? std::llround(cooldown->number() * static_cast<double>(steps.all)) : 0;
  const std::optional<model::Layout>& layout = out.proposal().layout;
  const std::int64_t together = layout ? layout->micro_batch * layout->dp : 1;
  if (steps.batch % together != 0) {
    out.fail(fmt::format("{} sequences per step are no multiple of micro-batch x replicas = {}", steps.batch,
                         together));
  }
  steps.accumulation = std::max<std::int64_t>(1, steps.batch / together);
  return steps;
}

double rounded(double value) {
  return *number_of(fmt::format("{:.12g}", value));
}

std::string plain(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) return fmt::format("{:.0f}", value);
  std::string text = fmt::format("{}", value);  // readers of YAML take 1e-05 for a word, 1.0e-05 for a number
  const std::size_t exponent = text.find('e');
  if (exponent != std::string::npos && text.find('.') == std::string::npos) text.insert(exponent, ".0");
  return text;
}

std::string labels(Outgoing& out, std::string_view mark) {
  std::string text = fmt::format("{} Written by scaleplan {}.\n", mark, version());
  for (const std::string_view word : std::span(label_words).first(2)) {  // the others are servers'
    const std::string path(word);
    if (const auto value = out.take(path)) {
      text += fmt::format("{} scaleplan {} = {}\n", mark, path, json::write(*value, false));
    }
  }
  return text;
}

void read_labels(const std::string& text, const std::string& file, Draft& draft) {
  std::size_t line = 0;
  for (std::size_t start = 0; start < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view here = std::string_view(text).substr(start, end - start);
    start = end + 1;
    for (const std::string_view word : label_words) {
      const std::string opening = fmt::format("scaleplan {} = ", word);
      const std::size_t at = here.find(opening);
      if (!here.starts_with("#") || at == std::string_view::npos) continue;
      std::string said(here.substr(at + opening.size()));
      if (said.ends_with('\r')) said.pop_back();
      const Result<json::Document> value = json::parse("[" + said + "]", file);
      if (!value || !value->root().array().front().is_string()) continue;
      const std::string& content = value->root().array().front().string();
      if (word == "name") {
        draft.name(content);
      } else {
        draft.set(std::string(word), content, {file, line + 1, at + opening.size() + 1, ""});
      }
    }
  }
}

}  // namespace scaleplan::interop
