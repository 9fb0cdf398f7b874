#include "scaleplan/gate/check.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/proposals.hpp"
#include "cli/scenarios.hpp"
#include "cli/values.hpp"
#include "scaleplan/base/digest.hpp"
#include "scaleplan/report/findings.hpp"

namespace scaleplan::cli {
namespace {

const std::vector<std::string> levels{"note", "warning", "error"};

Result<json::Document> read_document(const std::string& path, Session& session) {
  Result<std::string> text = read_input(path, session);
  if (!text) {
    return text.errors();
  }
  return json::parse(std::move(*text), path);
}

std::string date_of_today() {
  return fmt::format("{:%F}", fmt::gmtime(std::chrono::system_clock::now()));
}

// --today, --fail-on, --against, --baseline
Result<bool> adopt_check_options(const Arguments& arguments, Session& session, gate::Setting& setting) {
  Diagnostics errors;
  Values values(arguments, errors);
  setting.today = values.text("--today").value_or(date_of_today());
  if (!gate::is_date(setting.today)) {
    errors.push_back(error("option '--today': '" + setting.today + "' is no date", "write it as 2026-03-31"));
  }
  if (const auto index = values.choice("--fail-on", levels)) {
    setting.policy.fail_on = *gate::find_level(levels[*index]);
  }
  const auto read = [&](const char* option, auto reader, auto& out) {
    const auto path = values.text(option);
    if (!path) {
      return;
    }
    const Result<json::Document> document = read_document(*path, session);
    auto found = document ? reader(*document) : document.errors();
    if (found) {
      out = std::move(*found);
    } else {
      errors.insert(errors.end(), found.errors().begin(), found.errors().end());
    }
  };
  read("--against", gate::read_reference, setting.against);
  read("--baseline", gate::read_baseline, setting.baseline);
  if (!errors.empty()) {
    return errors;
  }
  return true;
}

// The scenario of --scenario, else the one that the policy names, else no limits at all; and its loss law.
Result<bool> adopt_scenario(const Arguments& arguments, const ChosenPolicy& chosen, Session& session,
                            gate::Setting& setting) {
  Diagnostics errors;
  const Values values(arguments, errors);
  std::string path = values.text("--scenario").value_or("");
  if (path.empty() && !chosen.policy.pins.scenario.empty()) {
    path = (std::filesystem::path(chosen.policy.file).parent_path() / chosen.policy.pins.scenario).string();
  }
  Arguments of_scenario = arguments;
  of_scenario.operands.clear();
  std::string folder;
  if (path.empty()) {
    if (values.text("--set")) {
      return error("--set changes a scenario, and there is none", "name one with --scenario");
    }
    setting.scenario = plan::open_scenario(session.catalogue);
  } else {
    of_scenario.operands = {path};
    Result<ScenarioInput> input = read_scenario_document(of_scenario, session);
    if (!input) {
      return input.errors();
    }
    Result<plan::Scenario> scenario = plan::read_scenario(input->document, session.catalogue);
    if (!scenario) {
      return scenario.errors();
    }
    setting.scenario = std::move(*scenario);
    setting.scenario_digest = sha256(json::write(input->document.root(), false));
    folder = input->folder;
  }
  Result<bool> adopted = adopt_options(of_scenario, session, setting.scenario);
  if (!adopted) {
    return adopted;
  }
  if (chosen.policy.confidence) {
    setting.scenario.confidence = chosen.policy.confidence;
  }
  Result<Loss> loss = loss_law(of_scenario, setting.scenario, folder, session);
  if (!loss) {
    return loss.errors();
  }
  setting.loss = std::move(loss->predictor);
  setting.loss_digest = loss->digest;
  return true;
}

Result<Answer> run(const Arguments& arguments, Session& session) {
  Diagnostics errors;
  const Values values(arguments, errors);
  // proposals first: what feeds standard input may still be writing the other files
  Result<std::vector<gate::Candidate>> candidates =
      read_proposals(arguments.operands, values.text("--as").value_or(""), session);
  if (!candidates) {
    return candidates.errors();
  }
  const Result<ChosenPolicy> chosen =
      choose_policy(values.text("--policy").value_or(""), *candidates, session);
  if (!chosen) {
    return chosen.errors();
  }
  relate_to(chosen->folder, *candidates);
  gate::Setting setting;
  setting.policy = chosen->policy;
  setting.policy_digest = chosen->digest;
  for (const Result<bool>& adopted : {adopt_check_options(arguments, session, setting),
                                      adopt_scenario(arguments, *chosen, session, setting)}) {
    if (!adopted) {
      return adopted.errors();
    }
  }
  Result<gate::Findings> findings = gate::check(*candidates, setting, session.catalogue, session.control);
  if (!findings) {
    return findings.errors();
  }
  findings->baseline = values.text("--baseline").value_or("");
  Answer answer;
  answer.outcome = findings->status == gate::Status::pass ? Outcome::yes : Outcome::no;
  answer.report = report::present(*findings, session.explain);
  if (!chosen->policy.file.empty() && !values.text("--policy")) {
    answer.notes.push_back("policy " + chosen->policy.file);
  }
  for (const std::string& unused : findings->unused_suppressions) {
    answer.notes.push_back("the policy's suppression of " + unused + " met no finding");
  }
  return answer;
}

std::vector<Option> options() {
  std::vector<Option> all = {
      {"--scenario", "", "FILE", "limits, data and machines to hold the proposals against",
       "the one that the policy requires, else none", false},
      {"--policy", "", "FILE", "rules, severities and suppressions",
       "scaleplan-policy.json beside the first proposal or above it", false},
      {"--against", "", "PLAN", "list every outcome that differs from this plan", "", false},
      {"--baseline", "", "FINDINGS", "report only what is new or worse by more than 0.1 %", "", false},
      {"--as", "", "FRAMEWORK", "whose files the proposals are", "told by their content", false},
      {"--fail-on", "", "LEVEL", "least severity that fails: note, warning or error", "error", false},
      {"--today", "", "DATE", "day on which suppressions are judged", "the clock", false},
  };
  all.insert(all.end(), scenario_options().begin(), scenario_options().end());
  return all;
}

}  // namespace

const Command& check_command() {
  static const Command command = {
      "check",
      "hold proposed runs against limits and a policy: findings and an exit status",
      {{"PROPOSAL", "a proposal, a plan or a framework's own file, or - for standard input", 0, 0}},
      options(),
      {"scaleplan check proposal.json --scenario scenario.json",
       "scaleplan check configs/*.toml --policy policy.json --format github",
       "scaleplan plan scenario.json --format json | scaleplan check - --scenario scenario.json"},
      run,
  };
  return command;
}

}  // namespace scaleplan::cli
