#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "scaleplan/base/control.hpp"

namespace scaleplan::num {

/// Sample quantile with linear interpolation (Hyndman–Fan type 7). `values` need not be sorted, must not be
/// empty or hold NaN; 0 ≤ q ≤ 1.
double quantile(std::span<const double> values, double q);

double mean(std::span<const double> values);
double median(std::span<const double> values);
/// Sample standard deviation (n − 1); 0 for fewer than two values.
double standard_deviation(std::span<const double> values);
/// Pearson correlation; 0 when one of the two is constant. Sizes must agree.
double correlation(std::span<const double> x, std::span<const double> y);

/// Inverse of the standard normal distribution function, 0 < p < 1.
double normal_quantile(double p);

/// Central percentile interval at `level` (0 < level < 1): quantiles (1 ∓ level)/2. NaN values are left
/// out; unknown when fewer than 20 remain.
Interval percentile_interval(std::span<const double> values, double level);

/// Symmetric eigenproblem of the row-major n×n `matrix`: eigenvalues ascending, unit vectors as rows, each
/// with its largest component positive. Empty when the matrix holds NaN or infinity.
struct SymmetricEigen {
  std::vector<double> values;
  std::vector<std::vector<double>> vectors;
};
SymmetricEigen symmetric_eigen(std::span<const double> matrix, std::size_t n);

/// Schur complement of the row-major symmetric n×n `matrix` onto `keep`: M_kk − M_ke M_ee⁻¹ M_ek, e the rest;
/// the pseudo-inverse of the (scaled) M_ee where it is singular.
std::vector<double> schur_complement(std::span<const double> matrix, std::size_t n,
                                     std::span<const std::size_t> keep);

/// Solve the n×n symmetric positive definite system in place by Cholesky; false when it is not positive
/// definite. `matrix` (row-major) is overwritten.
bool solve_spd(std::span<double> matrix, std::span<double> right_side);

/// min ‖A·x − b‖ with x ≥ 0 (Lawson & Hanson 1974, algorithm NNLS). `matrix`: A row by row, as many rows as
/// `right_side` has entries; x is empty when either is.
std::vector<double> non_negative_least_squares(std::span<const double> matrix,
                                               std::span<const double> right_side);

}  // namespace scaleplan::num
