#include "laws/reading.hpp"

namespace scaleplan::laws {
namespace {

void set_text(json::Value& value, const char* key, const std::string& text) {
  if (!text.empty()) {
    value.set(key, text);
  }
}

json::Value numbers(const std::vector<double>& values) {
  return json::Array(values.begin(), values.end());
}

json::Value inputs_of(const Law& law) {
  json::Value result{json::Object{}};
  for (const Input& input : law.inputs) {
    json::Value item{json::Object{}};
    item.set("unit", input.unit);
    if (input.counts != Counts::none) {
      item.set("counts", counts_name(input.counts));
    }
    item.set("column", input.column);
    if (input.scale != 1) {
      item.set("scale", input.scale);
    }
    if (input.vector) {
      item.set("vector", true);
    }
    if (input.fallback) {
      item.set("default", *input.fallback);
    }
    result.set(input.name, std::move(item));
  }
  return result;
}

json::Value parameters_of(const Law& law) {
  const Parameter unbounded;
  json::Value result{json::Object{}};
  for (const Parameter& parameter : law.parameters) {
    json::Value item{json::Object{}};
    item.set("transform", parameter.log ? "log" : "none");
    item.set("start", numbers(parameter.start));
    if (parameter.lower != unbounded.lower) {
      item.set("lower", parameter.lower);
    }
    if (parameter.upper != unbounded.upper) {
      item.set("upper", parameter.upper);
    }
    if (parameter.fixed) {
      item.set("fixed", *parameter.fixed);
    }
    set_text(item, "tie", parameter.tie);
    result.set(parameter.name, std::move(item));
  }
  return result;
}

json::Value named(const std::map<std::string, double>& values) {
  json::Value result{json::Object{}};
  for (const auto& [name, value] : values) {
    result.set(name, value);
  }
  return result;
}

json::Value draws_of(const Law& law, const Set& set) {
  json::Value columns{json::Array{}};
  for (const Parameter& parameter : law.parameters) {
    columns.push(parameter.name);
  }
  json::Value rows{json::Array{}};
  for (const std::vector<double>& draw : set.draws) {
    rows.push(numbers(draw));
  }
  json::Value result{json::Object{}};
  result.set("columns", std::move(columns));
  result.set("rows", std::move(rows));
  return result;
}

json::Value checks_of(const Set& set) {
  json::Value result{json::Array{}};
  for (const Check& check : set.checks) {
    json::Value item{json::Object{}};
    json::Value in = named(check.in);
    for (const auto& [name, values] : check.lists) {
      in.set(name, numbers(values));
    }
    item.set("in", std::move(in));
    item.set("out", named(check.out));
    item.set("tolerance_rel", check.tolerance_rel);
    set_text(item, "source", check.source);
    set_text(item, "evidence", check.evidence);
    result.push(std::move(item));
  }
  return result;
}

json::Value set_of(const Law& law, const Set& set) {
  json::Value result{json::Object{}};
  result.set("id", set.id);
  json::Value values{json::Object{}};
  for (std::size_t i = 0; i < law.parameters.size(); ++i) {
    values.set(law.parameters[i].name, set.values[i]);
  }
  result.set("values", std::move(values));
  if (!set.draws.empty()) {
    result.set("draws", draws_of(law, set));
  }
  if (!set.range.empty()) {
    json::Value range{json::Object{}};
    for (const auto& [name, bounds] : set.range) {
      range.set(name, numbers({bounds.low, bounds.high}));
    }
    result.set("range", std::move(range));
  }
  result.set("verified", set.verified);
  set_text(result, "source", set.source);
  set_text(result, "evidence", set.evidence);
  set_text(result, "notes", set.notes);
  if (!set.checks.empty()) {
    result.set("checks", checks_of(set));
  }
  return result;
}

void set_expressions(json::Value& result, const Law& law) {
  set_text(result, "compute", law.compute_text);
  if (!law.lets.empty()) {
    json::Value lets{json::Array{}};
    for (const expr::Definition& let : law.lets) {
      lets.push(json::Object{{"name", let.name}, {"expr", let.text}});
    }
    result.set("let", std::move(lets));
  }
  result.set("form", law.form_text);
  if (!law.optimum_text.empty()) {
    json::Value optimum{json::Object{}};
    for (const auto& [name, text] : law.optimum_text) {
      optimum.set(name, text);
    }
    result.set("optimum", std::move(optimum));
  }
}

}  // namespace

json::Value to_json(const Law& law, bool with_sets) {
  json::Value result{json::Object{}};
  result.set("schema", "scaleplan/law/1");
  result.set("id", law.id);
  result.set("title", law.title);
  set_text(result, "source", law.source);
  result.set("kind", law.kind);
  set_text(result, "notes", law.notes);
  result.set("inputs", inputs_of(law));
  result.set("output", json::Object{{"name", law.output.name},
                                    {"unit", law.output.unit},
                                    {"better", law.output.lower_is_better ? "lower" : "higher"}});
  set_expressions(result, law);
  result.set("parameters", parameters_of(law));
  json::Value settings(json::Object{{"residual", residual_name(law.fit.residual)},
                                    {"loss", loss_name(law.fit.loss)},
                                    {"delta", law.fit.delta}});
  if (law.fit.loss == Loss::asymmetric) {
    settings.set("asymmetry", law.fit.asymmetry);
  }
  result.set("fit", std::move(settings));
  if (law.blend != nullptr) {
    result.set("blend", law.blend->text);
  }
  if (with_sets && !law.sets.empty()) {
    result.set("default_set", law.default_set);
    json::Value sets{json::Array{}};
    for (const Set& set : law.sets) {
      sets.push(set_of(law, set));
    }
    result.set("sets", std::move(sets));
  }
  return result;
}

}  // namespace scaleplan::laws
