#include "scaleplan/gate/policy.hpp"

#include <fmt/core.h>

#include <array>
#include <chrono>
#include <utility>

#include "scaleplan/base/suggest.hpp"
#include "scaleplan/gate/rule.hpp"
#include "scaleplan/json/reader.hpp"

namespace scaleplan::gate {

namespace {

constexpr std::array<std::pair<std::string_view, Level>, 4> levels{
    {{"off", Level::off}, {"note", Level::note}, {"warning", Level::warning}, {"error", Level::error}}};

const std::vector<std::string> level_words{"off", "note", "warning", "error"};

Place place_of(json::ObjectReader& reader, const std::string& key) {
  const json::Value* value = reader.raw(key);
  if (value == nullptr) return {reader.document().file(), 0, 0, reader.pointer()};
  return reader.document().place(*value, reader.pointer_to(key));
}

std::optional<Level> read_level(json::ObjectReader& reader, const char* key) {
  const auto word = reader.choice(key, level_words);
  return word ? find_level(*word) : std::nullopt;
}

// A level alone, or an object of level and parameters.
void read_rule(json::ObjectReader& all, const std::string& id, Policy& policy) {
  const Rule* rule = find_rule(id);
  if (rule == nullptr) {
    const std::string guess = did_you_mean(id, rule_ids());
    all.accept(id);
    return all.fail(id, fmt::format("there is no rule {}", id),
                    guess.empty() ? "scaleplan show rules lists them" : guess);
  }
  RuleSetting setting;
  const json::Value* value = all.raw(id);
  if (!value->is_object()) {
    setting.level = read_level(all, id.c_str());
  } else {
    all.object(id, [&](json::ObjectReader& object) {
      setting.level = read_level(object, "severity");
      for (const Parameter& parameter : rule->parameters) {
        const auto number = object.number(parameter.name, {parameter.minimum, parameter.maximum, false});
        if (number) setting.numbers.emplace(parameter.name, *number);
      }
      object.finish();
    });
  }
  policy.rules.emplace(id, std::move(setting));
}

void read_suppression(json::ObjectReader& object, Policy& policy) {
  for (const char* key : {"rule", "reason", "expires"}) object.require(key);
  Suppression out;
  out.rule = object.string("rule").value_or("");
  out.file = object.string("file").value_or("");
  out.reason = object.string("reason").value_or("");
  out.expires = object.string("expires").value_or("");
  out.place = place_of(object, "rule");
  if (!out.rule.empty() && find_rule(out.rule) == nullptr) {
    object.fail("rule", fmt::format("there is no rule {}", out.rule), did_you_mean(out.rule, rule_ids()));
  }
  if (object.has("reason") && out.reason.find_first_not_of(" \t") == std::string::npos) {
    object.fail("reason", "a suppression without a reason", "say who accepted it and why");
  }
  if (!out.expires.empty() && !is_date(out.expires)) {
    object.fail("expires", fmt::format("\"{}\" is no date", out.expires), "write it as 2026-03-31");
  }
  object.finish();
  policy.suppressions.push_back(std::move(out));
}

void read_pins(json::ObjectReader& root, Policy& policy) {
  root.object("requires", [&](json::ObjectReader& object) {
    Pins& pins = policy.pins;
    pins.scenario = object.string("scenario").value_or("");
    pins.fit_sha256 = object.string("fit_sha256").value_or("");
    pins.catalogue = object.string("catalogue").value_or("");
    pins.fit_place = place_of(object, "fit_sha256");
    pins.catalogue_place = place_of(object, "catalogue");
    const bool hexadecimal = pins.fit_sha256.size() == 64 &&
                             pins.fit_sha256.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!pins.fit_sha256.empty() && !hexadecimal) {
      object.fail("fit_sha256", "is no SHA-256",
                  "64 lower-case hexadecimal digits, as sha256sum prints them");
    }
    object.finish();
  });
}

}  // namespace

std::string_view level_name(Level level) {
  return levels[static_cast<std::size_t>(level)].first;
}

std::optional<Level> find_level(std::string_view name) {
  for (const auto& [word, level] : levels) {
    if (word == name) return level;
  }
  return std::nullopt;
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto number = [&](std::size_t from, std::size_t count) {
    int value = 0;
    for (const char c : text.substr(from, count)) {
      if (c < '0' || c > '9') return -1;
      value = 10 * value + (c - '0');
    }
    return value;
  };
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int day = number(8, 2);
  if (year < 0 || month < 0 || day < 0) return false;
  return std::chrono::year_month_day(std::chrono::year(year),
                                     std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day)))
      .ok();
}

// Backtracking to the last star only, as a later star can stand in for whatever an earlier one would take; a
// double star is tried again where single ones end at a folder.
bool matches(std::string_view pattern, std::string_view path) {
  std::size_t p = 0;
  std::size_t t = 0;
  constexpr std::size_t none = std::string_view::npos;
  std::size_t star = none;
  std::size_t star_at = 0;
  std::size_t deep = none;
  std::size_t deep_at = 0;
  while (t < path.size()) {
    if (p + 1 < pattern.size() && pattern[p] == '*' && pattern[p + 1] == '*') {
      p += 2;
      if (p < pattern.size() && pattern[p] == '/') ++p;  // **/ is also no folder at all
      deep = p;
      deep_at = t;
      star = none;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = ++p;
      star_at = t;
    } else if (p < pattern.size() && (pattern[p] == path[t] || (pattern[p] == '?' && path[t] != '/'))) {
      ++p;
      ++t;
    } else if (star != none && path[star_at] != '/') {
      p = star;
      t = ++star_at;
    } else if (deep != none) {
      p = deep;
      t = ++deep_at;
      star = none;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

Result<Policy> read_policy(const json::Document& document) {
  Diagnostics diagnostics;
  Policy policy;
  policy.file = document.file();
  json::ObjectReader root(document, document.root(), "", diagnostics);
  if (!document.root().is_object()) return diagnostics;
  json::read_schema(root, "policy", 1);
  root.string("name");
  policy.confidence = root.number("confidence", {0, 1, true});
  if (policy.confidence == 1.0) {
    root.fail("confidence", "no draw can promise certainty", "choose less than 1");
  }
  policy.fail_on = read_level(root, "fail_on").value_or(policy.fail_on);
  if (policy.fail_on == Level::off) {
    root.fail("fail_on", "a gate that never closes", "choose note, warning or error");
  }
  policy.unknown = read_level(root, "unknown").value_or(policy.unknown);
  read_pins(root, policy);
  root.object("rules", [&](json::ObjectReader& all) {
    for (const auto& [id, value] : all.members()) {
      if (!id.starts_with("x-")) read_rule(all, id, policy);
    }
  });
  root.objects("suppressions",
               [&](json::ObjectReader& object, std::size_t) { read_suppression(object, policy); });
  const bool allowed = root.boolean("allow_suppressions").value_or(true);
  if (!allowed && !policy.suppressions.empty()) {
    root.fail("suppressions", "this policy allows no suppressions", "remove them, or allow_suppressions");
  }
  root.finish();
  if (has_errors(diagnostics)) return diagnostics;
  return policy;
}

}  // namespace scaleplan::gate
