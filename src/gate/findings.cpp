#include "scaleplan/gate/findings.hpp"

#include <cmath>

#include "scaleplan/base/digest.hpp"
#include "scaleplan/base/version.hpp"
#include "scaleplan/gate/rule.hpp"
#include "scaleplan/plan/document.hpp"

namespace scaleplan::gate {

namespace {

json::Value text_or_null(const std::string& text) {
  return text.empty() ? json::Value() : json::Value(text);
}

json::Value number_or_null(double value) {
  return std::isfinite(value) ? json::Value(value) : json::Value();
}

json::Value count_or_null(std::size_t count) {
  return count == 0 ? json::Value() : json::Value(count);
}

json::Value finding_value(const Finding& finding) {
  json::Value out;
  out.set("rule", finding.rule);
  out.set("severity", level_name(finding.severity));
  out.set("message", finding.message);
  out.set("proposal", text_or_null(finding.proposal));
  out.set("pointer", text_or_null(finding.place.pointer));
  out.set("file", text_or_null(finding.place.file));
  out.set("line", count_or_null(finding.place.line));
  out.set("column", count_or_null(finding.place.column));
  out.set("value", number_or_null(finding.value));
  out.set("limit", number_or_null(finding.limit));
  out.set("remedy", text_or_null(finding.remedy));
  out.set("subject", finding.subject);
  out.set("not_checked", finding.not_checked);
  out.set("fingerprint", finding.fingerprint());
  if (finding.waiver) {
    out.set("suppressed",
            json::Object{{"reason", finding.waiver->reason}, {"expires", finding.waiver->expires}});
  } else {
    out.set("suppressed", nullptr);
  }
  return out;
}

json::Value rules_value(const CheckedProposal& proposal) {
  json::Value out = json::Array{};
  for (const Checked& checked : proposal.rules) {
    out.push(json::Object{{"rule", checked.rule},
                          {"state", state_name(checked.state)},
                          {"reason", text_or_null(checked.reason)}});
  }
  return out;
}

json::Value differences_value(const CheckedProposal& proposal) {
  json::Value out = json::Array{};
  for (const Difference& difference : proposal.differences) {
    out.push(json::Object{{"quantity", difference.quantity},
                          {"proposed", difference.proposed},
                          {"planned", difference.planned},
                          {"relative", number_or_null(difference.relative())}});
  }
  return out;
}

json::Value regret_value(const std::optional<plan::Regret>& regret) {
  if (!regret) return nullptr;
  const auto probability = regret->probability();
  json::Value out;
  out.set("nats", regret->nats);
  out.set("median", regret->quantile(0.5));
  out.set("probability", probability ? json::Value(*probability) : json::Value());
  out.set("extra_compute", number_or_null(regret->extra_compute));
  out.set("of_split", regret->of_split);
  out.set("of_batch", regret->of_batch);
  out.set("of_learning_rate", regret->of_learning_rate);
  out.set("best", json::Object{{"size", regret->best_size}, {"tokens", regret->best_tokens}});
  return out;
}

json::Value proposal_value(const CheckedProposal& proposal) {
  json::Value out;
  out.set("file", proposal.file);
  out.set("name", text_or_null(proposal.name));
  out.set("origin", proposal.origin);
  out.set("status", status_name(proposal.status));
  out.set("rules", rules_value(proposal));
  const json::Value evaluation = plan::to_json(proposal.evaluation.plan);
  for (const char* key : {"decision", "outcome", "assumed", "decades_outside", "warnings"}) {
    out.set(key, *evaluation.find(key));
  }
  out.set("regret", regret_value(proposal.evaluation.regret));
  out.set("against", differences_value(proposal));
  return out;
}

json::Value catalogue_of_rules() {
  json::Value out = json::Array{};
  for (const Rule* rule : rules()) {
    out.push(json::Object{{"id", rule->id},
                          {"name", rule->name},
                          {"summary", rule->summary},
                          {"fires", rule->fires},
                          {"remedy", rule->remedy},
                          {"severity", level_name(rule->level)}});
  }
  return out;
}

}  // namespace

std::string Finding::fingerprint() const {
  return sha256(rule + "\n" + proposal + "\n" + subject + (not_checked ? "\nnot checked" : ""));
}

std::string_view state_name(State state) {
  switch (state) {
    case State::passed:
      return "passed";
    case State::fired:
      return "fired";
    case State::not_checked:
      return "not_checked";
    case State::not_applicable:
      return "not_applicable";
    case State::off:
      return "off";
  }
  return "off";
}

std::string_view status_name(Status status) {
  switch (status) {
    case Status::pass:
      return "pass";
    case Status::fail:
      return "fail";
    case Status::nothing_checked:
      return "nothing_checked";
  }
  return "fail";
}

json::Value to_json(const Findings& findings) {
  json::Value all = json::Array{};
  for (const Finding& finding : findings.findings) all.push(finding_value(finding));
  json::Value proposals = json::Array{};
  for (const CheckedProposal& proposal : findings.proposals) proposals.push(proposal_value(proposal));
  json::Value unused = json::Array{};
  for (const std::string& text : findings.unused_suppressions) unused.push(text);
  json::Value provenance;
  provenance.set("version", version());
  provenance.set("catalogue", catalogue_version());
  provenance.set("scenario_sha256", text_or_null(findings.scenario_digest));
  provenance.set("policy_sha256", text_or_null(findings.policy_digest));
  provenance.set("loss_sha256", text_or_null(findings.loss_digest));
  json::Value out;
  out.set("schema", "scaleplan/findings/1");
  out.set("status", status_name(findings.status));
  out.set("fail_on", level_name(findings.fail_on));
  out.set("policy", text_or_null(findings.policy));
  out.set("findings", std::move(all));
  out.set("proposals", std::move(proposals));
  out.set("against", text_or_null(findings.against));
  out.set("baseline", text_or_null(findings.baseline));
  out.set("unchanged", findings.unchanged);
  out.set("unused_suppressions", std::move(unused));
  out.set("rules", catalogue_of_rules());
  out.set("provenance", std::move(provenance));
  return out;
}

}  // namespace scaleplan::gate
