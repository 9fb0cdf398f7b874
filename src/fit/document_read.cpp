#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fit/document_parts.hpp"
#include "fit/seen_runs.hpp"
#include "scaleplan/fit/document.hpp"

namespace scaleplan::fit {
namespace {

using json::Value;

/// Laws of a fit document by id.
std::map<std::string, laws::Law> read_laws(const json::Document& document, json::ObjectReader& reader,
                                           scaleplan::Diagnostics& problems) {
  std::map<std::string, laws::Law> laws;
  reader.object("laws", [&](json::ObjectReader& entries) {
    for (const auto& [id, value] : entries.members()) {
      auto law = laws::read_law(document.with_root(value));
      if (law) {
        laws.emplace(id, std::move(*law));
      } else {
        problems.insert(problems.end(), law.errors().begin(), law.errors().end());
      }
    }
  });
  return laws;
}

void read_draws(json::ObjectReader& draws, const laws::Law& law, Member& member) {
  const std::vector<std::string> columns = draws.strings("columns").value_or(std::vector<std::string>{});
  if (columns != law.parameter_names()) {
    draws.fail("columns", fmt::format("the columns are not the parameters of law \"{}\" in order", law.id));
    return;
  }
  const Value* rows = draws.raw("rows");
  for (const Value& row : rows != nullptr && rows->is_array() ? rows->array() : json::Array{}) {
    std::vector<double> values;
    for (const Value& cell : row.is_array() ? row.array() : json::Array{}) {
      values.push_back(cell.is_number() ? cell.number() : std::nan(""));
    }
    if (values.size() != columns.size() ||
        std::any_of(values.begin(), values.end(), [](double v) { return std::isnan(v); })) {
      draws.fail("rows", fmt::format("every draw must hold {} numbers", columns.size()));
      return;
    }
    member.draws.push_back(std::move(values));
  }
}

void read_member(json::ObjectReader& reader, const std::map<std::string, laws::Law>& laws,
                 Predictor& predictor) {
  reader.require("law");
  const std::string id = reader.string("law").value_or("");
  const auto law = laws.find(id);
  if (law == laws.end()) {
    reader.fail("law", fmt::format("law \"{}\" is not in this fit's \"laws\"", id), "write the fit again");
    return;
  }
  Member member;
  member.law = law->second;
  member.window = reader.string("window").value_or("all");
  member.weight = reader.number("weight", {.minimum = 0, .exclusive = true}).value_or(1);
  reader.require("values");
  reader.object("values", [&](json::ObjectReader& values) {
    for (const std::string& name : member.law.parameter_names()) {
      values.require(name);
      member.values.push_back(values.number(name).value_or(0));
    }
  });
  reader.object("draws", [&](json::ObjectReader& draws) { read_draws(draws, member.law, member); });
  predictor.members.push_back(std::move(member));
}

void read_ranges(json::ObjectReader& reader, Predictor& predictor) {
  for (const auto& [name, value] : reader.members()) {
    const bool pair = value.is_array() && value.array().size() == 2 && value.array()[0].is_number() &&
                      value.array()[1].is_number();
    if (!pair) {
      reader.fail(name, "expected [low, high]");
      continue;
    }
    predictor.range[name] = {value.array()[0].number(), value.array()[1].number()};
  }
}

}  // namespace

Result<std::vector<Predictor>> read_fit(const json::Document& document) {
  scaleplan::Diagnostics problems;
  json::ObjectReader reader(document, document.root(), "", problems);
  json::read_schema(reader, "fit", 1);
  reader.tolerate_unknown();
  if (has_errors(problems)) {
    return problems;
  }
  const auto laws = read_laws(document, reader, problems);
  std::vector<Predictor> predictors;
  reader.require("fits");
  reader.objects("fits", [&](json::ObjectReader& entry, std::size_t) {
    Predictor predictor;
    const Value* group = entry.raw("group");
    predictor.group = group != nullptr && group->is_string() ? group->string() : "";
    const std::string verdict = entry.string("verdict").value_or("converged");
    if (verdict != "converged") {
      const Value* reason = entry.raw("verdict_reason");
      const bool said = reason != nullptr && reason->is_string() && !reason->string().empty();
      predictor.caveat = said ? verdict + ": " + reason->string() : verdict;
    }
    entry.require("members");
    entry.objects("members",
                  [&](json::ObjectReader& member, std::size_t) { read_member(member, laws, predictor); });
    entry.object("range", [&](json::ObjectReader& ranges) { read_ranges(ranges, predictor); });
    entry.object("runs", [&](json::ObjectReader& runs) { predictor.runs = read_seen_runs(runs); });
    entry.object("blend", [&](json::ObjectReader& blend) { read_blend(blend, predictor); });
    if (!predictor.members.empty()) {
      predictors.push_back(std::move(predictor));
    }
  });
  if (!has_errors(problems) && predictors.empty()) {
    problems.push_back(error("the fit holds no fitted law", "write it with scaleplan fit",
                             document.place(document.root(), "/fits")));
  }
  if (has_errors(problems)) {
    return problems;
  }
  return predictors;
}

}  // namespace scaleplan::fit
