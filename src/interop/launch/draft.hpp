#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "interop/launch/settings.hpp"
#include "scaleplan/interop/proposal.hpp"
#include "scaleplan/model/catalogue.hpp"

namespace scaleplan::interop {

/// A proposal in the making: its members by dotted path ("layout.tp", "shape.layers", "tokens"), each with
/// the place where a file says it or the reason why it is assumed.
class Draft {
 public:
  void set(const std::string& path, json::Value value, const Place& place);
  void assume(const std::string& path, json::Value value, std::string reason);
  /// What follows from not being said, and is no assumption: a degree of one, a flag that is off.
  void fill(const std::string& path, json::Value value);
  [[nodiscard]] bool has(const std::string& path) const { return find(path) != nullptr; }
  [[nodiscard]] std::optional<double> number(const std::string& path) const;
  /// A whole number, or `otherwise` where it is not said.
  [[nodiscard]] std::int64_t whole(const std::string& path, std::int64_t otherwise) const;
  [[nodiscard]] std::string word(const std::string& path) const;
  void shape(model::Shape shape, const Place& place) {
    shape_ = shape;
    places_["shape"] = place;
  }
  [[nodiscard]] const std::optional<model::Shape>& known_shape() const { return shape_; }
  void notice(std::string text, const Place& place) { notices_.push_back({std::move(text), place}); }
  /// The layout stands but for its replicas, which the devices decide that the file does not say.
  void leave_replicas_open() { open_replicas_ = true; }
  void name(std::string name) { name_ = std::move(name); }

  /// Everything checked as a proposal document is; errors point at what was read.
  [[nodiscard]] Result<model::Proposal> finish(const std::string& file) const;

 private:
  [[nodiscard]] const json::Value* find(const std::string& path) const;
  json::Value& reach(const std::string& path);

  json::Value root_{json::Object{}};
  std::optional<model::Shape> shape_;
  std::map<std::string, Place> places_;
  std::map<std::string, std::string> assumed_;
  std::vector<model::Notice> notices_;
  std::string name_;
  bool open_replicas_ = false;
};

/// One member that a framework names directly: its key there, the path here, what holds when it is not said
/// (null: nothing does).
struct Row {
  std::string_view key;
  std::string_view path;
  json::Value otherwise = {};
};

/// A row's own value that is no assumption.
bool says_nothing(const json::Value& otherwise);

/// Takes the rows' settings into the draft; what is not said has the row's own value and `reason`.
void read_rows(std::span<const Row> rows, Settings& settings, Draft& draft, std::string_view reason);

/// A notice for every setting that nobody understood and that is not `harmless` (prefixes; one that ends in a
/// blank is a whole key).
void note_strangers(const Settings& settings, std::span<const std::string_view> harmless, Draft& draft);

/// The model of a config.json, which becomes the draft's shape: at `path` or in that folder. Nothing, and a
/// notice, when it cannot be opened; what is wrong inside it goes to `errors`.
std::optional<model::Model> config_beside(const std::string& path, const Place& place,
                                          const ProposalSources& sources, Draft& draft, Diagnostics& errors);

}  // namespace scaleplan::interop
