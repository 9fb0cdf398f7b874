#include "interop/launch/draft.hpp"

#include <fmt/format.h>

#include <cmath>

#include "interop/proposal_document.hpp"
#include "scaleplan/base/text.hpp"
#include "scaleplan/interop/model_file.hpp"

namespace scaleplan::interop {
namespace {

// A setting's value in the kind that the row's own value has, or as a number where it has none.
std::optional<json::Value> read_row(const Row& row, Settings& settings) {
  std::optional<json::Value> out;
  if (row.otherwise.is_boolean()) {
    if (const auto truth = settings.flag(row.key)) out.emplace(*truth);
  } else if (row.otherwise.is_string()) {
    if (auto word = settings.word(row.key)) out.emplace(std::move(*word));
  } else if (const auto number = settings.number(row.key)) {
    out.emplace(*number);
  }
  return out;
}

// Errors of members point at where the file said the nearest of them.
Diagnostic placed(Diagnostic diagnostic, const std::map<std::string, Place>& places,
                  const std::string& file) {
  std::string path = diagnostic.place.pointer.empty() ? "" : diagnostic.place.pointer.substr(1);
  for (char& c : path) c = c == '/' ? '.' : c;
  while (!path.empty()) {
    if (const auto found = places.find(path); found != places.end()) {
      diagnostic.message = fmt::format("{}: {}", path, diagnostic.message);
      diagnostic.place = found->second;
      return diagnostic;
    }
    const std::size_t dot = path.rfind('.');
    path = dot == std::string::npos ? std::string() : path.substr(0, dot);
  }
  diagnostic.place.file = file;
  return diagnostic;
}

json::Value& inner(json::Value& object, const std::string& key) {
  for (auto& [name, value] : object.object()) {
    if (name == key && value.is_object()) return value;
  }
  return object.set(key, json::Object{});
}

}  // namespace

json::Value& Draft::reach(const std::string& path) {
  json::Value* at = &root_;
  std::size_t start = 0;
  for (std::size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', start)) {
    at = &inner(*at, path.substr(start, dot - start));
    start = dot + 1;
  }
  return at->set(path.substr(start), nullptr);
}

const json::Value* Draft::find(const std::string& path) const {
  const json::Value* at = &root_;
  std::size_t start = 0;
  while (at != nullptr && start <= path.size()) {
    const std::size_t dot = std::min(path.find('.', start), path.size());
    at = at->find(path.substr(start, dot - start));
    start = dot + 1;
  }
  return at;
}

void Draft::set(const std::string& path, json::Value value, const Place& place) {
  reach(path) = std::move(value);
  places_[path] = place;
  assumed_.erase(path);
}

void Draft::fill(const std::string& path, json::Value value) {
  reach(path) = std::move(value);
}

void Draft::assume(const std::string& path, json::Value value, std::string reason) {
  reach(path) = std::move(value);
  assumed_[path] = std::move(reason);
}

std::optional<double> Draft::number(const std::string& path) const {
  const json::Value* value = find(path);
  return value != nullptr && value->is_number() ? std::optional(value->number()) : std::nullopt;
}

std::int64_t Draft::whole(const std::string& path, std::int64_t otherwise) const {
  const auto found = number(path);
  // what lies outside is refused when the draft is finished; here products must stay within 64 bits
  const double largest = path.starts_with("layout.") ? 1048576.0 : 2147483648.0;
  const bool usable = found && *found == std::floor(*found) && std::abs(*found) <= largest;
  return usable ? static_cast<std::int64_t>(*found) : otherwise;
}

std::string Draft::word(const std::string& path) const {
  const json::Value* value = find(path);
  return value != nullptr && value->is_string() ? value->string() : std::string();
}

Result<model::Proposal> Draft::finish(const std::string& file) const {
  json::Value root = root_;
  const bool open = open_replicas_ && root.find("layout") != nullptr && root.find("devices") == nullptr;
  if (open) {
    json::Value layout = *root.find("layout");
    layout.set("dp", 1);
    root.set("layout", std::move(layout));
  }
  const json::Document document(root, file, "");
  Result<model::Proposal> found = read_members(document, document.root(), "", true, {});
  if (!found) {
    Diagnostics errors;
    for (const Diagnostic& each : found.errors()) errors.push_back(placed(each, places_, file));
    return errors;
  }
  model::Proposal& proposal = *found;
  if (shape_) proposal.shape = shape_;
  if (open) proposal.devices.reset();
  proposal.open_replicas = open;
  proposal.name = name_;
  proposal.places = places_;
  proposal.assumed = assumed_;
  proposal.notices = notices_;
  return found;
}

bool says_nothing(const json::Value& otherwise) {
  return (otherwise.is_boolean() && !otherwise.boolean()) ||
         (otherwise.is_number() && otherwise.number() == 1);
}

void read_rows(std::span<const Row> rows, Settings& settings, Draft& draft, std::string_view reason) {
  for (const Row& row : rows) {
    const std::string path(row.path);
    if (const Setting* said = settings.take(row.key)) {
      if (auto value = read_row(row, settings)) draft.set(path, std::move(*value), said->place);
    } else if (says_nothing(row.otherwise)) {
      draft.fill(path, row.otherwise);
    } else if (!row.otherwise.is_null()) {
      draft.assume(path, row.otherwise, fmt::format("{} of {}", reason, row.key));
    }
  }
}

void note_strangers(const Settings& settings, std::span<const std::string_view> harmless, Draft& draft) {
  constexpr std::size_t most_named = 50;
  std::size_t strangers = 0;
  Place last;
  for (const Setting& each : settings.all()) {
    if (each.understood || is_among(each.key, harmless)) continue;
    last = each.place;
    if (++strangers > most_named) continue;
    draft.notice(fmt::format("{} is not understood here; it may change the cost", excerpt(each.key)),
                 each.place);
  }
  if (strangers > most_named) {
    draft.notice(fmt::format("{} further keys are not understood here", strangers - most_named), last);
  }
}

std::optional<model::Model> config_beside(const std::string& path, const Place& place,
                                          const ProposalSources& sources, Draft& draft, Diagnostics& errors) {
  const bool here = path.empty() || path == "." || path == "./";
  const std::string folder = here ? "" : path.ends_with('/') ? path : path + "/";
  const std::string file = path.ends_with(".json") ? path : folder + "config.json";
  Result<std::string> text = sources.open ? sources.open(file) : Result<std::string>(error("not here"));
  if (!text) {
    draft.notice(fmt::format("the model is not known: {} cannot be read", excerpt(file, 120)), place);
    return std::nullopt;
  }
  Result<ModelFile> found = read_model_file(std::move(*text), file);
  if (!found) {
    errors.insert(errors.end(), found.errors().begin(), found.errors().end());
    return std::nullopt;
  }
  draft.shape(found->model.shape, place);
  return std::move(found->model);
}

}  // namespace scaleplan::interop
