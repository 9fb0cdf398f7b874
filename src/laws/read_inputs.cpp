#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "laws/reading.hpp"

namespace scaleplan::laws {
namespace {

const std::vector<std::string> counts_names = {
    "none", "total", "non_embedding", "active", "active_non_embedding", "head_no_embedding"};
const std::vector<std::string> residual_names = {"log", "raw"};
const std::vector<std::string> loss_names = {"huber", "squares", "asymmetric"};
const std::vector<std::string> units = {"parameters", "tokens", "sequences",  "examples", "samples",
                                        "steps",      "FLOP",   "FLOP/token", "FLOP/s",   "bits",
                                        "bytes",      "bits/s", "bytes/s",    "s",        "nats/token",
                                        "bits/byte",  "layers", "experts",    "devices",  "1"};

std::size_t index_of(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
}

void read_input(json::ObjectReader& reader, const std::string& name, Law& law) {
  Input input;
  input.name = name;
  reader.require("unit");
  input.unit = reader.choice("unit", units).value_or("1");
  if (const auto counts = reader.choice("counts", counts_names)) {
    input.counts = static_cast<Counts>(index_of(counts_names, *counts));
    if (input.counts != Counts::none && input.unit != "parameters") {
      reader.fail("counts",
                  fmt::format("input \"{}\" counts parameters but has the unit \"{}\"", name, input.unit),
                  "give it the unit \"parameters\", or leave \"counts\" out");
    }
  }
  input.vector = reader.boolean("vector").value_or(false);
  input.scale = reader.number("scale", {.minimum = 0, .maximum = 1e300, .exclusive = true}).value_or(1);
  input.fallback = reader.number("default");
  if (input.vector && (reader.has("scale") || reader.has("default"))) {
    reader.fail("vector", "a vector input has neither scale nor default");
  }
  input.column = reader.string("column").value_or(default_column(input));
  law.inputs.push_back(std::move(input));
}

void read_parameter(json::ObjectReader& reader, const std::string& name, Law& law) {
  static const std::vector<std::string> transforms = {"log", "none"};
  Parameter parameter;
  parameter.name = name;
  parameter.log = reader.choice("transform", transforms).value_or("none") == "log";
  parameter.start = reader.numbers("start").value_or(std::vector<double>{});
  parameter.lower = reader.number("lower").value_or(parameter.lower);
  parameter.upper = reader.number("upper").value_or(parameter.upper);
  parameter.fixed = reader.number("fixed");
  parameter.tie = reader.string("tie").value_or("");
  if (parameter.lower > parameter.upper) {
    reader.fail("lower", fmt::format("the bounds of \"{}\" exclude every value", name));
  }
  if (reader.has("start") && parameter.start.empty()) {
    reader.fail("start", "an empty list of starts", "leave it out or give at least one value");
  }
  for (const double start : parameter.start) {
    if (start < parameter.lower || start > parameter.upper) {
      reader.fail("start", fmt::format("start {} of \"{}\" is outside its bounds", start, name),
                  parameter.log ? "starts and bounds are natural logarithms here" : "");
    }
  }
  if (parameter.fixed && parameter.log && *parameter.fixed <= 0) {
    reader.fail("fixed", fmt::format("\"{}\" is fitted as a logarithm and must be positive", name));
  }
  if (parameter.fixed && !parameter.tie.empty()) {
    reader.fail("tie", fmt::format("\"{}\" cannot be both fixed and tied", name));
  }
  law.parameters.push_back(std::move(parameter));
}

/// A tie must lead to another parameter that is itself free or fixed.
void check_ties(json::ObjectReader& parameters, const Law& law) {
  for (const Parameter& parameter : law.parameters) {
    if (parameter.tie.empty()) {
      continue;
    }
    const auto target = std::ranges::find(law.parameters, parameter.tie, &Parameter::name);
    if (target == law.parameters.end()) {
      parameters.fail(parameter.name, fmt::format("\"{}\" is tied to \"{}\", which is no parameter",
                                                  parameter.name, parameter.tie));
    } else if (target->name == parameter.name) {
      parameters.fail(parameter.name, fmt::format("\"{}\" is tied to itself", parameter.name));
    } else if (!target->tie.empty()) {
      parameters.fail(
          parameter.name,
          fmt::format("\"{}\" is tied to \"{}\", which is tied itself", parameter.name, parameter.tie),
          fmt::format("tie both to \"{}\"", target->tie));
    }
  }
}

}  // namespace

std::string_view counts_name(Counts counts) {
  return counts_names[static_cast<std::size_t>(counts)];
}
std::string_view residual_name(Residual residual) {
  return residual_names[static_cast<std::size_t>(residual)];
}
std::string_view loss_name(Loss loss) {
  return loss_names[static_cast<std::size_t>(loss)];
}

std::string default_column(const Input& input) {
  static const std::array<std::string, 6> sizes = {"",
                                                   "params",
                                                   "non_embedding_params",
                                                   "active_params",
                                                   "active_non_embedding_params",
                                                   "head_no_embedding_params"};
  if (input.counts != Counts::none) {
    return sizes.at(static_cast<std::size_t>(input.counts));
  }
  if (input.name == "D" && input.unit == "tokens") {
    return "tokens";
  }
  return input.unit == "FLOP" ? "flops" : input.name;
}

void check_name(json::ObjectReader& reader, std::string_view key, const std::string& name, const Law& law) {
  static const std::vector<std::string> functions = {"exp", "log", "sqrt", "abs",  "floor", "min",
                                                     "max", "if",  "sum",  "root", "len"};
  const auto letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  const bool digit_first = !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) != 0;
  if (name.empty() || digit_first || !std::ranges::all_of(name, letter)) {
    reader.fail(key, fmt::format("\"{}\" cannot be a name in an expression", name),
                "use letters, digits and _, not beginning with a digit");
  }
  if (std::ranges::find(functions, name) != functions.end()) {
    reader.fail(key, fmt::format("\"{}\" is the name of a function", name), "choose another name");
  }
  const auto taken = [&](const auto& list) {
    return std::ranges::any_of(list, [&](const auto& item) { return item.name == name; });
  };
  if (taken(law.inputs) || taken(law.parameters) || taken(law.lets)) {
    reader.fail(key, fmt::format("the name \"{}\" is used twice", name), "choose another name");
  }
}

