#include "scaleplan/gate/check.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "gate/judgement.hpp"
#include "scaleplan/gate/rule.hpp"

namespace scaleplan::gate {

namespace {

constexpr double worse_by = 1e-3;      // of a baseline's value, relative: less is noise
constexpr double same_outcome = 1e-9;  // relative: what is written has ten digits
constexpr std::string_view sp602 = "SP602";

const RuleSetting* setting_of(const Policy& policy, std::string_view rule) {
  const auto found = policy.rules.find(rule);
  return found == policy.rules.end() ? nullptr : &found->second;
}

Level level_of(const Policy& policy, const Rule& rule) {
  const RuleSetting* setting = setting_of(policy, rule.id);
  return setting != nullptr ? setting->level.value_or(rule.level) : rule.level;
}

Finding nothing_checked(const Rule& rule, Level level, const Place& place, std::string message) {
  Finding finding;
  finding.rule = rule.id;
  finding.severity = level;
  finding.subject = "nothing";
  finding.message = std::move(message);
  finding.remedy = rule.remedy;
  finding.place = place;
  return finding;
}

// The findings of one rule on one proposal, at the policy's levels.
std::vector<Finding> judge(const Rule& rule, const Subject& subject, CheckedProposal& out) {
  const Policy& policy = subject.setting.policy;
  const Level level = level_of(policy, rule);
  if (level == Level::off) {
    out.rules.push_back({std::string(rule.id), State::off, "switched off by the policy"});
    return {};
  }
  Judgement judgement(rule, setting_of(policy, rule.id), subject.proposal);
  rule.judge(subject, judgement);
  for (Finding& finding : judgement.findings()) finding.severity = level;
  const bool lacks = judgement.state() == State::not_checked;
  const bool silent = judgement.state() == State::passed || judgement.state() == State::fired;
  out.rules.push_back({std::string(rule.id), judgement.state(), silent ? "" : judgement.reason()});
  if (lacks && policy.unknown != Level::off) {
    Finding& finding = judgement.fire(std::string(rule.name), "", "not checked: " + judgement.reason(),
                                      fmt::format("{} needs {}", rule.id, rule.needs));
    finding.severity = std::min(policy.unknown, level);
    finding.not_checked = true;
  }
  return std::move(judgement.findings());
}

std::vector<Difference> differences_of(const plan::Plan& proposed, const Reference& reference) {
  std::vector<Difference> out;
  for (const plan::Outcome& outcome : proposed.outcomes) {
    const auto planned = reference.outcomes.find(std::string(outcome.quantity->key));
    if (!outcome.value || planned == reference.outcomes.end()) continue;
    if (std::abs(*outcome.value - planned->second) <= same_outcome * std::abs(planned->second)) continue;
    out.push_back({planned->first, outcome.quantity->dimension, *outcome.value, planned->second});
  }
  return out;
}

// What the policy waives, and until when it did.
void apply_suppressions(const std::string& path, const Setting& setting, std::vector<bool>& used,
                        Finding& finding) {
  const std::vector<Suppression>& all = setting.policy.suppressions;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Suppression& each = all[i];
    if (each.rule != finding.rule || (!each.file.empty() && !matches(each.file, path))) continue;
    used[i] = true;
    if (each.expires >= setting.today) {
      finding.waiver = Waiver{each.reason, each.expires};
      return;
    }
    finding.message += fmt::format(" (its suppression expired on {})", each.expires);
  }
}

// In the baseline, and not worse than there: away from the limit is worse.
bool known_before(const Finding& finding, const Baseline& baseline) {
  const auto before = baseline.find(finding.fingerprint());
  if (before == baseline.end()) return false;
  if (std::isnan(before->second) || std::isnan(finding.value)) return true;
  const double sign = finding.value < finding.limit ? -1 : 1;
  return sign * (finding.value - before->second) <= worse_by * std::abs(before->second);
}

// One proposal under every rule, SP602 last: only then is known whether any could be checked.
Result<CheckedProposal> check_one(const Candidate& candidate, const Setting& setting,
                                  const json::Catalogue& catalogue, const Control& control,
                                  std::vector<Finding>& findings) {
  Result<plan::Evaluation> evaluation =
      plan::evaluate(setting.scenario, candidate.proposal, setting.loss, catalogue, control);
  if (!evaluation) return evaluation.errors();
  CheckedProposal out;
  out.file = candidate.proposal.file;
  out.name = candidate.proposal.name;
  out.origin = candidate.proposal.origin;
  const Subject subject{candidate.proposal, *evaluation, setting,
                        candidate.made_with ? &*candidate.made_with : nullptr};
  for (const Rule* rule : rules()) {
    if (rule->judge == nullptr) continue;
    for (Finding& finding : judge(*rule, subject, out)) findings.push_back(std::move(finding));
  }
  // that nothing was assumed or drifted says nothing of the run itself
  const bool any = std::any_of(out.rules.begin(), out.rules.end(), [](const Checked& checked) {
    const bool of_inputs = checked.rule == "SP302" || checked.rule == "SP303" || checked.rule == "SP601";
    return !of_inputs && (checked.state == State::passed || checked.state == State::fired);
  });
  const Rule& nothing = *find_rule(sp602);
  const Level level = level_of(setting.policy, nothing);
  out.rules.push_back({std::string(sp602),
                       level == Level::off ? State::off
                       : any               ? State::passed
                                           : State::fired,
                       ""});
  if (!any && level != Level::off) {
    out.status = Status::nothing_checked;
    findings.push_back(nothing_checked(nothing, level, candidate.proposal.place_of(""),
                                       "no rule had what it needs to judge this proposal"));
    findings.back().proposal = out.file;
  }
  if (setting.against) out.differences = differences_of(evaluation->plan, *setting.against);
  out.evaluation = std::move(*evaluation);
  return out;
}

}  // namespace

