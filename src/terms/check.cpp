#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "scaleplan/expr/program.hpp"
#include "scaleplan/terms/technique.hpp"
#include "terms/apply.hpp"

namespace scaleplan::terms {

namespace {

double evaluate(const expr::Expression& expression, const std::map<std::string, double>& values) {
  const expr::Expression placed = expression.substitute(
      [&](const std::string& name) { return expr::Expression::constant(values.at(name)); });
  return expr::Program::compile(placed, {}).at({}, {}, {});
}

}  // namespace

double applied(Op op, double base, double size) {
  switch (op) {
    case Op::multiply:
      return base * size;
    case Op::add:
      return base + size;
    case Op::set:
    case Op::replace_formula:
      return size;
  }
  return size;
}

Result<double> size_of(const Effect& effect, const std::string& technique,
                       const std::map<std::string, double>& inputs) {
  if (effect.value) return *effect.value;
  std::vector<std::string> missing;
  for (const std::string& name : effect.formula.names()) {
    if (!inputs.contains(name)) missing.push_back(name);
  }
  if (!missing.empty()) {
    return error(fmt::format("technique {} needs {} for its effect on {}", technique,
                             fmt::join(missing, ", "), effect.term),
                 "give them, or leave the technique out");
  }
  const double size = evaluate(effect.formula, inputs);
  if (std::isfinite(size)) return size;
  return error(fmt::format("the effect of technique {} on {}, {}, is not a finite number here", technique,
                           effect.term, effect.formula_text));
}

double check_error(const Technique& technique, const TechniqueCheck& check) {
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  std::map<std::string, double> values = check.in;
  for (const Effect& effect : technique.effects) {
    const Result<double> size = size_of(effect, technique.id, check.in);
    if (!size) return unknown;
    const auto base = check.in.find(effect.term);
    const double neutral = effect.op == Op::add ? 0 : 1;
    values[effect.term] = applied(effect.op, base == check.in.end() ? neutral : base->second, *size);
  }
  std::map<std::string, double> results = values;
  for (const auto& [name, expression] : check.derived) results[name] = evaluate(expression, values);
  double worst = 0;
  for (const auto& [name, expression] : check.out) {
    const double want = evaluate(expression, check.in);
    const double difference = std::abs(results.at(name) - want);
    worst = std::max(worst, want == 0 ? difference : difference / std::abs(want));
  }
  return worst;
}

}  // namespace scaleplan::terms
