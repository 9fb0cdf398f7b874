#include <fmt/format.h>

#include "report/common.hpp"
#include "scaleplan/report/present.hpp"

namespace scaleplan::report {
namespace {

Dimension dimension_named(const laws::Law& law, const std::string& name) {
  const laws::Input* input = law.find_input(name);
  return input != nullptr ? dimension_of(*input) : name == "C" ? Dimension::flop : Dimension::number;
}

/// "N 57.3M – 16.2B, D 250M – 318B": what the runs behind a set spanned.
std::string span_text(const laws::Law& law, const laws::Set& set) {
  std::vector<std::string> spans;
  for (const auto& [name, range] : set.range) {
    spans.push_back(name + " " + range_text(range.low, range.high, dimension_named(law, name)));
  }
  return spans.empty() ? "not given" : joined(spans);
}

// the default set, and how many others there are
std::string set_text(const laws::Law& law) {
  if (law.sets.size() <= 1) {
    return law.default_set;
  }
  return fmt::format("{} and {}", law.default_set, counted(law.sets.size() - 1, "other"));
}

std::string input_text(const laws::Input& input) {
  return input.name + (input.column.empty() ? "" : " (" + input.column + ")") + (input.fallback ? "?" : "");
}

json::Value law_item(const laws::Law& law) {
  json::Value item;
  item.set("id", law.id);
  item.set("title", law.title);
  item.set("source", law.source);
  item.set("kind", law.kind);
  item.set("form", law.form_text);
  json::Value inputs{json::Array{}};
  for (const laws::Input& input : law.inputs) {
    json::Value each;
    each.set("name", input.name);
    each.set("unit", input.unit);
    each.set("column", input.column);
    inputs.push(std::move(each));
  }
  item.set("inputs", std::move(inputs));
  json::Value sets{json::Array{}};
  for (const laws::Set& set : law.sets) {
    json::Value each;
    each.set("id", set.id);
    each.set("default", set.id == law.default_set);
    each.set("verified", set.verified);
    each.set("draws", set.draws.size());
    each.set("checks", set.checks.size());
    json::Value range{json::Object{}};
    for (const auto& [name, span] : set.range) {
      range.set(name, json::Value(json::Array{span.low, span.high}));
    }
    each.set("range", std::move(range));
    sets.push(std::move(each));
  }
  item.set("sets", std::move(sets));
  return item;
}

Table set_table(const laws::Law& law, const std::string& only) {
  Table table{{text_column("set", "set")}, {}, {}};
  for (const laws::Parameter& parameter : law.parameters) {
    table.columns.push_back(column(parameter.name, parameter.name));
  }
  table.columns.push_back(column("draws", "draws"));
  table.columns.push_back(text_column("verified", "verified"));
  table.columns.push_back(text_column("source", "source"));
  for (const laws::Set& set : law.sets) {
    if (!only.empty() && set.id != only) {
      continue;
    }
    std::vector<Cell> row = {set.id == law.default_set ? set.id + " (default)" : set.id};
    for (const double value : set.values) {
      row.push_back(number(value, 7));
    }
    row.push_back(number(static_cast<double>(set.draws.size())));
    row.emplace_back(set.verified ? "yes" : "no");
    row.emplace_back(set.source);
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table input_table(const laws::Law& law) {
  Table table{{text_column("input", "input"), text_column("unit", "unit"),
               text_column("run column", "column"), text_column("when absent", "fallback")},
              {},
              {}};
  for (const laws::Input& input : law.inputs) {
    table.rows.push_back(
        {input.name, input.unit, input.column, input.fallback ? format_number(*input.fallback) : "required"});
  }
  return table;
}

/// Every number that the tests hold a set to.
Table check_table(const laws::Law& law, const std::string& only) {
  Table table{{text_column("set", "set"), text_column("given", "in"), text_column("expected", "out"),
               column("relative tolerance", "tolerance_rel"), text_column("source", "source")},
              {},
              {}};
  const auto list = [](const std::map<std::string, double>& values) {
    std::vector<std::string> parts;
    parts.reserve(values.size());
    for (const auto& [name, value] : values) {
      parts.push_back(name + " = " + format_number(value, 6));
    }
    return joined(parts);
  };
  for (const laws::Set& set : law.sets) {
    for (const laws::Check& check : set.checks) {
      if (only.empty() || set.id == only) {
        table.rows.push_back({set.id, list(check.in) + (check.lists.empty() ? "" : ", lists"),
                              list(check.out), number(check.tolerance_rel, 2), check.source});
      }
    }
  }
  return table;
}

Table range_table(const laws::Law& law, const std::string& only) {
  Table table{{text_column("set", "set"), text_column("fitted over", "range"),
               text_column("evidence", "evidence"), text_column("notes", "notes")},
              {},
              {}};
  for (const laws::Set& set : law.sets) {
    if (only.empty() || set.id == only) {
      table.rows.push_back({set.id, span_text(law, set), set.evidence, set.notes});
    }
  }
  return table;
}

}  // namespace

Report present_laws(const std::vector<laws::Law>& laws) {
  Report report;
  report.title = fmt::format("{} laws", laws.size());
  report.document = listing("laws");
  Table table{{text_column("id", "id"), text_column("inputs (run column; ? optional)", "inputs"),
               text_column("kind", "kind"), text_column("sets", "sets"), text_column("fitted over", "range"),
               text_column("verified", "verified"), text_column("source", "source")},
              {},
              {}};
  json::Value items{json::Array{}};
  for (const laws::Law& law : laws) {
    std::vector<std::string> inputs;
    for (const laws::Input& input : law.inputs) {
      inputs.push_back(input_text(input));
    }
    const laws::Set* set = law.find_set(law.default_set);
    table.rows.push_back({law.id, joined(inputs), law.kind, set_text(law),
                          set == nullptr ? "" : span_text(law, *set),
                          set == nullptr  ? ""
                          : set->verified ? "yes"
                                          : "no",
                          law.source});
    items.push(law_item(law));
  }
  report.document.set("entries", std::move(items));
  report.sections.push_back({"", {}, {std::move(table)}});
  return report;
}

Report present_law(const laws::Law& law, const json::Document& entry, const std::string& set) {
  Report report;
  report.title = law.id + ": " + law.title;
  report.document = entry.root();
  Section form{
      "Form",
      {law.output.name + " = " + law.form_text, "Output: " + law.output.unit + "; source: " + law.source},
      {}};
  if (!law.notes.empty()) {
    form.lines.push_back(law.notes);
  }
  for (const expr::Definition& definition : law.lets) {
    form.lines.push_back(definition.name + " = " + definition.text);
  }
  if (!law.compute_text.empty()) {
    form.lines.push_back("FLOP = " + law.compute_text);
  }
  for (const auto& [name, text] : law.optimum_text) {
    form.lines.push_back(fmt::format("Best {} at C FLOP = {}", name, text));
  }
  form.tables.push_back(input_table(law));
  report.sections.push_back(std::move(form));
  report.sections.push_back({"Coefficients", {}, {set_table(law, set)}});
  report.sections.push_back({"Where it holds", {}, {range_table(law, set)}});
  if (Table checks = check_table(law, set); !checks.rows.empty()) {
    report.sections.push_back({"Numbers it reproduces", {}, {std::move(checks)}});
  }
  return report;
}

}  // namespace scaleplan::report
