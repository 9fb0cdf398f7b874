#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "scaleplan/gate/check.hpp"
#include "scaleplan/laws/law.hpp"

namespace scaleplan::gate::test {

inline const json::Catalogue catalogue;

inline std::string all(const Diagnostics& errors) {
  std::string text;
  for (const Diagnostic& e : errors) text += to_text(e) + "\n";
  return text;
}

inline json::Document document(const std::string& text, const std::string& file = "test.json") {
  Result<json::Document> parsed = json::parse(text, file);
  if (!parsed) FAIL(all(parsed.errors()));
  return *parsed;
}

/// `members` beside the schema, as JSON without the outer braces.
inline plan::Scenario scenario(const std::string& members) {
  Result<plan::Scenario> read =
      plan::read_scenario(document(R"({"schema":"scaleplan/scenario/1",)" + members + "}"), catalogue);
  if (!read) FAIL(all(read.errors()));
  return *read;
}

inline Policy policy(const std::string& members) {
  Result<Policy> read =
      read_policy(document(R"({"schema":"scaleplan/policy/1",)" + members + "}", "policy.json"));
  if (!read) FAIL(all(read.errors()));
  return *read;
}

/// The catalogue's law without draws.
inline fit::Predictor law(const std::string& name = "chinchilla:epoch240") {
  Result<laws::Selection> selected = laws::select_law(catalogue, name);
  if (!selected) FAIL(all(selected.errors()));
  return fit::from_set(selected->law, *selected->law.find_set(selected->set));
}

/// A run of 1.2 billion parameters on 24 billion tokens on a node, well chosen.
inline model::Proposal small_run() {
  model::Proposal out;
  out.file = "run.json";
  out.origin = "proposal";
  model::Shape shape;
  shape.layers = 20;
  shape.hidden = 2048;
  shape.heads = 16;
  shape.kv_heads = 4;
  shape.head_size = 128;
  shape.ffn = 5632;
  shape.vocabulary = 32000;
  out.shape = shape;
  out.tokens = 24e9;
  out.batch_tokens = 8 * 16 * 4096;
  out.sequence_length = 4096;
  out.optimizer = "adamw";
  out.precision = "bf16";
  out.engine = "megatron";
  out.cluster = "dgx-h100";
  out.devices = 8;
  out.layout = model::Layout{};
  out.layout->dp = 8;
  out.layout->zero = 1;
  for (const char* key : {"tokens", "batch_tokens", "layout", "devices", "learning_rate"}) {
    out.places[key] = Place{"run.json", 3, 5, std::string("/") + key};
  }
  out.places["tokens"].line = 11;
  return out;
}

inline Setting setting_of(const std::string& scenario_members, const std::string& policy_members = {}) {
  Setting out;
  out.scenario = scenario(scenario_members);
  out.loss = law();
  if (!policy_members.empty()) out.policy = policy(policy_members);
  out.today = "2026-01-15";
  return out;
}

inline Findings checked(const std::vector<Candidate>& candidates, const Setting& setting) {
  Result<Findings> found = check(candidates, setting, catalogue, {});
  if (!found) FAIL(all(found.errors()));
  return *found;
}

inline Findings checked(const model::Proposal& proposal, const Setting& setting) {
  return checked({{proposal, proposal.file, {}}}, setting);
}

inline const Finding* find(const Findings& findings, const std::string& rule) {
  for (const Finding& each : findings.findings) {
    if (each.rule == rule && !each.not_checked) return &each;
  }
  return nullptr;
}

inline State state(const Findings& findings, const std::string& rule) {
  for (const Checked& each : findings.proposals.front().rules) {
    if (each.rule == rule) return each.state;
  }
  FAIL("no rule " << rule);
  return State::off;
}

}  // namespace scaleplan::gate::test