Result<Findings> check(const std::vector<Candidate>& candidates, const Setting& setting,
                       const json::Catalogue& catalogue, const Control& control) {
  Findings out;
  out.fail_on = setting.policy.fail_on;
  out.policy = setting.policy.file;
  out.against = setting.against ? setting.against->file : "";
  out.scenario_digest = setting.scenario_digest;
  out.policy_digest = setting.policy_digest;
  out.loss_digest = setting.loss_digest;
  std::vector<bool> used(setting.policy.suppressions.size(), false);
  std::vector<Finding> waived;
  Diagnostics errors;
  bool fails = false;
  const auto count = [&](Finding finding, const std::string& path) {
    apply_suppressions(path, setting, used, finding);
    if (finding.waiver) return waived.push_back(std::move(finding)), false;
    if (setting.baseline && known_before(finding, *setting.baseline)) return ++out.unchanged, false;
    const bool heavy = finding.severity >= out.fail_on;
    out.findings.push_back(std::move(finding));
    return heavy;
  };
  for (const Candidate& candidate : candidates) {
    std::vector<Finding> found;
    Result<CheckedProposal> checked = check_one(candidate, setting, catalogue, control, found);
    if (!checked) {
      errors.insert(errors.end(), checked.errors().begin(), checked.errors().end());
      continue;
    }
    bool failed = false;
    for (Finding& finding : found) {
      const bool silent = finding.rule == sp602;
      const bool heavy = count(std::move(finding), candidate.path);
      failed = failed || (heavy && !silent);
      if (silent && !heavy) checked->status = Status::pass;
    }
    if (failed) checked->status = Status::fail;
    fails = fails || failed;
    out.proposals.push_back(std::move(*checked));
  }
  if (!errors.empty()) return errors;
  const Rule& nothing = *find_rule(sp602);
  const Level level = level_of(setting.policy, nothing);
  bool silent = std::any_of(out.proposals.begin(), out.proposals.end(),
                            [](const CheckedProposal& p) { return p.status == Status::nothing_checked; });
  if (candidates.empty() && level != Level::off) {
    silent = count(nothing_checked(nothing, level, {}, "no proposal was given"), "");
  }
  out.status = fails ? Status::fail : silent ? Status::nothing_checked : Status::pass;
  for (std::size_t i = 0; i < used.size(); ++i) {
    const Suppression& each = setting.policy.suppressions[i];
    if (!used[i])
      out.unused_suppressions.push_back(each.rule + (each.file.empty() ? "" : " on " + each.file));
  }
  out.findings.insert(out.findings.end(), waived.begin(), waived.end());
  return out;
}

}  // namespace scaleplan::gate
