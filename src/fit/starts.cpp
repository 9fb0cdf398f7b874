#include "fit/starts.hpp"

#include <algorithm>
#include <cmath>

#include "scaleplan/num/parallel.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::fit {
namespace {

constexpr double ridge = 1e-3;        // settles collinear terms, for example a power of exponent zero
constexpr double least_share = 1e-3;  // of the output, for a term that least squares would drop

/// The form in natural units as offset + Σ p_k·column_k over the linear parameters p.
class LinearPart {
 public:
  LinearPart(const Model& model, std::vector<std::size_t> linear)
      : model_(model), linear_(std::move(linear)), program_(compile()) {
    expr::Columns columns;
    columns.rows = model.size();
    columns.inputs.assign(model.inputs.begin(), model.inputs.end());
    rows_ = expr::Bound(program_, columns);
  }

  [[nodiscard]] const expr::Program& program() const { return program_; }

  /// Sets the linear parameters of `theta`; false where the columns are not finite or vanish.
  bool solve(expr::Workspace& workspace, std::vector<double>& theta) const {
    Terms terms = terms_at(workspace, theta);
    const std::size_t count = linear_.size();
    std::vector<double> scale(count, 0.0);
    for (std::size_t k = 0; k < count; ++k) {
      for (std::size_t i = 0; i < model_.size(); ++i) {
        const double x = terms.column[k][i];
        scale[k] += x * x / static_cast<double>(model_.size());
      }
      scale[k] = std::sqrt(scale[k]);
      if (!(scale[k] > 0) || !std::isfinite(scale[k])) {
        return false;
      }
    }
    const std::vector<double> values = least_squares(terms, scale);
    for (std::size_t k = 0; k < count; ++k) {
      const double value = values[k] / scale[k];
      const double floor = least_share * terms.size / scale[k];
      theta[linear_[k]] = logarithmic(k) ? std::log(std::max(value, floor)) : value;
    }
    return true;
  }

 private:
  /// Weighted, relative to the output where the residual is logarithmic.
  struct Terms {
    std::vector<std::vector<double>> column;
    std::vector<double> target;
    double size = 0;  ///< root mean square of the target
  };

  [[nodiscard]] const laws::Parameter& parameter(std::size_t k) const {
    return model_.law->parameters[model_.free[linear_[k]]];
  }
  [[nodiscard]] bool logarithmic(std::size_t k) const { return parameter(k).log; }

  [[nodiscard]] expr::Program compile() const {
    std::vector<std::string> directions;
    for (std::size_t k = 0; k < linear_.size(); ++k) {
      directions.push_back(parameter(k).name);
    }
    const std::vector<std::string> names = model_.law->parameter_names();
    return expr::Program::compile(model_.law->form, {model_.law->input_names(), names, directions, {}});
  }

  Terms terms_at(expr::Workspace& workspace, std::vector<double> theta) const {
    for (const std::size_t k : linear_) {
      theta[k] = 1;
    }
    const std::vector<double> natural = model_.natural(theta);
    workspace.set_parameters(natural);
    Terms terms;
    terms.column.resize(linear_.size());
    for (std::size_t b = 0; b < rows_.blocks(); ++b) {
      const expr::BlockView view = workspace.block(rows_, b);
      for (std::size_t r = 0; r < num::block_rows && terms.target.size() < model_.size(); ++r) {
        const std::size_t row = terms.target.size();
        const bool relative = model_.law->fit.residual == laws::Residual::log;
        const double unit =
            std::sqrt(model_.weights[row]) / (relative ? std::abs(model_.observed[row]) : 1.0);
        double offset = view.value[r];
        for (std::size_t k = 0; k < linear_.size(); ++k) {
          const double slope = view.gradient[k] == nullptr ? 0 : view.gradient[k][r];
          offset -= slope * natural[model_.free[linear_[k]]];
          terms.column[k].push_back(slope * unit);
        }
        terms.target.push_back((model_.observed[row] - offset) * unit);
      }
    }
    for (const double t : terms.target) {
      terms.size += t * t / static_cast<double>(model_.size());
    }
    terms.size = std::sqrt(terms.size);
    return terms;
  }

