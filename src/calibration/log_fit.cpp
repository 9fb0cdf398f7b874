#include "calibration/log_fit.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "scaleplan/num/parallel.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::calibration {

namespace {

constexpr double step = 1e-4;  // of a logarithm, for derivatives
constexpr int most_iterations = 60;

struct Normal {
  std::vector<double> matrix;  // row by row
  std::vector<double> gradient;
};

std::vector<double> parameters(const LogFit& problem, const std::vector<double>& logs) {
  std::vector<double> out(logs.size());
  for (std::size_t i = 0; i < logs.size(); ++i) {
    out[i] = std::clamp(std::exp(logs[i]), problem.lower[i], problem.upper[i]);
  }
  return out;
}

double prior_sd(const LogFit& problem, std::size_t i) {
  return problem.prior_sds.empty() ? problem.prior_sd : problem.prior_sds[i];
}

double loss(const LogFit& problem, const std::vector<double>& logs, const std::vector<double>& residuals) {
  double total = 0;
  for (std::size_t i = 0; i < residuals.size(); ++i) {
    const double size = std::fabs(residuals[i]);
    const double rho = size <= problem.huber ? size * size / 2 : problem.huber * (size - problem.huber / 2);
    total += problem.weights[i] * rho / (problem.noise * problem.noise);
  }
  for (std::size_t i = 0; i < logs.size(); ++i) {
    const double off = (logs[i] - std::log(problem.start[i])) / prior_sd(problem, i);
    total += off * off / 2;
  }
  return total;
}

// Residuals at `logs` and at each shifted logarithm.
std::vector<std::vector<double>> evaluate(const LogFit& problem, const std::vector<double>& logs,
                                          const Control& control) {
  std::vector<std::vector<double>> out(logs.size() + 1);
  num::parallel_for(out.size(), control, [&](std::size_t index, std::size_t) {
    std::vector<double> shifted = logs;
    // towards the inside, where a bound would hide the derivative
    if (index > 0) {
      const bool at_top = std::exp(logs[index - 1] + step) > problem.upper[index - 1];
      shifted[index - 1] += at_top ? -step : step;
    }
    out[index] = problem.residuals(parameters(problem, shifted));
  });
  for (std::size_t p = 0; p < logs.size(); ++p) {
    const double signed_step = std::exp(logs[p] + step) > problem.upper[p] ? -step : step;
    for (std::size_t i = 0; i < out[0].size(); ++i) out[p + 1][i] = (out[p + 1][i] - out[0][i]) / signed_step;
  }
  return out;
}

Normal normal_equations(const LogFit& problem, const std::vector<double>& logs,
                        const std::vector<std::vector<double>>& at) {
  const std::size_t n = logs.size();
  Normal out{std::vector<double>(n * n, 0), std::vector<double>(n, 0)};
  for (std::size_t i = 0; i < at[0].size(); ++i) {
    const double size = std::fabs(at[0][i]);
    const double robust = size <= problem.huber ? 1 : problem.huber / size;
    const double w = problem.weights[i] * robust / (problem.noise * problem.noise);
    for (std::size_t a = 0; a < n; ++a) {
      out.gradient[a] += w * at[a + 1][i] * at[0][i];
      for (std::size_t b = 0; b < n; ++b) out.matrix[a * n + b] += w * at[a + 1][i] * at[b + 1][i];
    }
  }
  for (std::size_t a = 0; a < n; ++a) {
    const double precision = 1 / (prior_sd(problem, a) * prior_sd(problem, a));
    out.gradient[a] += precision * (logs[a] - std::log(problem.start[a]));
    out.matrix[a * n + a] += precision;
  }
  return out;
}

std::vector<double> standard_errors(const Normal& normal) {
  const std::size_t n = normal.gradient.size();
  std::vector<double> out(n, 0);
  for (std::size_t p = 0; p < n; ++p) {
    std::vector<double> matrix = normal.matrix;
    std::vector<double> unit(n, 0);
    unit[p] = 1;
    if (num::solve_spd(matrix, unit)) out[p] = std::sqrt(unit[p]);
  }
  return out;
}

}  // namespace

LogEstimate fit_logs(const LogFit& problem, const Control& control) {
  const std::size_t n = problem.start.size();
  std::vector<double> logs(n);
  for (std::size_t i = 0; i < n; ++i) logs[i] = std::log(problem.start[i]);
  LogEstimate out;
  double damping = 1e-3;
  auto at = evaluate(problem, logs, control);
  double value = loss(problem, logs, at[0]);
  for (; out.iterations < most_iterations && damping < 1e6; ++out.iterations) {
    const Normal normal = normal_equations(problem, logs, at);
    std::vector<double> matrix = normal.matrix;
    std::vector<double> move = normal.gradient;
    for (std::size_t p = 0; p < n; ++p) matrix[p * n + p] *= 1 + damping;
    if (!num::solve_spd(matrix, move)) break;
    std::vector<double> next = logs;
    double largest = 0;
    for (std::size_t p = 0; p < n; ++p) {
      next[p] = std::clamp(logs[p] - move[p], std::log(problem.lower[p]), std::log(problem.upper[p]));
      largest = std::max(largest, std::fabs(next[p] - logs[p]));
    }
    const double trial = loss(problem, next, problem.residuals(parameters(problem, next)));
    if (!(trial < value)) {
      damping *= 10;
      if (largest < 1e-6) break;
      continue;
    }
    logs = std::move(next);
    value = trial;
    damping = std::max(1e-9, damping / 10);
    at = evaluate(problem, logs, control);
    if (largest < 1e-6) break;
  }
  out.values = parameters(problem, logs);
  out.log_se = standard_errors(normal_equations(problem, logs, at));
  return out;
}

}  // namespace scaleplan::calibration
