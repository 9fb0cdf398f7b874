#include <Eigen/Dense>
#include <algorithm>
#include <cassert>

#include "scaleplan/num/statistics.hpp"

namespace scaleplan::num {
namespace {

using ::Eigen::Index;
using ::Eigen::VectorXd;
using RowMajor = ::Eigen::Matrix<double, ::Eigen::Dynamic, ::Eigen::Dynamic, ::Eigen::RowMajor>;
using View = ::Eigen::Map<const RowMajor>;

/// min ‖A·x − b‖ with x ≥ 0: Lawson & Hanson (1974), algorithm NNLS.
class NonNegativeLeastSquares {
 public:
  NonNegativeLeastSquares(const View& a, const VectorXd& b)
      : a_(a), b_(b), x_(VectorXd::Zero(a.cols())), passive_(static_cast<std::size_t>(a.cols()), false) {}

  VectorXd solve() {
    const double tolerance = 1e-13 * (1 + a_.norm()) * (1 + b_.norm());
    for (Index round = 0; round < 3 * a_.cols() + 3; ++round) {
      const Index entering = steepest(tolerance);
      if (entering < 0) {
        break;
      }
      passive_[static_cast<std::size_t>(entering)] = true;
      restore();
    }
    return x_;
  }

 private:
  [[nodiscard]] Index steepest(double tolerance) const {
    const VectorXd slope = a_.transpose() * (b_ - a_ * x_);
    Index best = -1;
    for (Index j = 0; j < a_.cols(); ++j) {
      if (!passive_[static_cast<std::size_t>(j)] && slope[j] > (best < 0 ? tolerance : slope[best])) {
        best = j;
      }
    }
    return best;
  }

  /// Move to the least-squares point of the passive set, dropping what would turn negative on the way.
  void restore() {
    for (;;) {
      const VectorXd target = unconstrained();
      double fraction = 1;
      for (Index j = 0; j < a_.cols(); ++j) {
        if (passive_[static_cast<std::size_t>(j)] && target[j] <= 0) {
          fraction = std::min(fraction, x_[j] / (x_[j] - target[j]));
        }
      }
      if (!(fraction < 1)) {
        x_ = target.cwiseMax(0);
        return;
      }
      x_ += fraction * (target - x_);
      for (Index j = 0; j < a_.cols(); ++j) {
        if (passive_[static_cast<std::size_t>(j)] && target[j] <= 0 && x_[j] <= 1e-15) {
          passive_[static_cast<std::size_t>(j)] = false;
          x_[j] = 0;
        }
      }
    }
  }

  [[nodiscard]] VectorXd unconstrained() const {
    std::vector<Index> columns;
    for (Index j = 0; j < a_.cols(); ++j) {
      if (passive_[static_cast<std::size_t>(j)]) {
        columns.push_back(j);
      }
    }
    VectorXd result = VectorXd::Zero(a_.cols());
    if (!columns.empty()) {
      const VectorXd part = a_(::Eigen::all, columns).colPivHouseholderQr().solve(b_);
      for (std::size_t i = 0; i < columns.size(); ++i) {
        result[columns[i]] = part[static_cast<Index>(i)];
      }
    }
    return result;
  }

  const View& a_;
  const VectorXd& b_;
  VectorXd x_;
  std::vector<bool> passive_;
};

}  // namespace

std::vector<double> non_negative_least_squares(std::span<const double> matrix,
                                               std::span<const double> right_side) {
  const auto rows = static_cast<Index>(right_side.size());
  if (rows == 0 || matrix.empty()) {
    return {};
  }
  assert(matrix.size() % right_side.size() == 0);
  const View a(matrix.data(), rows, static_cast<Index>(matrix.size()) / rows);
  const VectorXd b = ::Eigen::Map<const VectorXd>(right_side.data(), rows);
  const VectorXd x = NonNegativeLeastSquares(a, b).solve();
  return {x.data(), x.data() + x.size()};
}

}  // namespace scaleplan::num
