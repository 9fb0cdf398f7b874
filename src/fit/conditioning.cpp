#include "fit/conditioning.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "fit/starts.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::fit {
namespace {

double condition_number(const std::vector<double>& matrix, std::size_t n) {
  const num::SymmetricEigen eigen = num::symmetric_eigen(matrix, n);
  const bool positive = !eigen.values.empty() && eigen.values.front() > 0;
  return positive ? eigen.values.back() / eigen.values.front() : std::numeric_limits<double>::infinity();
}

std::vector<double> unit_columns(std::vector<double> matrix, std::size_t n) {
  std::vector<double> length(n);
  for (std::size_t j = 0; j < n; ++j) {
    length[j] = std::sqrt(matrix[j * n + j]);
  }
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b < n; ++b) {
      matrix[a * n + b] /= length[a] * length[b];
    }
  }
  return matrix;
}

}  // namespace

std::vector<double> normal_matrix(const Model& model, std::span<const double> theta) {
  const std::size_t n = model.free.size();
  const double infinite = std::numeric_limits<double>::infinity();
  const Objective objective(model.rows, model.weights, infinite);
  expr::Workspace workspace(model.program);
  Sums sums(n);
  objective.evaluate(workspace, theta, infinite, sums);
  std::vector<double> matrix(n * n);
  for (std::size_t a = 0, k = 0; a < n; ++a) {
    for (std::size_t b = 0; b <= a; ++b, ++k) {
      matrix[a * n + b] = matrix[b * n + a] = sums.envelope[k];
    }
  }
  return matrix;
}

Conditioning conditioning(const Model& model, std::span<const double> theta) {
  Conditioning result;
  const std::size_t n = model.free.size();
  const std::vector<double> matrix = normal_matrix(model, theta);
  const num::SymmetricEigen eigen = num::symmetric_eigen(matrix, n);
  result.eigenvalues = eigen.values;
  result.full = condition_number(matrix, n);
  result.scaled = condition_number(unit_columns(matrix, n), n);
  const std::vector<std::size_t> linear = linear_parameters(model);
  std::vector<std::size_t> rest;
  for (std::size_t k = 0; k < n; ++k) {
    const std::string& name = model.law->parameters[model.free[k]].name;
    if (!eigen.vectors.empty()) {
      result.sloppy[name] = eigen.vectors.front()[k];
    }
    if (std::find(linear.begin(), linear.end(), k) == linear.end()) {
      rest.push_back(k);
      result.nonlinear.push_back(name);
    }
  }
  result.projected = rest.empty() ? 1 : condition_number(num::schur_complement(matrix, n, rest), rest.size());
  return result;
}

}  // namespace scaleplan::fit
