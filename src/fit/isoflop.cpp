#include "scaleplan/fit/isoflop.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include "fit/shared_shape.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::fit {
namespace {

constexpr double budget_tolerance = 0.031;  // ln C: 3 %
constexpr double budget_share = 0.7;        // of rows that must share budgets
constexpr std::size_t budget_rows = 4;
constexpr std::size_t shape_rows = 5;  // below, the shape is taken from other budgets where these give it
constexpr std::size_t window_least_rows = 7;
constexpr std::size_t window_least_sizes = 4;
constexpr double window_decades = 0.5;
constexpr double window_slack = 0.01;  // ln C
constexpr double window_largest_se = 0.6;
constexpr double compute_slope = 0.05;  // typical -d ln L / d ln C, to compare rows inside a window
constexpr double loss_scale = 0.05;
constexpr double least_sigma = 5e-4;
constexpr double least_se = 0.02;
constexpr double flattest = 1e-4;
constexpr double outside_sizes = 0.25;
constexpr double edge = 0.05;

/// Weighted least squares on given columns with Huber reweighting; the normal matrix keeps the plain weights.
struct Regression {
  std::vector<double> coefficients;
  std::vector<double> covariance;  ///< row-major
  bool solved = false;
};

std::vector<double> normal(const std::vector<std::vector<double>>& columns,
                           const std::vector<double>& weights) {
  const std::size_t n = columns.size();
  std::vector<double> matrix(n * n);
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b < n; ++b) {
      for (std::size_t i = 0; i < weights.size(); ++i) {
        matrix[a * n + b] += weights[i] * columns[a][i] * columns[b][i];
      }
    }
  }
  return matrix;
}

bool solve_weighted(const std::vector<std::vector<double>>& columns, const std::vector<double>& y,
                    const std::vector<double>& weights, std::vector<double>& coefficients) {
  std::vector<double> matrix = normal(columns, weights);
  coefficients.assign(columns.size(), 0.0);
  for (std::size_t a = 0; a < columns.size(); ++a) {
    for (std::size_t i = 0; i < y.size(); ++i) {
      coefficients[a] += weights[i] * columns[a][i] * y[i];
    }
  }
  return num::solve_spd(matrix, coefficients);
}

std::vector<double> residuals_of(const std::vector<std::vector<double>>& columns,
                                 const std::vector<double>& y, const std::vector<double>& coefficients) {
  std::vector<double> residuals = y;
  for (std::size_t a = 0; a < columns.size(); ++a) {
    for (std::size_t i = 0; i < y.size(); ++i) {
      residuals[i] -= coefficients[a] * columns[a][i];
    }
  }
  return residuals;
}

double robust_sigma(const std::vector<double>& residuals, const std::vector<double>& weights) {
  std::vector<double> near;
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    if (weights[i] > 0.3) {
      near.push_back(std::abs(residuals[i]));
    }
  }
  return near.size() <= 3 ? 0.003 : std::max(least_sigma, 1.4826 * num::median(near));
}

Regression regress(const std::vector<std::vector<double>>& columns, const std::vector<double>& y,
                   const std::vector<double>& weights) {
  Regression fit;
  std::vector<double> reweighted = weights;
  for (int round = 0; round < 12; ++round) {
    if (!solve_weighted(columns, y, reweighted, fit.coefficients)) {
      return fit;
    }
    const std::vector<double> residuals = residuals_of(columns, y, fit.coefficients);
    const double limit = 1.5 * robust_sigma(residuals, weights);
    for (std::size_t i = 0; i < y.size(); ++i) {
      reweighted[i] = weights[i] * std::min(1.0, limit / std::max(std::abs(residuals[i]), 1e-300));
    }
  }
  const std::vector<double> residuals = residuals_of(columns, y, fit.coefficients);
  double sum = 0;
  double squares = 0;
  double spread = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    sum += weights[i];
    squares += weights[i] * weights[i];
    spread += weights[i] * residuals[i] * residuals[i];
  }
  const double effective = sum * sum / squares;
  const double variance =
      std::max(spread / sum * effective / std::max(1.0, effective - 3), least_sigma * least_sigma);
  const std::size_t n = columns.size();
  const std::vector<double> matrix = normal(columns, weights);
  fit.covariance.resize(n * n);
  for (std::size_t a = 0; a < n; ++a) {
    std::vector<double> copy = matrix;
    std::vector<double> unit(n, 0.0);
    unit[a] = variance;
    if (!num::solve_spd(copy, unit)) {
      return fit;
    }
    std::copy(unit.begin(), unit.end(), fit.covariance.begin() + static_cast<std::ptrdiff_t>(a * n));
  }
  fit.solved = true;
  return fit;
}

