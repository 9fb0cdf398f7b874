#pragma once

namespace scaleplan::serving {

/// Servers that take requests in order of arrival: Poisson arrivals, `servers` of them, offered load in
/// erlangs (arrival rate × mean service time). Erlang's C formula by the series of 1/B.
double waiting_probability(double servers, double offered);

/// A wait with an exponential tail: P(W > t) = probability · exp(−t / scale).
struct Wait {
  double probability = 0;
  double scale = 0;  ///< seconds
  [[nodiscard]] double mean() const { return probability * scale; }
  [[nodiscard]] double quantile(double p) const;
};

/// Wait for one of `servers` (M/M/c, exact). Infinite scale when the load is not below the servers.
Wait wait_for_server(double servers, double offered, double service_s);

/// Wait for a single server with service times of squared coefficient of variation `cv2`: the mean is
/// Pollaczek and Khinchine's, exact; the tail is exponential (heavy-traffic limit, Kingman 1961).
Wait wait_in_line(double utilisation, double service_s, double cv2);

/// Lengths of prompts or answers: lognormal, by mean and 95th percentile.
struct Lengths {
  double mean = 0;
  double p95 = 0;
  double sigma = 0;      ///< of the logarithm
  bool heavier = false;  ///< no lognormal of this mean has that p95: the tail follows p95, loads the mean

  [[nodiscard]] double quantile(double p) const;
  [[nodiscard]] double cv2() const;  ///< squared coefficient of variation
};

/// p95 over mean of the widest lognormal: exp(z²/2) with z the normal's 95th percentile.
double widest_p95_over_mean();
/// `p95` ≥ `mean` > 0.
Lengths lognormal_lengths(double mean, double p95);

}  // namespace scaleplan::serving
