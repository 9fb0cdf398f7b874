#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/command.hpp"
#include "cli/completion.hpp"
#include "cli/laws.hpp"
#include "scaleplan/base/suggest.hpp"
#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/report/findings.hpp"
#include "scaleplan/report/present.hpp"

namespace scaleplan::cli {
namespace {

// "law" → "laws", "family" → "families"; the kinds of the catalogue are its folders, in the plural
Result<std::string> kind_of(const std::string& word, const std::vector<std::string>& kinds) {
  const std::string ies = word.ends_with('y') ? word.substr(0, word.size() - 1) + "ies" : word;
  for (const std::string& candidate : {word, word + "s", ies}) {
    if (std::find(kinds.begin(), kinds.end(), candidate) != kinds.end()) {
      return candidate;
    }
  }
  const std::string guess = did_you_mean(word, kinds);
  return error("the catalogue has no kind '" + word + "'",
               guess.empty() ? fmt::format("it has {}", fmt::join(kinds, ", ")) : guess);
}

Result<Answer> show_kinds(const json::Catalogue& catalogue) {
  std::map<std::string, std::vector<std::string>> ids;
  for (const std::string& kind : catalogue.kinds()) {
    ids[kind] = catalogue.ids(kind);
  }
  return Answer{Outcome::yes, report::present_kinds(ids)};
}

Result<Answer> show_laws(const json::Catalogue& catalogue) {
  std::vector<laws::Law> laws;
  for (const std::string& id : catalogue.ids("laws")) {
    Result<laws::Selection> selection = laws::select_law(catalogue, id);
    if (!selection) {
      return selection.errors();
    }
    laws.push_back(std::move(selection->law));
  }
  return Answer{Outcome::yes, report::present_laws(laws)};
}

Result<Answer> show_law(const json::Catalogue& catalogue, const std::string& name) {
  const Result<laws::Selection> selection = laws::select_law(catalogue, name);
  if (!selection) {
    return selection.errors();
  }
  const Result<json::Document> entry = catalogue.find("laws", selection->law.id);
  if (!entry) {
    return entry.errors();
  }
  const std::string only = name.find(':') == std::string::npos ? "" : selection->set;
  return Answer{Outcome::yes, report::present_law(selection->law, *entry, only)};
}

template <class T>
Result<Answer> read_all(const std::vector<json::Document>& entries, Result<T> (*read)(const json::Document&),
                        report::Report (*present)(const std::vector<T>&,
                                                  const std::vector<json::Document>&)) {
  std::vector<T> all;
  all.reserve(entries.size());
  for (const json::Document& entry : entries) {
    Result<T> one = read(entry);
    if (!one) {
      return one.errors();
    }
    all.push_back(std::move(*one));
  }
  return Answer{Outcome::yes, present(all, entries)};
}

Result<Answer> show_kind(const json::Catalogue& catalogue, const std::string& kind) {
  if (kind == "laws") {
    return show_laws(catalogue);
  }
  std::vector<json::Document> entries;
  for (const std::string& id : catalogue.ids(kind)) {
    Result<json::Document> entry = catalogue.find(kind, id);
    if (!entry) {
      return entry.errors();
    }
    entries.push_back(std::move(*entry));
  }
  if (kind == "schemas") {
    return Answer{Outcome::yes, report::present_schemas(catalogue.ids(kind), entries)};
  }
  if (kind == "techniques") {
    return read_all(entries, terms::read_technique, report::present_techniques);
  }
  if (kind == "regions") {
    return read_all(entries, economy::read_region, report::present_regions);
  }
  return Answer{Outcome::yes, report::present_entries(kind, entries)};
}

Result<Answer> show_shells() {
  Answer answer;
  answer.report.title = "Shells that there are completions for";
  answer.report.document.set("schema", "scaleplan/listing/1");
  answer.report.document.set("kind", "completion");
  json::Value entries{json::Array{}};
  report::Table table{{{"shell", {"id"}, false}}, {}, {}};
  for (const std::string& shell : completion_shells()) {
    entries.push(json::Object{{"id", shell}});
    table.rows.push_back({shell});
  }
  answer.report.document.set("entries", std::move(entries));
  answer.report.sections.push_back({.title = "", .tables = {std::move(table)}});
  return answer;
}

// Rules of the gate are code, not entries of the catalogue.
Result<Answer> show_rules(const std::vector<std::string>& words) {
  if (words.size() == 1) {
    return Answer{Outcome::yes, report::present_rules()};
  }
  const gate::Rule* rule = gate::find_rule(words[1]);
  if (rule == nullptr) {
    const std::string guess = did_you_mean(words[1], gate::rule_ids());
    return error("there is no rule '" + words[1] + "'",
                 guess.empty() ? "scaleplan show rules lists them" : guess);
  }
  return Answer{Outcome::yes, report::present_rule(*rule)};
}

Result<Answer> run(const Arguments& arguments, Session& session) {
  const std::vector<std::string>& words = arguments.operands;
  if (words.empty()) {
    return show_kinds(session.catalogue);
  }
  if (words[0] == "completion") {
    return words.size() == 1 ? show_shells() : completion(words[1]);
  }
  if (words[0] == "rule" || words[0] == "rules") {
    return show_rules(words);
  }
  const Result<std::string> kind = kind_of(words[0], session.catalogue.kinds());
  if (!kind) {
    return kind.errors();
  }
  if (words.size() == 1) {
    return show_kind(session.catalogue, *kind);
  }
  if (*kind == "laws") {
    return show_law(session.catalogue, words[1]);
  }
  const Result<json::Document> entry = session.catalogue.find(*kind, words[1]);
  if (!entry) {
    return entry.errors();
  }
  if (*kind == "techniques") {
    const Result<terms::Technique> technique = terms::read_technique(*entry);
    if (!technique) {
      return technique.errors();
    }
    return Answer{Outcome::yes, report::present_technique(*technique, *entry)};
  }
  if (*kind == "schemas") {
    return Answer{Outcome::yes, report::present_schema(words[1], *entry)};
  }
  return Answer{Outcome::yes, report::present_entry(*kind, *entry)};
}

}  // namespace

const Command& show_command() {
  static const Command command = {
      "show",
      "show the catalogue (laws, devices, techniques, …), schemas of documents, or a completion script",
      {{"KIND", "laws, devices, families, schemas, rules, …, or completion; none: all kinds", 0, 1},
       {"ID", "an entry, or a shell; none: a list", 0, 1}},
      {},
      {"scaleplan show laws", "scaleplan show law chinchilla --format json > my-law.json",
       "scaleplan show device h100-sxm-80", "scaleplan show technique muon", "scaleplan show schema scenario",
       "scaleplan show rule SP101", "scaleplan show completion bash > scaleplan.bash"},
      run,
  };
  return command;
}

}  // namespace scaleplan::cli
