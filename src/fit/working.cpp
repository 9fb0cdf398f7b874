#include "fit/working.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace scaleplan::fit {
namespace {

constexpr double widest = 300;
const char* observed_name = "observed output";  // no input of a law can have a name with a space

/// The natural value of a parameter as an expression of working variables of the free parameters.
expr::Expression natural_expression(const laws::Law& law, const std::string& name) {
  const auto parameter = std::find_if(law.parameters.begin(), law.parameters.end(),
                                      [&](const laws::Parameter& p) { return p.name == name; });
  if (parameter == law.parameters.end()) {
    return {};
  }
  if (parameter->fixed) {
    return expr::Expression::constant(*parameter->fixed);
  }
  if (!parameter->tie.empty()) {
    return natural_expression(law, parameter->tie);
  }
  const expr::Expression variable = expr::Expression::variable(name, expr::Role::parameter);
  return parameter->log ? exp(variable) : variable;
}

expr::Program residual_program(const laws::Law& law, const std::vector<std::string>& free,
                               laws::Residual kind) {
  const expr::Expression model =
      law.form.substitute([&](const std::string& name) { return natural_expression(law, name); });
  const expr::Expression observed = expr::Expression::variable(observed_name, expr::Role::input);
  const bool logarithmic = kind == laws::Residual::log;
  const expr::Expression residual = logarithmic ? log(model) - log(observed) : model - observed;
  expr::Program::Signature signature{{}, free, free, {}};
  for (const laws::Input& input : law.inputs) {
    (input.vector ? signature.vectors : signature.inputs).push_back(input.name);
  }
  signature.inputs.emplace_back(observed_name);
  return expr::Program::compile(residual, signature);
}

}  // namespace

WorkingLaw working_law(const laws::Law& law, laws::Residual residual) {
  WorkingLaw out;
  std::vector<std::string> names;
  for (std::size_t p = 0; p < law.parameters.size(); ++p) {
    const laws::Parameter& parameter = law.parameters[p];
    if (!parameter.fixed && parameter.tie.empty()) {
      out.free.push_back(p);
      names.push_back(parameter.name);
      out.box.lower.push_back(std::max(parameter.lower, -widest));
      out.box.upper.push_back(std::min(parameter.upper, widest));
      out.box.logarithm.push_back(parameter.log);
    }
  }
  out.residual = residual_program(law, names, residual);
  return out;
}

double working_value(const laws::Parameter& parameter, double natural) {
  return parameter.log ? std::log(natural) : natural;
}

std::vector<double> natural_values(const laws::Law& law, const std::vector<std::size_t>& free,
                                   std::span<const double> theta) {
  std::vector<double> values(law.parameters.size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t k = 0; k < free.size(); ++k) {
    values[free[k]] = law.parameters[free[k]].log ? std::exp(theta[k]) : theta[k];
  }
  for (std::size_t p = 0; p < values.size(); ++p) {
    if (law.parameters[p].fixed) {
      values[p] = *law.parameters[p].fixed;
    }
  }
  // Ties may follow ties; the reader refuses circles.
  for (std::size_t round = 0; round < values.size(); ++round) {
    for (std::size_t p = 0; p < values.size(); ++p) {
      for (std::size_t q = 0; q < values.size(); ++q) {
        if (!law.parameters[p].tie.empty() && law.parameters[q].name == law.parameters[p].tie) {
          values[p] = values[q];
        }
      }
    }
  }
  return values;
}

}  // namespace scaleplan::fit
