#include <fmt/format.h>

#include "report/common.hpp"
#include "scaleplan/economy/carbon.hpp"
#include "scaleplan/report/present.hpp"
#include "scaleplan/terms/technique.hpp"
#include "scaleplan/terms/term.hpp"

namespace scaleplan::report {

namespace {

std::string effect_text(const terms::Effect& effect) {
  const std::string size = effect.value          ? format_number(*effect.value, 6)
                           : effect.sized()      ? effect.formula_text
                           : effect.note.empty() ? "not stated"
                                                 : effect.note;
  const std::string_view sign = effect.op == terms::Op::multiply ? "× "
                                : effect.op == terms::Op::add    ? "plus "
                                                                 : "is ";
  return fmt::format("{}{}", sign, size);
}

std::string_view use_text(const terms::Technique& technique) {
  switch (technique.use) {
    case terms::Use::plan:
      return "plan";
    case terms::Use::best_case:
      return "best case";
    case terms::Use::reference:
      return "reference";
  }
  return "";
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

json::Value listing(const char* kind, const std::vector<json::Document>& entries) {
  json::Value document;
  document.set("schema", "scaleplan/listing/1");
  document.set("kind", kind);
  json::Value items{json::Array{}};
  for (const json::Document& entry : entries) items.push(entry.root());
  document.set("entries", std::move(items));
  return document;
}

void add_effects(const std::vector<terms::Effect>& effects, bool cost, Table& table) {
  for (const terms::Effect& effect : effects) {
    const terms::Term* term = terms::find_term(effect.term);
    const std::string range = effect.range ? fmt::format("{} to {}", format_number(effect.range->first, 6),
                                                         format_number(effect.range->second, 6))
                                           : std::string{};
    table.rows.push_back({cost ? "cost" : "effect", effect.term, effect_text(effect), range, effect.part,
                          terms::stacking_name(term->stacking), term->unit, term->meaning});
  }
}

}  // namespace

Report present_techniques(const std::vector<terms::Technique>& techniques,
                          const std::vector<json::Document>& entries) {
  Report report;
  report.title = counted(techniques.size(), "technique");
  report.document = listing("techniques", entries);
  Table table{{text_column("id", "id"), text_column("term", "term"), text_column("effect", "effect"),
               text_column("use", "use"), text_column("families", "families"),
               text_column("verified", "verified"), text_column("source", "source")},
              {},
              {}};
  for (const terms::Technique& technique : techniques) {
    for (const terms::Effect& effect : technique.effects) {
      const char* bound = technique.use == terms::Use::best_case ? "up to " : "";
      table.rows.push_back({technique.id, effect.term, bound + effect_text(effect), use_text(technique),
                            listed(technique.families), technique.verified ? "yes" : "no",
                            technique.paper()});
    }
  }
  report.sections.push_back({"",
                             {"Best cases are what a source calls \"up to\", references what it measured "
                              "elsewhere: neither enters a plan."},
                             {std::move(table)}});
  return report;
}

Report present_technique(const terms::Technique& technique, const json::Document& entry) {
  Report report;
  report.title = technique.id + ": " + technique.title;
  report.document = entry.root();
  Section section{"",
                  {fmt::format("Use: {}; source: {}; evidence: {}.", use_text(technique), technique.source,
                               technique.evidence)},
                  {}};
  const auto line = [&](const char* name, const std::string& text) {
    if (!text.empty()) section.lines.push_back(fmt::format("{}: {}", name, text));
  };
  line("Why not", technique.why_not);
  line("Holds for", technique.conditions);
  std::string requirements;
  for (const terms::Requirement& requirement : technique.requirements) {
    requirements += (requirements.empty() ? "" : "; ") + terms::to_text(requirement);
  }
  line("Requires", requirements);
  line("Inputs", listed(technique.inputs));
  line("Quality", technique.quality);
  line("At most one of the family", listed(technique.families));
  line("Not together with", listed(technique.excludes));
  line("Notes", technique.notes);
  Table table{{text_column("kind", "kind"), text_column("term", "term"), text_column("size", "size"),
               text_column("published range", "range"), text_column("part", "part"),
               text_column("stacking", "stacking"), text_column("unit", "unit"),
               text_column("meaning of the term", "meaning")},
              {},
              {}};
  add_effects(technique.effects, false, table);
  add_effects(technique.costs, true, table);
  section.tables.push_back(std::move(table));
  report.sections.push_back(std::move(section));
  return report;
}

Report present_regions(const std::vector<economy::Region>& regions,
                       const std::vector<json::Document>& entries) {
  Report report;
  report.title = counted(regions.size(), "region");
  report.document = listing("regions", entries);
  Table table{{text_column("id", "id"), text_column("grid", "title"), text_column("kind", "kind"),
               column("year", "year"), column("gCO2e/kWh", "g_per_kwh"), text_column("verified", "verified")},
              {},
              {}};
  for (const economy::Region& region : regions) {
    for (const economy::Intensity& intensity : region.intensity) {
      table.rows.push_back({region.id, region.title, region.kind,
                            intensity.year ? number(*intensity.year) : Cell("not stated"),
                            number(intensity.carbon / economy::grams_per_kwh(1)),
                            region.verified ? "yes" : "no"});
    }
  }
  report.sections.push_back({"",
                             {"Means of the grid where the electricity is used; certificates and offsets "
                              "change none of them. Without a year a region answers with its newest."},
                             {std::move(table)}});
  return report;
}

}  // namespace scaleplan::report
