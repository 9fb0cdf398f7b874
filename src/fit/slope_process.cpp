#include <algorithm>
#include <cmath>
#include <limits>

#include "scaleplan/fit/isoflop.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::fit {
namespace {

constexpr double usual_slope = 0.5;
constexpr double slope_sd = 0.07;
constexpr double drift_sd = 0.13;
constexpr double drift_length = 3.0;
constexpr double flat_variance = 100;
constexpr double shape_noise = 0.03;  // of a minimum beyond its standard error

double noise_variance(const IsoflopMinimum& minimum) {
  return minimum.se * minimum.se + shape_noise * shape_noise;
}

/// Covariance of the integrated drift over [0, p] and [0, r] (signed distances from the last minimum).
double integrated_drift(double p, double r) {
  const double a = std::abs(p);
  const double b = std::abs(r);
  const double l = drift_length;
  if (p * r < 0) {
    return -l * l * (1 - std::exp(-a / l)) * (1 - std::exp(-b / l));
  }
  return 2 * l * std::min(a, b) -
         l * l * (1 - std::exp(-a / l) - std::exp(-b / l) + std::exp(-std::abs(a - b) / l));
}

}  // namespace

SlopeProcess::SlopeProcess(std::vector<IsoflopMinimum> minima) : minima_(std::move(minima)) {
  double total = 0;
  for (const IsoflopMinimum& m : minima_) {
    position_.push_back(std::log(m.compute));
    const double weight = 1 / noise_variance(m);
    total += weight;
    centre_ += weight * position_.back();
    base_ += weight * m.ln_size;
  }
  centre_ /= total;
  base_ /= total;
  const std::size_t n = minima_.size();
  std::vector<double> covariance(n * n);
  std::vector<double> off(n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      covariance[i * n + j] = prior_covariance(position_[i], position_[j]);
    }
    covariance[i * n + i] += noise_variance(minima_[i]);
    off[i] = minima_[i].ln_size - base_ - usual_slope * (position_[i] - centre_);
  }
  solved_ = off;
  std::vector<double> copy = covariance;
  num::solve_spd(copy, solved_);
  inverse_.resize(n * n);
  for (std::size_t i = 0; i < n; ++i) {
    copy = covariance;
    std::vector<double> unit(n, 0.0);
    unit[i] = 1;
    num::solve_spd(copy, unit);
    std::copy(unit.begin(), unit.end(), inverse_.begin() + static_cast<std::ptrdiff_t>(i * n));
  }
}

double SlopeProcess::prior_covariance(double u, double v) const {
  const double p = u - position_.back();
  const double r = v - position_.back();
  return flat_variance + slope_sd * slope_sd * p * r + drift_sd * drift_sd * integrated_drift(p, r);
}

void SlopeProcess::at(const std::vector<double>& computes, std::vector<double>& mean,
                      std::vector<double>& covariance) const {
  const std::size_t n = minima_.size();
  const std::size_t t = computes.size();
  mean.assign(t, 0.0);
  covariance.assign(t * t, 0.0);
  std::vector<double> cross(t * n);
  std::vector<double> u;
  u.reserve(t);
  for (const double compute : computes) {
    u.push_back(std::log(compute));
  }
  for (std::size_t i = 0; i < t; ++i) {
    mean[i] = base_ + usual_slope * (u[i] - centre_);
    for (std::size_t k = 0; k < n; ++k) {
      cross[i * n + k] = prior_covariance(u[i], position_[k]);
      mean[i] += cross[i * n + k] * solved_[k];
    }
  }
  for (std::size_t i = 0; i < t; ++i) {
    for (std::size_t j = 0; j < t; ++j) {
      double value = prior_covariance(u[i], u[j]);
      for (std::size_t a = 0; a < n; ++a) {
        for (std::size_t b = 0; b < n; ++b) {
          value -= cross[i * n + a] * inverse_[a * n + b] * cross[j * n + b];
        }
      }
      covariance[i * t + j] = value;
    }
  }
}

SizeEstimate SlopeProcess::at(double compute) const {
  std::vector<double> mean;
  std::vector<double> covariance;
  at({compute}, mean, covariance);
  return {mean[0], std::sqrt(std::max(0.0, covariance[0]))};
}

double PowerLaw::sd_at(double ln_compute) const {
  return std::hypot(centre_sd, exponent_sd * (ln_compute - centre));
}

PowerLaw isoflop_power_law(const std::vector<IsoflopMinimum>& minima, double level) {
  PowerLaw law;
  if (minima.size() < 2) {
    return law;
  }
  double weight = 0;
  double mean_u = 0;
  double mean_m = 0;
  for (const IsoflopMinimum& m : minima) {
    const double w = 1 / noise_variance(m);
    weight += w;
    mean_u += w * std::log(m.compute);
    mean_m += w * m.ln_size;
  }
  mean_u /= weight;
  mean_m /= weight;
  double square = 0;
  double product = 0;
  for (const IsoflopMinimum& m : minima) {
    const double w = 1 / noise_variance(m);
    const double du = std::log(m.compute) - mean_u;
    square += w * du * du;
    product += w * du * (m.ln_size - mean_m);
  }
  law.exponent = product / square;
  law.constant = mean_m - law.exponent * mean_u;
  double misfit = 0;
  for (const IsoflopMinimum& m : minima) {
    const double off = m.ln_size - law.constant - law.exponent * std::log(m.compute);
    misfit += off * off / noise_variance(m);
  }
  // Where the minima scatter more than their errors say, the scatter counts.
  const double scale =
      minima.size() > 2 ? std::max(1.0, misfit / static_cast<double>(minima.size() - 2)) : 1.0;
  law.centre = mean_u;
  law.centre_sd = std::sqrt(scale / weight);
  law.exponent_sd = std::sqrt(scale / square);
  const double half = num::normal_quantile(0.5 + 0.5 * level) * law.exponent_sd;
  law.exponent_interval = {law.exponent - half, law.exponent + half, true};
  law.found = true;
  return law;
}

}  // namespace scaleplan::fit
