#include "scaleplan/report/findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "report/common.hpp"

namespace scaleplan::report {
namespace {

using gate::Finding;

std::string where(const Place& place) {
  std::string text = place.file;
  if (place.line > 0) {
    text += fmt::format(":{}", place.line);
  } else if (!place.pointer.empty()) {
    text += " " + place.pointer;
  }
  return text;
}

std::string sentence(const Finding& finding) {
  std::string text = fmt::format("{} {}", gate::level_name(finding.severity), finding.rule);
  const std::string place = where(finding.place);
  text += place.empty() ? ": " : " at " + place + ": ";
  text += finding.message;
  text += finding.remedy.empty() ? "" : "; " + finding.remedy;
  return text + ".";
}

Section finding_section(const gate::Findings& findings) {
  Section section{"Findings"};
  Table table{{text_column("rule", "rule"), text_column("severity", "severity"), text_column("file", "file"),
               column("line", "line"), text_column("subject", "subject"), column("value", "value"),
               column("limit", "limit")},
              {},
              {}};
  for (const Finding& finding : findings.findings) {
    if (finding.waiver) {
      continue;
    }
    section.lines.push_back(sentence(finding));
    table.rows.push_back(
        {finding.rule, gate::level_name(finding.severity), finding.place.file,
         finding.place.line > 0 ? number(static_cast<double>(finding.place.line)) : Cell("–", {}),
         finding.subject, quantity(finding.value, finding.dimension),
         quantity(finding.limit, finding.dimension)});
  }
  if (table.rows.empty()) {
    section.lines.emplace_back("None.");
  } else {
    section.tables.push_back(std::move(table));
  }
  return section;
}

Section waived_section(const gate::Findings& findings) {
  Section section{"Suppressed"};
  for (const Finding& finding : findings.findings) {
    if (finding.waiver) {
      section.lines.push_back(fmt::format("{} at {} until {}, because: {}.", finding.rule,
                                          where(finding.place), finding.waiver->expires,
                                          finding.waiver->reason));
    }
  }
  return section;
}

// "7 rules passed, 2 fired, 4 not checked, 8 without anything to judge"
std::string tally(const gate::CheckedProposal& proposal) {
  std::map<gate::State, std::size_t> counts;
  for (const gate::Checked& checked : proposal.rules) {
    ++counts[checked.state];
  }
  std::string text = fmt::format("{}: {}; {} passed", proposal.file, gate::status_name(proposal.status),
                                 counted(counts[gate::State::passed], "rule"));
  for (const auto& [state, word] :
       {std::pair(gate::State::fired, "fired"), std::pair(gate::State::not_checked, "not checked"),
        std::pair(gate::State::not_applicable, "without anything to judge"),
        std::pair(gate::State::off, "switched off")}) {
    text += counts[state] > 0 ? fmt::format(", {} {}", counts[state], word) : "";
  }
  return text + ".";
}

Table rule_table(const gate::CheckedProposal& proposal) {
  Table table{{text_column("rule", "rule"), text_column("what", "name"), text_column("state", "state"),
               text_column("why", "reason")},
              {},
              proposal.file};
  for (const gate::Checked& checked : proposal.rules) {
    table.rows.push_back({checked.rule, gate::find_rule(checked.rule)->summary,
                          gate::state_name(checked.state), checked.reason});
  }
  return table;
}

Section proposal_section(const gate::Findings& findings, bool explain) {
  Section section{"Proposals"};
  for (const gate::CheckedProposal& proposal : findings.proposals) {
    section.lines.push_back(tally(proposal));
    if (explain) {
      section.tables.push_back(rule_table(proposal));
    }
  }
  return section;
}

Section difference_section(const gate::Findings& findings) {
  Section section{"Against " + findings.against};
  for (const gate::CheckedProposal& proposal : findings.proposals) {
    Table table{{text_column("outcome", "quantity"), column("proposal", "proposed"),
                 column("plan", "planned"), column("difference", "relative")},
                {},
                proposal.file};
    for (const gate::Difference& difference : proposal.differences) {
      table.rows.push_back(
          {difference.quantity,
           quantity(difference.proposed, difference.dimension),
           quantity(difference.planned, difference.dimension),
           {fmt::format("{:+.2f} %", 100 * difference.relative()), {difference.relative()}}});
    }
    if (table.rows.empty()) {
      section.lines.push_back(proposal.file + " expects what the plan expects.");
    } else {
      section.tables.push_back(std::move(table));
    }
  }
  return section;
}

std::string title_of(const gate::Findings& findings) {
  const auto weight = [&](gate::Level level) {
    return static_cast<std::size_t>(
        std::count_if(findings.findings.begin(), findings.findings.end(),
                      [&](const Finding& f) { return !f.waiver && f.severity == level; }));
  };
  return fmt::format("Check: {} ({}, {}, {})", gate::status_name(findings.status),
                     counted(weight(gate::Level::error), "error"),
                     counted(weight(gate::Level::warning), "warning"),
                     counted(weight(gate::Level::note), "note"));
}

}  // namespace

Report present(const gate::Findings& findings, bool explain) {
  Report report;
  report.title = title_of(findings);
  report.sections.push_back(finding_section(findings));
  if (findings.unchanged > 0) {
    report.sections.back().lines.push_back(fmt::format("{} of the baseline {} as before and left out.",
                                                       counted(findings.unchanged, "finding"),
                                                       findings.unchanged == 1 ? "is" : "are"));
  }
  Section waived = waived_section(findings);
  if (!waived.lines.empty()) {
    report.sections.push_back(std::move(waived));
  }
  report.sections.push_back(proposal_section(findings, explain));
  if (!findings.against.empty()) {
    report.sections.push_back(difference_section(findings));
  }
  report.document = gate::to_json(findings);
  return report;
}

Report present_rule(const gate::Rule& rule) {
  Report report;
  report.title = fmt::format("{} {}: {}", rule.id, rule.name, rule.summary);
  Section page{"", {std::string(rule.fires)}};
  page.lines.push_back(
      fmt::format("Severity unless a policy says otherwise: {}.", gate::level_name(rule.level)));
  page.lines.push_back(fmt::format("It needs {}.", rule.needs));
  page.lines.push_back(fmt::format("To mend it, {}.", rule.remedy));
  json::Value parameters = json::Array{};
  Table table{
      {text_column("parameter", "name"), column("default", "default"), text_column("meaning", "what")},
      {},
      "Parameters, set by a policy under rules." + std::string(rule.id)};
  for (const gate::Parameter& parameter : rule.parameters) {
    table.rows.push_back({parameter.name, number(parameter.fallback), parameter.what});
    parameters.push(json::Object{{"name", parameter.name},
                                 {"default", parameter.fallback},
                                 {"minimum", parameter.minimum},
                                 {"maximum", parameter.maximum},
                                 {"what", parameter.what}});
  }
  if (!table.rows.empty()) {
    page.tables.push_back(std::move(table));
  }
  report.sections.push_back(std::move(page));
  report.document.set("schema", "scaleplan/rule/1");
  report.document.set("id", rule.id);
  report.document.set("name", rule.name);
  report.document.set("severity", gate::level_name(rule.level));
  report.document.set("summary", rule.summary);
  report.document.set("fires", rule.fires);
  report.document.set("needs", rule.needs);
  report.document.set("remedy", rule.remedy);
  report.document.set("parameters", std::move(parameters));
  return report;
}

Report present_rules() {
  Report report;
  report.title = "Rules of the gate";
  report.document = listing("rules");
  json::Value entries = json::Array{};
  Table table{{text_column("rule", "id"), text_column("name", "name"), text_column("severity", "severity"),
               text_column("what", "summary")},
              {},
              {}};
  for (const gate::Rule* rule : gate::rules()) {
    table.rows.push_back({rule->id, rule->name, gate::level_name(rule->level), rule->summary});
    entries.push(json::Object{{"id", rule->id},
                              {"name", rule->name},
                              {"severity", gate::level_name(rule->level)},
                              {"summary", rule->summary}});
  }
  report.document.set("entries", std::move(entries));
  report.sections.push_back({"", {"scaleplan show rule SP101 shows one."}, {std::move(table)}});
  return report;
}

}  // namespace scaleplan::report
