#include "serving/service.hpp"

#include <algorithm>
#include <cmath>

#include "scaleplan/num/statistics.hpp"

namespace scaleplan::serving {

Traffic traffic_of(const Demand& demand) {
  const double input = demand.input.mean;
  const double hit = demand.prefix_hit_rate * input;
  const double long_input = std::max(input, demand.input.quantile(demand.percentile));
  Traffic out;
  out.samples = static_cast<double>(demand.samples_per_query);
  const double own = (input - hit) / out.samples;
  out.sequence = {input, demand.output.mean, input - own, input - own, demand.output.cv2()};
  out.query = {input, demand.output.mean, hit, hit, demand.output.cv2()};
  out.long_query = {long_input, demand.output.mean, demand.prefix_hit_rate * long_input, 0, 0};
  out.prompt_cv2 = demand.input.cv2();
  out.percentile = demand.percentile;
  return out;
}

Station::Station(const Replica& replica, const Constants& constants, const Traffic& traffic,
                 std::optional<Handover> handover)
    : clock_(replica, constants),
      constants_(constants),
      traffic_(traffic),
      handover_(handover),
      tokens_per_pass_(replica.tokens_per_pass),
      normal_quantile_(num::normal_quantile(traffic.percentile)) {
  prefill_s_ = clock_.prefill(1, traffic.query);
  long_prefill_s_ = clock_.prefill(1, traffic.long_query);
  const double fit = clock_.batch_limit(traffic.sequence);
  fits_ = fit >= 1;
  limit_ = std::max(1.0, fit);
  // arrivals fill less than all places, and prompts less than all time
  double low = 0;
  double high = limit_ * (1 - 1e-6);
  largest_ = high;
  if (handover_ || std::isfinite(at(high).ttft_mean_s)) return;
  while (high - low > 1e-6 * limit_) {
    const double middle = (low + high) / 2;
    (std::isfinite(at(middle).ttft_mean_s) ? low : high) = middle;
  }
  largest_ = std::max(low, least_batch);
}

double Station::step_s(double batch) const {
  const double busy = std::max(1.0, batch);  // a step runs only with a sequence in it
  return handover_ ? clock_.decode(busy, traffic_.sequence.mean_context()).total() / tokens_per_pass_
                   : clock_.mean(busy, traffic_.sequence).total();
}

MeanStep Station::parts(double batch) const {
  MeanStep out = clock_.mean(std::max(1.0, batch), traffic_.sequence);
  if (handover_) out.prefill = 0;
  return out;
}

economy::Utilisation Station::utilisation(double batch) const {
  const double busy = std::max(1.0, batch);
  return clock_.utilisation(busy, traffic_.sequence, step_s(busy));
}

Point Station::at(double batch) const {
  const double p = traffic_.percentile;
  Point out;
  out.batch = batch;
  out.tpot_mean_s = step_s(batch);
  out.sequences_per_s = batch / (traffic_.sequence.output * out.tpot_mean_s);
  out.tokens_per_s = batch / out.tpot_mean_s;
  // sequences in flight are Poisson distributed about their mean
  out.tpot_s = step_s(std::min(limit_, batch + std::max(0.0, normal_quantile_) * std::sqrt(batch)));
  const double service_s = traffic_.sequence.output * out.tpot_mean_s + prefill_s_;
  const Wait place = wait_for_server(limit_, batch, service_s);
  double mean = 0.5 * out.tpot_mean_s + place.mean();
  double squares = std::pow(place.quantile(p) - place.mean(), 2) + std::pow((p - 0.5) * out.tpot_mean_s, 2);
  if (handover_) {
    mean += handover_->mean_s;
    squares += std::pow(handover_->tail_s - handover_->mean_s, 2);
  } else {
    const double busy = out.sequences_per_s / traffic_.samples * prefill_s_;
    const Wait line = wait_in_line(busy, prefill_s_, traffic_.prompt_cv2);
    mean += constants_.queue_open * prefill_s_ + line.mean();
    squares += std::pow(line.quantile(p) - line.mean(), 2) +
               std::pow(constants_.queue_open * (long_prefill_s_ - prefill_s_), 2);
  }
  out.ttft_mean_s = mean;
  out.ttft_s = mean + std::sqrt(squares);  // independent parts
  return out;
}

double Station::sequences_per_s(double batch) const {
  return batch / (traffic_.sequence.output * step_s(batch));
}

double Station::batch_for(double sequences_per_s) const {
  return last([&](double batch) { return this->sequences_per_s(batch) <= sequences_per_s; });
}

}  // namespace scaleplan::serving
