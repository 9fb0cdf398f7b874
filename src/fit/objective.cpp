#include "fit/objective.hpp"

#include <algorithm>
#include <array>

namespace scaleplan::fit {

Objective::Objective(expr::Bound rows, std::span<const double> weights, double delta, Beliefs beliefs,
                     double over)
    : rows_(std::move(rows)),
      weights_(rows_.blocks() * num::block_rows, 0.0),
      delta_(delta),
      beliefs_(std::move(beliefs)),
      over_(over) {
  std::copy(weights.begin(), weights.end(), weights_.begin());
}

void Objective::evaluate(expr::Workspace& workspace, std::span<const double> theta, double delta,
                         Sums& sums) const {
  std::fill(sums.running.begin(), sums.running.end(), 0.0);
  double* value = sums.running.data();
  double* gradient = value + num::sum_lanes;
  double* curvature = gradient + sums.gradient.size() * num::sum_lanes;
  double* envelope = curvature + sums.curvature.size() * num::sum_lanes;
  const num::Kernels& kernels = num::kernels();
  workspace.set_parameters(theta);
  std::array<double, num::block_rows> sided;
  for (std::size_t b = 0; b < rows_.blocks(); ++b) {
    const expr::BlockView view = workspace.block(rows_, b);
    const double* weights = weights_.data() + b * num::block_rows;
    if (over_ != 1) {
      for (std::size_t i = 0; i < num::block_rows; ++i) {
        sided[i] = view.value[i] > 0 ? over_ * weights[i] : weights[i];
      }
      weights = sided.data();
    }
    kernels.huber(view.value, weights, view.gradient, sums.gradient.size(), delta,
                  {value, gradient, curvature, envelope});
  }
  kernels.fold(value, 1, &sums.value);
  kernels.fold(gradient, sums.gradient.size(), sums.gradient.data());
  kernels.fold(curvature, sums.curvature.size(), sums.curvature.data());
  kernels.fold(envelope, sums.envelope.size(), sums.envelope.data());
  for (std::size_t j = 0, diagonal = 0; j < beliefs_.mean.size(); ++j, diagonal += j + 1) {
    const double off = theta[j] - beliefs_.mean[j];
    sums.value += 0.5 * beliefs_.precision[j] * off * off;
    sums.gradient[j] += beliefs_.precision[j] * off;
    sums.curvature[diagonal] += beliefs_.precision[j];
    sums.envelope[diagonal] += beliefs_.precision[j];
  }
}

double Objective::belief_part(std::span<const double> theta) const {
  double part = 0;
  for (std::size_t j = 0; j < beliefs_.mean.size(); ++j) {
    const double off = theta[j] - beliefs_.mean[j];
    part += 0.5 * beliefs_.precision[j] * off * off;
  }
  return part;
}

void Objective::residuals(expr::Workspace& workspace, std::span<const double> theta,
                          std::vector<double>& out) const {
  out.resize(rows_.rows());
  workspace.set_parameters(theta);
  for (std::size_t b = 0; b < rows_.blocks(); ++b) {
    const expr::BlockView view = workspace.block(rows_, b);
    const std::size_t first = b * num::block_rows;
    std::copy_n(view.value, std::min(num::block_rows, out.size() - first), out.data() + first);
  }
}

}  // namespace scaleplan::fit