/// Minimum of the parabola in columns 1 (x) and 2 (x²), with the delta-method error; `reason` where refused.
struct Vertex {
  IsoflopMinimum minimum;
  std::string reason;
};

Vertex vertex(const Regression& fit, const std::vector<double>& x, const std::vector<double>& weights,
              double centre) {
  Vertex out;
  out.minimum.rows = x.size();
  const std::size_t n = fit.coefficients.size();
  if (!fit.solved) {
    out.reason = "the sizes do not determine a parabola";
    return out;
  }
  const double slope = fit.coefficients[1];
  const double curvature = fit.coefficients[2];
  out.minimum.curvature = curvature;
  if (curvature <= flattest) {
    out.reason = "the parabola opens downward or is flat";
    return out;
  }
  const double at = -slope / (2 * curvature);
  const double d1 = -1 / (2 * curvature);
  const double d2 = slope / (2 * curvature * curvature);
  const double variance = d1 * d1 * fit.covariance[n + 1] + 2 * d1 * d2 * fit.covariance[n + 2] +
                          d2 * d2 * fit.covariance[2 * n + 2];
  out.minimum.se = std::max(least_se, std::sqrt(variance));
  out.minimum.ln_size = at + centre;
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  double first = std::numeric_limits<double>::infinity();
  double last = -first;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (weights[i] > 0.05) {
      first = std::min(first, x[i]);
      last = std::max(last, x[i]);
    }
  }
  if (at < *low - outside_sizes || at > *high + outside_sizes) {
    out.reason = "the minimum lies outside the sizes";
  } else if (at < first + edge || at > last - edge) {
    out.reason = "the minimum lies at the edge of the sizes";
  }
  return out;
}

std::vector<double> loss_weights(const std::vector<double>& ln_loss) {
  const double least = *std::min_element(ln_loss.begin(), ln_loss.end());
  std::vector<double> weights;
  weights.reserve(ln_loss.size());
  for (const double y : ln_loss) {
    weights.push_back(std::exp(-(y - least) / loss_scale));
  }
  return weights;
}

using Indices = std::vector<std::size_t>;

/// Rows of one budget in ln N, with their weights.
struct Profile {
  std::vector<double> ln_sizes;
  std::vector<double> y;
  std::vector<double> weights;
};

Profile profile_of(const AllocationRows& rows, const Indices& group) {
  Profile out;
  for (const std::size_t i : group) {
    out.ln_sizes.push_back(std::log(rows.size[i]));
    out.y.push_back(rows.ln_loss[i]);
  }
  out.weights = loss_weights(out.y);
  return out;
}

/// Powers 0 … `degree` of ln N about `centre`.
std::vector<std::vector<double>> powers(const Profile& profile, double centre, int degree) {
  std::vector<std::vector<double>> columns;
  for (int power = 0; power <= degree; ++power) {
    std::vector<double>& column = columns.emplace_back();
    for (const double size : profile.ln_sizes) {
      column.push_back(std::pow(size - centre, power));
    }
  }
  return columns;
}

Vertex budget_vertex(const Profile& profile) {
  const double centre = num::mean(profile.ln_sizes);
  const auto columns = powers(profile, centre, 2);
  return vertex(regress(columns, profile.y, profile.weights), columns[1], profile.weights, centre);
}

BudgetShape budget_shape(const Profile& profile, const Vertex& found) {
  if (!found.reason.empty() || profile.y.size() < shape_rows) {
    return {};
  }
  const auto columns = powers(profile, found.minimum.ln_size, 3);
  const Regression fit = regress(columns, profile.y, profile.weights);
  if (!fit.solved || fit.coefficients[2] <= flattest) {
    return {};
  }
  const auto n = static_cast<double>(profile.y.size());
  const double noise = robust_sigma(residuals_of(columns, profile.y, fit.coefficients), profile.weights) *
                       std::sqrt(n / (n - 4));
  return {fit.coefficients[2], fit.coefficients[3], noise, true};
}

Vertex few_vertex(const SharedShape& shape, const Profile& profile) {
  Vertex out{minimum_of_few(shape, profile.ln_sizes, profile.y, profile.weights), ""};
  if (!(out.minimum.se <= window_largest_se)) {
    out.reason = "too few rows to say where the minimum is";
  }
  return out;
}

