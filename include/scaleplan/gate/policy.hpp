#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scaleplan/base/result.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::gate {

/// How much a finding weighs, lightest first.
enum class Level : std::uint8_t { off, note, warning, error };
std::string_view level_name(Level level);
/// "off", "note", "warning" or "error"; nothing for another word.
std::optional<Level> find_level(std::string_view name);

/// What a policy says of one rule.
struct RuleSetting {
  std::optional<Level> level;                          ///< absent: the rule's own
  std::map<std::string, double, std::less<>> numbers;  ///< parameters that are given
};

/// Findings of `rule` on files that match are waived until `expires`, that day included.
struct Suppression {
  std::string rule;
  std::string file;  ///< pattern, relative to the policy: * within a folder, ** across; empty: every file
  std::string reason;
  std::string expires;  ///< YYYY-MM-DD
  Place place;
};

/// What a check must have been made with.
struct Pins {
  std::string scenario;    ///< path relative to the policy, for a check that names none; or empty
  std::string fit_sha256;  ///< of the document of the loss law, or empty
  std::string catalogue;   ///< version, or empty
  Place fit_place;
  Place catalogue_place;
};

/// scaleplan/policy/1.
struct Policy {
  std::string file;                  ///< empty: nobody gave one
  std::optional<double> confidence;  ///< comes before the scenario's
  Level fail_on = Level::error;
  Level unknown = Level::note;  ///< of rules that lack their input
  Pins pins;
  std::map<std::string, RuleSetting, std::less<>> rules;
  std::vector<Suppression> suppressions;
};

/// All diagnostics at once: unknown rules and parameters (with the nearest), bad dates, numbers out of range.
Result<Policy> read_policy(const json::Document& document);

/// `path` against a pattern: * and ? stay within a folder, ** crosses folders.
bool matches(std::string_view pattern, std::string_view path);

/// A date of the calendar, YYYY-MM-DD; such dates compare as text.
bool is_date(std::string_view text);

}  // namespace scaleplan::gate
