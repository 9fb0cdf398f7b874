#include "scaleplan/laws/drawn_loss.hpp"

#include <algorithm>
#include <array>

#include "laws/line.hpp"
#include "scaleplan/num/kernels.hpp"

namespace scaleplan::laws {

struct DrawnLoss::State {
  Pool<expr::Workspace> workspaces;
  expr::Bound bound;
};

DrawnLoss::DrawnLoss(const Law& law, const std::map<std::string, double>& fixed,
                     const std::vector<std::vector<double>>& draws) {
  const std::vector<std::string> names = law.parameter_names();
  const std::vector<std::string> point{law.size()->name, law.tokens()->name};
  // draws are the program's rows, the point is what all rows share: inputs and parameters change places
  const expr::Expression form = with_inputs(law, fixed, law.form).substitute([&](const std::string& name) {
    const bool of_point = std::find(point.begin(), point.end(), name) != point.end();
    return expr::Expression::variable(name, of_point ? expr::Role::parameter : expr::Role::input);
  });
  const expr::Program program = expr::Program::compile(form, {names, point, {}, {}});
  std::vector<std::vector<double>> columns(names.size(), std::vector<double>(draws.size()));
  for (std::size_t k = 0; k < draws.size(); ++k) {
    for (std::size_t p = 0; p < names.size(); ++p) columns[p][k] = draws[k][p];
  }
  const expr::Bound bound(program, {draws.size(), {columns.begin(), columns.end()}, {}});
  state_ = std::make_shared<const State>(State{expr::workspaces_of(program), bound});
}

std::size_t DrawnLoss::draws() const {
  return state_->bound.rows();
}

void DrawnLoss::at(double size, double tokens, std::span<double> losses) const {
  const Pool<expr::Workspace>::Lease workspace(state_->workspaces);
  workspace->set_parameters(std::array{size, tokens});
  for (std::size_t b = 0; b < state_->bound.blocks(); ++b) {
    const std::size_t first = b * num::block_rows;
    const double* values = workspace->block(state_->bound, b).value;
    std::copy_n(values, std::min(num::block_rows, losses.size() - first), losses.data() + first);
  }
}

}  // namespace scaleplan::laws
