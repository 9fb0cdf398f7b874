#include "scaleplan/laws/formula.hpp"

namespace scaleplan::laws {

Formula::Formula(const Law& law, const Set& set, std::string_view name)
    : workspaces_(expr::workspaces_of(
          expr::Program::compile(name == law.output.name ? law.form : law.definitions.at(std::string(name)),
                                 {law.input_names(), law.parameter_names(), {}, {}}))),
      values_(set.values) {}

double Formula::at(std::span<const double> inputs) const {
  const Pool<expr::Workspace>::Lease workspace(workspaces_);
  return workspace->point(inputs, values_, {});
}

}  // namespace scaleplan::laws
