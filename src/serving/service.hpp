#pragma once

#include <cmath>
#include <optional>

#include "scaleplan/serving/deployment.hpp"

namespace scaleplan::serving {

/// The demand as one replica meets it: sequences decode, queries are prefilled.
struct Traffic {
  Request sequence;  ///< its share of a prompt's computation and memory where samples or prefixes share them
  Request query;     ///< a mean prompt, the shared prefix cached
  Request long_query;  ///< a prompt at the demand's percentile
  double prompt_cv2 = 0;
  double percentile = 0.95;
  double samples = 1;
};
Traffic traffic_of(const Demand& demand);

/// One replica under open arrivals, as a function of the sequences that it decodes.
class Station {
 public:
  /// `pooled`: prefill happens elsewhere and takes `handover_s` (its queue, itself and the transfer) at the
  /// mean and at the percentile.
  struct Handover {
    double mean_s = 0;
    double tail_s = 0;
  };
  Station(const Replica& replica, const Constants& constants, const Traffic& traffic,
          std::optional<Handover> handover = {});

  [[nodiscard]] Point at(double batch) const;
  /// Sequences that memory or the engine allows, at least one.
  [[nodiscard]] double batch_limit() const { return limit_; }
  [[nodiscard]] bool fits() const { return fits_; }
  /// The largest batch whose queues settle.
  [[nodiscard]] double largest_batch() const { return largest_; }
  /// The batch that serves `sequences_per_s`, or the largest.
  [[nodiscard]] double batch_for(double sequences_per_s) const;
  /// The largest batch that keeps what `keeps` asks, which must not hold again once it failed; 0: none.
  template <class Keeps>
  [[nodiscard]] double most(const Keeps& keeps) const;
  [[nodiscard]] MeanStep parts(double batch) const;
  [[nodiscard]] economy::Utilisation utilisation(double batch) const;

 private:
  [[nodiscard]] double step_s(double batch) const;
  [[nodiscard]] double sequences_per_s(double batch) const;
  /// The largest batch between the least and the largest for which `holds`, which must not hold again once it
  /// failed; 0: none.
  template <class Holds>
  [[nodiscard]] double last(const Holds& holds) const;

  Clock clock_;
  Constants constants_;
  Traffic traffic_;
  std::optional<Handover> handover_;
  double tokens_per_pass_ = 1;
  double normal_quantile_ = 0;  ///< of the traffic's percentile
  double prefill_s_ = 0;
  double long_prefill_s_ = 0;
  double limit_ = 1;
  bool fits_ = false;
  double largest_ = 0;
};

inline constexpr double least_batch = 1e-4;

template <class Holds>
double Station::last(const Holds& holds) const {
  if (!holds(least_batch)) return 0;
  if (holds(largest_)) return largest_;
  double low = least_batch;
  double high = largest_;
  while (high / low > 1 + 1e-6) {
    const double middle = std::sqrt(low * high);
    (holds(middle) ? low : high) = middle;
  }
  return low;
}

template <class Keeps>
double Station::most(const Keeps& keeps) const {
  return last([&](double batch) { return keeps(at(batch)); });
}

}  // namespace scaleplan::serving
