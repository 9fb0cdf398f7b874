#include "scaleplan/laws/formula.hpp"

namespace scaleplan::laws {

Formula::Formula(const Law& law, const Set& set, std::string_view name)
    : program_(
          expr::Program::compile(name == law.output.name ? law.form : law.definitions.at(std::string(name)),
                                 {law.input_names(), law.parameter_names(), {}, {}})),
      values_(set.values) {}

double Formula::at(const std::vector<double>& inputs) const {
  return program_.at(inputs, values_, {});
}

}  // namespace scaleplan::laws
