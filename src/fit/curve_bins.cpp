#include "fit/curve_bins.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scaleplan/base/quantity.hpp"
#include "scaleplan/num/minimise.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::fit {
namespace {

constexpr double bins = 96;
constexpr double most_entries = 4000;  // of the schedule that the last forecast sums over

double rate_at(const RunningJob& job, double step) {
  if (job.rate.empty()) {
    return 1;
  }
  const auto right = std::lower_bound(job.rate_step.begin(), job.rate_step.end(), step);
  const auto i = static_cast<std::size_t>(right - job.rate_step.begin());
  if (i == 0 || i == job.rate.size()) {
    return i == 0 ? job.rate.front() : job.rate.back();
  }
  const double share = (step - job.rate_step[i - 1]) / (job.rate_step[i] - job.rate_step[i - 1]);
  return job.rate[i - 1] + share * (job.rate[i] - job.rate[i - 1]);
}

std::vector<double> smoothed(const RunningJob& job, double ema) {
  std::vector<double> out = job.loss;
  for (std::size_t i = 1; ema > 0 && i < out.size(); ++i) {
    out[i] += (out[i - 1] - out[i]) * std::exp(-(job.step[i] - job.step[i - 1]) / ema);
  }
  return out;
}

/// Lower tail of Student's t by its incomplete-beta series for whole degrees of freedom (Abramowitz & Stegun
/// 26.7.3 and 26.7.4).
double student_cdf(double t, std::size_t freedom) {
  const double angle = std::atan(t / std::sqrt(static_cast<double>(freedom)));
  const double c = std::cos(angle);
  const bool odd = freedom % 2 == 1;
  double term = odd ? c : 1;
  double sum = freedom == 1 ? 0 : term;
  for (std::size_t k = odd ? 3 : 2; k + 2 <= freedom; k += 2) {
    term *= c * c * static_cast<double>(k - 1) / static_cast<double>(k);
    sum += term;
  }
  constexpr double half_turn = 3.14159265358979323846;
  const double inside = odd ? 2 / half_turn * (angle + std::sin(angle) * sum) : std::sin(angle) * sum;
  return 0.5 + 0.5 * inside;
}

}  // namespace

Diagnostics refuse_job(const RunningJob& job) {
  const auto positive = [](double value) { return std::isfinite(value) && value > 0; };
  if (job.step.empty() || !std::all_of(job.loss.begin(), job.loss.end(), positive)) {
    return {error("the curve needs positive losses", "choose the loss with --map loss=KEY")};
  }
  if (job.end <= job.step.back()) {
    return {error(fmt::format("the end asked, step {}, is not after the last step of the log, {}",
                              format_number(job.end, 6), format_number(job.step.back(), 6)),
                  "ask for a later end")};
  }
  if (job.end > most_entries / bins * job.step.back()) {
    return {
        error(fmt::format("the end asked is {:.3g} times the steps so far", job.end / job.step.back()),
              fmt::format("wait for more steps: forecasts reach {:.0f} times as far", most_entries / bins))};
  }
  return {};
}

double found_warm_up(const RunningJob& job) {
  constexpr double near_peak = 0.99;
  constexpr double share = 0.02;
  if (job.rate.empty()) {
    return share * job.step.back();
  }
  const double peak = *std::max_element(job.rate.begin(), job.rate.end());
  const auto reached =
      std::find_if(job.rate.begin(), job.rate.end(), [&](double rate) { return rate >= near_peak * peak; });
  return job.rate_step[static_cast<std::size_t>(reached - job.rate.begin())];
}

BinnedCurve binned(const RunningJob& job, double ema) {
  BinnedCurve out;
  out.stride = job.step.back() / bins;
  const std::vector<double> losses = smoothed(job, ema);
  std::vector<double> count;
  double bin = -1;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const double own = std::ceil(job.step[i] / out.stride - 1e-9);
    if (own > bin) {
      out.step.push_back(0);
      out.loss.push_back(0);
      count.push_back(0);
      bin = own;
    }
    count.back() += 1;
    out.step.back() += (job.step[i] - out.step.back()) / count.back();
    out.loss.back() += (losses[i] - out.loss.back()) / count.back();
  }
  const auto entries = static_cast<std::size_t>(std::max(1.0, std::round(job.end / out.stride)));
  double sum = 0;
  for (std::size_t k = 0; k < entries; ++k) {
    out.rate.push_back(rate_at(job, (static_cast<double>(k) + 0.5) * out.stride));
    sum += out.rate.back() * out.stride;
    out.rate_sum.push_back(sum);
  }
  return out;
}

double noise_of(const BinnedCurve& curve) {
  constexpr double least = 1e-4;
  constexpr double normal_share = 1.4826;  // of the median absolute deviation in the standard deviation
  std::vector<double> differences;
  for (std::size_t i = 2; i < curve.loss.size(); ++i) {
    differences.push_back(
        std::abs(std::log(curve.loss[i] * curve.loss[i - 2] / (curve.loss[i - 1] * curve.loss[i - 1]))));
  }
  return differences.empty() ? least
                             : std::max(least, normal_share * num::median(differences) / std::sqrt(6.0));
}

Interval interval_of(double value, double sd, std::size_t trials, double level) {
  constexpr double largest = 1e4;
  if (trials == 0) {
    return {};
  }
  const double wanted = 0.5 + level / 2;
  const double t = num::find_root([&](double x) { return student_cdf(x, trials) - wanted; }, 0, largest);
  return {value * std::exp(-t * sd), value * std::exp(t * sd), true};
}

}  // namespace scaleplan::fit