  /// In units of each column's scale. A parameter of either sign is the difference of two non-negative ones.
  [[nodiscard]] std::vector<double> least_squares(const Terms& terms,
                                                  const std::vector<double>& scale) const {
    const std::size_t count = linear_.size();
    const std::size_t rows = model_.size();
    const double pull = ridge * std::sqrt(static_cast<double>(rows));
    std::vector<double> matrix;
    std::vector<double> target = terms.target;
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t k = 0; k < count; ++k) {
        matrix.push_back(terms.column[k][i] / scale[k]);
      }
      for (std::size_t k = 0; k < count; ++k) {
        if (!logarithmic(k)) {
          matrix.push_back(-terms.column[k][i] / scale[k]);
        }
      }
    }
    const std::size_t width = matrix.size() / rows;
    for (std::size_t k = 0; k < width; ++k) {
      matrix.resize(matrix.size() + width, 0.0);
      matrix[matrix.size() - width + k] = pull;
      target.push_back(k < count && logarithmic(k) ? pull * terms.size / static_cast<double>(count) : 0.0);
    }
    std::vector<double> values = num::non_negative_least_squares(matrix, target);
    for (std::size_t k = 0, minus = count; k < count; ++k) {
      values[k] -= logarithmic(k) ? 0 : values[minus++];
    }
    return values;
  }

  const Model& model_;
  std::vector<std::size_t> linear_;
  expr::Program program_;
  expr::Bound rows_;
};

/// Combinations of the start values of the parameters in `varied`, `from` elsewhere.
std::vector<std::vector<double>> combinations(const Model& model, const std::vector<std::size_t>& varied,
                                              const std::vector<double>& from) {
  std::vector<std::vector<double>> grid{from};
  for (const std::size_t k : varied) {
    std::vector<std::vector<double>> wider;
    for (const std::vector<double>& point : grid) {
      for (const double value : model.law->parameters[model.free[k]].start) {
        wider.push_back(point);
        wider.back()[k] = value;
      }
    }
    grid = std::move(wider);
  }
  return grid;
}

}  // namespace

std::vector<Start> start_grid(const Model& model, const Control& control) {
  const std::vector<std::size_t> linear = linear_parameters(model);
  std::vector<std::size_t> rest;
  for (std::size_t k = 0; k < model.free.size(); ++k) {
    if (std::find(linear.begin(), linear.end(), k) == linear.end()) {
      rest.push_back(k);
    }
  }
  const std::vector<double> nowhere(model.free.size(), 0.0);
  const std::size_t times = combinations(model, linear, nowhere).size();
  std::vector<std::vector<double>> points = combinations(model, rest, nowhere);
  std::vector<char> solved(points.size(), 0);
  if (!linear.empty()) {
    const LinearPart part(model, linear);
    num::parallel_for(points.size(), control, [&](std::size_t k, std::size_t /*worker*/) {
      expr::Workspace workspace(part.program());
      solved[k] = part.solve(workspace, points[k]) ? 1 : 0;
    });
  }
  std::vector<Start> starts;
  for (std::size_t k = 0; k < points.size(); ++k) {
    if (solved[k] != 0) {
      starts.push_back({points[k], times});
      continue;
    }
    for (std::vector<double>& point : combinations(model, linear, points[k])) {
      starts.push_back({std::move(point), 1});
    }
  }
  return starts;
}

std::vector<std::size_t> linear_parameters(const Model& model) {
  std::vector<std::size_t> linear;
  const auto is_zero = [](const expr::Expression& e) {
    return e.names().empty() && expr::Program::compile(e, {}).at({}, {}, {}) == 0;
  };
  for (std::size_t k = 0; k < model.free.size(); ++k) {
    const std::string& name = model.law->parameters[model.free[k]].name;
    const expr::Expression slope = model.law->form.derivative(name);
    const bool tied = std::any_of(model.law->parameters.begin(), model.law->parameters.end(),
                                  [&](const laws::Parameter& p) { return p.tie == name; });
    bool fits = !tied && is_zero(slope.derivative(name));
    for (const std::size_t other : linear) {
      fits = fits && is_zero(slope.derivative(model.law->parameters[model.free[other]].name));
    }
    if (fits) {
      linear.push_back(k);
    }
  }
  return linear;
}

}  // namespace scaleplan::fit
