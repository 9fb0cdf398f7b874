#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

#include "num/evaluation.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::num {
namespace {

using ::Eigen::Index;
using ::Eigen::MatrixXd;
using ::Eigen::VectorXd;
using RowMajor = ::Eigen::Matrix<double, ::Eigen::Dynamic, ::Eigen::Dynamic, ::Eigen::RowMajor>;

/// One active constraint or bound: whose multiplier it is, and its outward normal.
struct Active {
  std::size_t index;
  int bound;  ///< 0: a constraint; +1: upper bound, −1: lower bound
};

std::vector<Active> active_set(const Problem& problem, const Evaluation& point, double tolerance) {
  std::vector<Active> result;
  for (std::size_t i = 0; i < point.constraints.size(); ++i) {
    if (point.constraints[i] >= -tolerance) {
      result.push_back({i, 0});
    }
  }
  for (std::size_t i = 0; i < point.x.size(); ++i) {
    const auto at = [&](double bound) {
      return std::abs(point.x[i] - bound) <= tolerance * (1 + std::abs(bound));
    };
    if (at(problem.upper[i])) {
      result.push_back({i, 1});
    }
    if (at(problem.lower[i])) {
      result.push_back({i, -1});
    }
  }
  return result;
}

}  // namespace

void kkt_at(const Problem& problem, const Evaluation& point, double active_tolerance, Minimum& minimum) {
  const std::size_t n = point.x.size();
  minimum.multipliers.assign(problem.constraints.size(), 0);
  minimum.bound_multipliers.assign(n, 0);
  minimum.kkt_residual = std::numeric_limits<double>::infinity();
  if (!point.usable) {
    return;
  }
  const std::vector<Active> active = active_set(problem, point, active_tolerance);
  MatrixXd normals = MatrixXd::Zero(static_cast<Index>(n), static_cast<Index>(active.size()));
  VectorXd lengths = VectorXd::Ones(normals.cols());
  for (Index j = 0; j < normals.cols(); ++j) {
    const Active& one = active[static_cast<std::size_t>(j)];
    if (one.bound != 0) {
      normals(static_cast<Index>(one.index), j) = one.bound;
      continue;
    }
    normals.col(j) =
        ::Eigen::Map<const VectorXd>(point.jacobian.data() + one.index * n, static_cast<Index>(n));
    lengths[j] = normals.col(j).norm() > 0 ? normals.col(j).norm() : 1;
    normals.col(j) /= lengths[j];
  }
  const VectorXd descent =
      -::Eigen::Map<const VectorXd>(point.gradient.data(), static_cast<Index>(point.gradient.size()));
  const RowMajor rows = normals;
  const std::vector<double> solved =
      non_negative_least_squares({rows.data(), static_cast<std::size_t>(rows.size())}, {descent.data(), n});
  const VectorXd weights = ::Eigen::Map<const VectorXd>(solved.data(), normals.cols());
  minimum.kkt_residual = (descent - normals * weights).norm() / (1 + descent.norm());
  for (Index j = 0; j < normals.cols(); ++j) {
    const Active& one = active[static_cast<std::size_t>(j)];
    if (one.bound == 0) {
      minimum.multipliers[one.index] = weights[j] / lengths[j];
    } else {
      minimum.bound_multipliers[one.index] += one.bound * weights[j];
    }
  }
}

void kkt(const Problem& problem, Minimum& minimum, double active_tolerance) {
  Evaluator evaluator(problem);
  kkt_at(problem, evaluator.at(minimum.x), active_tolerance, minimum);
}

}  // namespace scaleplan::num