void read_inputs(json::ObjectReader& root, Law& law) {
  if (!root.require("inputs")) {
    return;
  }
  root.object("inputs", [&](json::ObjectReader& inputs) {
    for (const json::Member& member : inputs.members()) {
      const std::string& name = member.first;
      check_name(inputs, name, name, law);
      inputs.object(name, [&](json::ObjectReader& reader) { read_input(reader, name, law); });
    }
    if (law.inputs.empty()) {
      root.fail("inputs", "a law needs at least one input");
    }
  });
}

void read_output(json::ObjectReader& root, Law& law) {
  static const std::vector<std::string> directions = {"lower", "higher"};
  root.object("output", [&](json::ObjectReader& output) {
    law.output.name = output.string("name").value_or(law.output.name);
    law.output.unit = output.string("unit").value_or(law.output.unit);
    law.output.lower_is_better = output.choice("better", directions).value_or("lower") == "lower";
  });
}

void read_parameters(json::ObjectReader& root, Law& law) {
  if (!root.require("parameters")) {
    return;
  }
  root.object("parameters", [&](json::ObjectReader& parameters) {
    for (const json::Member& member : parameters.members()) {
      const std::string& name = member.first;
      check_name(parameters, name, name, law);
      if (name == compute_name) {
        parameters.fail(name, "\"C\" stands for compute and cannot be a parameter", "choose another name");
      }
      parameters.object(name, [&](json::ObjectReader& reader) { read_parameter(reader, name, law); });
    }
    check_ties(parameters, law);
  });
}

void read_fit_settings(json::ObjectReader& root, Law& law) {
  root.object("fit", [&](json::ObjectReader& fit) {
    if (const auto residual = fit.choice("residual", residual_names)) {
      law.fit.residual = static_cast<Residual>(index_of(residual_names, *residual));
    }
    if (const auto loss = fit.choice("loss", loss_names)) {
      law.fit.loss = static_cast<Loss>(index_of(loss_names, *loss));
    }
    law.fit.delta =
        fit.number("delta", {.minimum = 0, .maximum = 1e300, .exclusive = true}).value_or(law.fit.delta);
    law.fit.asymmetry = fit.number("asymmetry", {.minimum = 0, .maximum = 1e6, .exclusive = true})
                            .value_or(law.fit.asymmetry);
  });
}

}  // namespace scaleplan::laws
