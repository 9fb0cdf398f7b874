#include <fmt/format.h>

#include <algorithm>

#include "scaleplan/base/suggest.hpp"
#include "scaleplan/json/reader.hpp"
#include "scaleplan/terms/technique.hpp"
#include "scaleplan/terms/term.hpp"

namespace scaleplan::terms {

namespace {

using json::ObjectReader;

const std::vector<std::string> op_names = {"set", "multiply", "add", "replace_formula"};
const std::vector<std::string> use_names = {"plan", "best-case", "reference"};

void refuse_name(ObjectReader& reader, std::string_view key, const char* what, const std::string& name,
                 const std::vector<std::string>& known) {
  const std::string guess = did_you_mean(name, known);
  reader.fail(key, fmt::format("no {} \"{}\"", what, name),
              guess.empty() ? fmt::format("known: {}", fmt::join(known, ", ")) : guess);
}

std::vector<std::string> term_names() {
  std::vector<std::string> names;
  for (const Term& term : all_terms()) names.emplace_back(term.name);
  return names;
}

std::vector<expr::Variable> variables_of(const std::vector<std::string>& names) {
  std::vector<expr::Variable> variables;
  variables.reserve(names.size());
  for (const std::string& name : names) variables.push_back({name, expr::Role::input});
  return variables;
}

expr::Expression parse(ObjectReader& reader, std::string_view key, const std::vector<std::string>& names,
                       Diagnostics& diagnostics) {
  const json::Value* value = reader.raw(key);
  if (value->is_number()) return expr::Expression::constant(value->number());
  const Place place = reader.document().place(*value, reader.pointer_to(key));
  const auto text = reader.string(key);
  if (!text) return {};
  auto parsed = expr::Expression::parse(*text, variables_of(names), {}, place);
  if (parsed) return *parsed;
  diagnostics.insert(diagnostics.end(), parsed.errors().begin(), parsed.errors().end());
  return {};
}

Effect read_effect(ObjectReader& reader, const Technique& technique, Diagnostics& diagnostics) {
  Effect effect;
  reader.require("term");
  reader.require("op");
  effect.term = reader.string("term").value_or("");
  if (!effect.term.empty() && find_term(effect.term) == nullptr) {
    refuse_name(reader, "term", "term", effect.term, term_names());
  }
  const std::string op = reader.choice("op", op_names).value_or(op_names[1]);
  effect.op = static_cast<Op>(std::ranges::find(op_names, op) - op_names.begin());
  const json::Value* value = reader.raw("value");
  if (value != nullptr && value->is_string()) {
    effect.formula_text = value->string();
    effect.formula = parse(reader, "value", technique.inputs, diagnostics);
  } else {
    effect.value = reader.number("value");
  }
  if (effect.op == Op::replace_formula && effect.value) {
    reader.fail("value", "replace_formula needs an expression", "write it in quotes, or use \"set\"");
  }
  if (const auto range = reader.numbers("range")) {
    if (range->size() != 2 || range->front() > range->back()) {
      reader.fail("range", "a range is [low, high] with low ≤ high");
    } else {
      effect.range = {range->front(), range->back()};
    }
  }
  effect.part = reader.string("part").value_or("");
  effect.note = reader.string("note").value_or("");
  reader.finish();
  return effect;
}

void read_effects(ObjectReader& root, Technique& technique, Diagnostics& diagnostics) {
  root.require("effects");
  root.objects("effects", [&](ObjectReader& reader, std::size_t) {
    const Effect effect = read_effect(reader, technique, diagnostics);
    const Term* term = find_term(effect.term);
    if (!effect.sized()) reader.fail("value", "an effect without a size changes nothing", "give \"value\"");
    if (term != nullptr && term->stacking == Stacking::never && technique.use == Use::plan) {
      reader.fail("term", fmt::format("{} is never planned on", term->name), "\"use\": \"reference\"");
    }
    technique.effects.push_back(effect);
  });
  if (technique.effects.empty() && root.has("effects")) {
    root.fail("effects", "a technique without an effect", "name at least one term");
  }
  root.objects("costs", [&](ObjectReader& reader, std::size_t) {
    technique.costs.push_back(read_effect(reader, technique, diagnostics));
  });
}

std::vector<Fact> facts_of(const json::Value& value) {
  std::vector<Fact> facts;
  const json::Array one = {value};
  for (const json::Value& item : value.is_array() ? value.array() : one) {
    if (item.is_boolean()) facts.emplace_back(item.boolean());
    if (item.is_number()) facts.emplace_back(item.number());
    if (item.is_string()) facts.emplace_back(item.string());
  }
  return facts;
}

void read_requirements(ObjectReader& root, Technique& technique) {
  root.object("requires", [&](ObjectReader& reader) {
    for (const auto& [key, value] : reader.members()) {
      Requirement requirement{key, Relation::equal, facts_of(value)};
      if (key.ends_with("_min")) requirement.relation = Relation::at_least;
      if (key.ends_with("_max")) requirement.relation = Relation::at_most;
      const bool bound = requirement.relation != Relation::equal;
      if (bound) requirement.field.resize(key.size() - 4);
      if (!std::ranges::binary_search(requirement_fields(), requirement.field)) {
        refuse_name(reader, key, "field of a plan", requirement.field, requirement_fields());
      }
      if (requirement.values.empty() || (bound && (!value.is_number() || requirement.values.size() != 1))) {
        reader.fail(key, bound ? "a bound is one number"
                               : "a requirement is a word, a number, true or false, or a list of them");
        continue;
      }
      technique.requirements.push_back(std::move(requirement));
    }
  });
}

void read_check(ObjectReader& reader, const Technique& technique, TechniqueCheck& check,
                Diagnostics& diagnostics) {
  std::vector<std::string> given;
  reader.require("in");
  reader.object("in", [&](ObjectReader& in) {
    for (const auto& [name, value] : in.members()) {
      check.in[name] = in.number(name).value_or(0);
      given.push_back(name);
    }
  });
  std::vector<std::string> results;
  for (const Effect& effect : technique.effects) results.push_back(effect.term);
  std::vector<std::string> names = given;
  for (const std::string& term : results) {
    if (std::ranges::find(names, term) == names.end()) names.push_back(term);
  }
  reader.object("derived", [&](ObjectReader& derived) {
    for (const auto& [name, value] : derived.members()) {
      check.derived.emplace_back(name, parse(derived, name, names, diagnostics));
      results.push_back(name);
    }
  });
  reader.require("out");
  reader.object("out", [&](ObjectReader& out) {
    for (const auto& [name, value] : out.members()) {
      if (std::ranges::find(results, name) == results.end()) refuse_name(out, name, "result", name, results);
      check.out.emplace_back(name, parse(out, name, given, diagnostics));
    }
  });
  if (check.out.empty() && reader.has("out")) {
    reader.fail("out", "a check that expects nothing cannot fail", "name at least one result");
  }
  check.tolerance_rel = reader.number("tolerance_rel", {0, 0.05}).value_or(check.tolerance_rel);
  check.source = reader.string("source").value_or("");
  reader.finish();
}

void read_words(ObjectReader& reader, Technique& technique) {
  for (const char* key : {"id", "title", "source", "kind", "use", "evidence", "verified"})
    reader.require(key);
  static const std::vector<std::string> kinds = {"technique", "rule", "case", "workload"};
  technique.id = reader.string("id").value_or("");
  technique.title = reader.string("title").value_or("");
  technique.source = reader.string("source").value_or("");
  technique.kind = reader.choice("kind", kinds).value_or(kinds.front());
  const std::string use = reader.choice("use", use_names).value_or(use_names.front());
  technique.use = static_cast<Use>(std::ranges::find(use_names, use) - use_names.begin());
  technique.why_not = reader.string("why_not").value_or("");
  if (technique.use == Use::reference) reader.require("why_not");
  technique.inputs = reader.strings("inputs").value_or(std::vector<std::string>{});
  technique.conditions = reader.string("conditions").value_or("");
  technique.quality = reader.string("quality").value_or("");
  technique.families = reader.strings("families").value_or(std::vector<std::string>{});
  technique.excludes = reader.strings("excludes").value_or(std::vector<std::string>{});
  technique.evidence = reader.string("evidence").value_or("");
  technique.verified = reader.boolean("verified").value_or(false);
  technique.notes = reader.string("notes").value_or("");
  if (technique.verified && technique.evidence.starts_with("memory")) {
    reader.fail("verified", "what was remembered is not verified", "set it to false");
  }
}

}  // namespace

std::string Technique::paper() const {
  return source.substr(0, source.find_first_of(" ;,"));
}

std::string_view op_name(Op op) {
  return op_names[static_cast<std::size_t>(op)];
}

std::string_view use_name(Use use) {
  return use_names[static_cast<std::size_t>(use)];
}

Result<Technique> read_technique(const json::Document& document) {
  Diagnostics diagnostics;
  ObjectReader reader(document, document.root(), "", diagnostics);
  json::read_schema(reader, "technique", 1);
  Technique technique;
  read_words(reader, technique);
  read_effects(reader, technique, diagnostics);
  read_requirements(reader, technique);
  reader.objects("checks", [&](ObjectReader& check, std::size_t) {
    technique.checks.emplace_back();
    read_check(check, technique, technique.checks.back(), diagnostics);
  });
  reader.finish();
  if (has_errors(diagnostics)) return diagnostics;
  return technique;
}

Result<Technique> find_technique(const json::Catalogue& catalogue, std::string_view id) {
  Result<json::Document> document = catalogue.find("techniques", id);
  if (!document) return document.errors();
  return read_technique(*document);
}

}  // namespace scaleplan::terms