/// Rows of one window also differ in compute: du and x·du enter, the minimum is taken at du = 0.
Vertex window_vertex(const AllocationRows& rows, const Indices& group, double& compute) {
  std::vector<double> sizes;
  std::vector<double> u;
  for (const std::size_t i : group) {
    sizes.push_back(std::log(rows.size[i]));
    u.push_back(std::log(rows.compute[i]));
  }
  const double centre = num::mean(sizes);
  const double mean_u = num::mean(u);
  compute = std::exp(mean_u);
  std::vector<double> one(group.size(), 1.0);
  std::vector<double> x;
  std::vector<double> square;
  std::vector<double> du;
  std::vector<double> cross;
  std::vector<double> y;
  std::vector<double> levelled;
  for (std::size_t k = 0; k < group.size(); ++k) {
    x.push_back(sizes[k] - centre);
    square.push_back(x[k] * x[k]);
    du.push_back(u[k] - mean_u);
    cross.push_back(x[k] * du[k]);
    y.push_back(rows.ln_loss[group[k]]);
    levelled.push_back(y[k] + compute_slope * du[k]);
  }
  const std::vector<double> weights = loss_weights(levelled);
  return vertex(regress({one, x, square, du, cross}, y, weights), x, weights, centre);
}

/// Groups of rows whose compute agrees to 3 %, by compute.
std::vector<Indices> budgets(const AllocationRows& rows, const Indices& order) {
  std::vector<Indices> groups;
  for (const std::size_t i : order) {
    if (groups.empty() ||
        std::log(rows.compute[i] / rows.compute[groups.back().front()]) > budget_tolerance) {
      groups.emplace_back();
    }
    groups.back().push_back(i);
  }
  return groups;
}

void take(Vertex found, double compute, IsoflopMinima& out) {
  found.minimum.compute = compute;
  if (found.reason.empty()) {
    out.minima.push_back(found.minimum);
  } else {
    out.rejected.push_back({compute, found.minimum.rows, found.reason});
  }
}

IsoflopMinima from_windows(const AllocationRows& rows, const Indices& order) {
  IsoflopMinima out;
  out.method = "windows";
  std::size_t end = order.size();
  const double top = rows.compute[order.back()];
  Indices group;
  std::set<double> sizes;
  for (int k = 1; end > 0; ++k) {
    const double from = top * std::exp(-k * window_decades * std::log(10.0) - window_slack);
    for (; end > 0 && rows.compute[order[end - 1]] >= from; --end) {
      group.push_back(order[end - 1]);
      sizes.insert(rows.size[order[end - 1]]);
    }
    if (group.size() < window_least_rows || sizes.size() < window_least_sizes) {
      continue;  // a few runs at the top say where the next window's minimum moves
    }
    double compute = 0;
    Vertex found = window_vertex(rows, group, compute);
    if (found.reason.empty() && found.minimum.se > window_largest_se) {
      found.reason = "the minimum is too uncertain";
    }
    take(found, compute, out);
    group.clear();
    sizes.clear();
  }
  if (!group.empty()) {
    out.rejected.push_back({rows.compute[group.front()], group.size(), "fewer than 7 rows or 4 sizes"});
  }
  std::reverse(out.minima.begin(), out.minima.end());
  std::reverse(out.rejected.begin(), out.rejected.end());
  return out;
}

}  // namespace

IsoflopMinima isoflop_minima(const AllocationRows& rows) {
  IsoflopMinima out;
  out.method = "budgets";
  Indices order(rows.compute.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return rows.compute[a] < rows.compute[b]; });
  if (order.empty()) {
    return out;
  }
  const std::vector<Indices> groups = budgets(rows, order);
  std::vector<BudgetShape> shapes;
  for (const Indices& group : groups) {
    const Profile profile = profile_of(rows, group);
    shapes.push_back(group.size() < shape_rows ? BudgetShape{}
                                               : budget_shape(profile, budget_vertex(profile)));
  }
  const SharedShape shape = shared_shape(shapes);
  std::size_t shared = 0;
  for (const Indices& group : groups) {
    double sum = 0;
    for (const std::size_t i : group) {
      sum += std::log(rows.compute[i]);
    }
    const double compute = std::exp(sum / static_cast<double>(group.size()));
    shared += group.size() < budget_rows ? 0 : group.size();
    const bool few = shape.known && group.size() < shape_rows && group.size() > 1;
    if (!few && group.size() < budget_rows) {
      out.rejected.push_back({compute, group.size(), "fewer than 4 rows"});
      continue;
    }
    const Profile profile = profile_of(rows, group);
    take(few ? few_vertex(shape, profile) : budget_vertex(profile), compute, out);
  }
  const bool scattered = static_cast<double>(shared) < budget_share * static_cast<double>(order.size());
  return scattered || out.minima.size() < 3 ? from_windows(rows, order) : out;
}

}  // namespace scaleplan::fit
