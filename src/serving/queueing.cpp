#include "scaleplan/serving/queueing.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "scaleplan/num/statistics.hpp"

namespace scaleplan::serving {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double negligible = 1e-17;

}  // namespace

double waiting_probability(double servers, double offered) {
  const double whole = std::floor(servers);
  if (offered <= 0) return 0;
  if (whole <= offered) return 1;
  // far in the Halfin–Whitt regime: below 1e-14
  if (whole - offered > 8 * std::sqrt(whole)) return 0;
  // 1/B = Σ c·(c−1)⋯(c−j+1)/aʲ: past their peak at c − a the terms fall fast, so that few are needed
  const double each = 1 / offered;
  double term = 1;
  double inverse = 1;
  for (double free = whole; free >= 1 && term > negligible * inverse; --free) {
    term *= free * each;
    inverse += term;
  }
  const double blocked = 1 / inverse;
  return blocked / (1 - offered / whole * (1 - blocked));
}

double Wait::quantile(double p) const {
  if (probability <= 1 - p) return 0;
  return scale * std::log(probability / (1 - p));
}

Wait wait_for_server(double servers, double offered, double service_s) {
  const double whole = std::floor(servers);
  if (offered >= whole) return {1, infinity};
  return {waiting_probability(servers, offered), service_s / (whole - offered)};
}

Wait wait_in_line(double utilisation, double service_s, double cv2) {
  if (utilisation >= 1) return {1, infinity};
  return {utilisation, service_s * (1 + cv2) / (2 * (1 - utilisation))};
}

double widest_p95_over_mean() {
  const double z = num::normal_quantile(0.95);
  return std::exp(z * z / 2);
}

Lengths lognormal_lengths(double mean, double p95) {
  const double z = num::normal_quantile(0.95);
  const double rest = z * z - 2 * std::log(p95 / mean);
  return {mean, p95, rest > 0 ? z - std::sqrt(rest) : z, rest < 0};
}

double Lengths::quantile(double p) const {
  return p95 * std::exp(sigma * (num::normal_quantile(p) - num::normal_quantile(0.95)));
}

double Lengths::cv2() const {
  return std::exp(sigma * sigma) - 1;
}

}  // namespace scaleplan::serving
