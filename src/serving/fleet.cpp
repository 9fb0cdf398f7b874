#include "serving/fleet.hpp"

#include <algorithm>
#include <cmath>

#include "scaleplan/economy/money.hpp"

namespace scaleplan::serving {

namespace {

constexpr double year_s = 365.25 * 86400;
constexpr double month_s = year_s / 12;

std::int64_t whole(double count) {
  return static_cast<std::int64_t>(std::ceil(count - 1e-9));
}

}  // namespace

FleetSize fleet_size(const Capacity& capacity, double peak_queries_per_s, std::int64_t spares) {
  FleetSize out;
  out.replicas = std::max<std::int64_t>(1, whole(peak_queries_per_s / capacity.queries_per_s)) + spares;
  out.devices = out.replicas * capacity.devices;
  if (capacity.prefill_queries_per_s > 0) {
    out.prefill_replicas =
        std::max<std::int64_t>(1, whole(peak_queries_per_s / capacity.prefill_queries_per_s)) + spares;
    out.devices += out.prefill_replicas * capacity.prefill_devices;
  }
  return out;
}

void size_fleet(const Capacity& capacity, const Demand& demand, Deployed& deployed) {
  const double life = demand.lifetime.raw() > 0 ? demand.lifetime.raw() : year_s;
  const double growth = demand.lifetime.raw() > 0 ? demand.growth_per_year.value : 1;
  for (double begin = 0; begin < life * (1 - 1e-9); begin += month_s) {
    const double length = std::min(month_s, life - begin);
    Period period;
    period.begin = Seconds(begin);
    period.queries_per_s = demand.queries_per_s() * std::pow(growth, begin / year_s);
    const double last = demand.queries_per_s() * std::pow(growth, (begin + length) / year_s);
    // a month is sized for its end when demand grows, for its begin when it falls
    const double most = std::max(period.queries_per_s, last);
    deployed.lifetime_tokens += (period.queries_per_s + last) / 2 * length * demand.output.mean;
    const FleetSize size = fleet_size(capacity, most * demand.peak_to_mean.value, demand.spare_replicas);
    period.replicas = size.replicas;
    period.devices = size.devices;
    deployed.lifetime_device_hours += static_cast<double>(size.devices) * length / 3600;
    deployed.devices_most = std::max(deployed.devices_most, size.devices);
    if (begin == 0 && deployed.prefill) deployed.prefill->replicas = size.prefill_replicas;
    deployed.periods.push_back(period);
  }
  deployed.cut.replicas = deployed.periods.front().replicas;
  deployed.devices = deployed.periods.front().devices;
}

void price_fleet(const Station& station, const Place& place, const Demand& demand, Deployed& deployed) {
  const double samples = static_cast<double>(demand.samples_per_query);
  const double working = static_cast<double>(deployed.cut.replicas - demand.spare_replicas);
  const double rate = demand.queries_per_s() * samples / working;
  const Point mean = station.at(station.batch_for(rate));
  const Watts decoding =
      economy::mean_draw(place.power, economy::Phase::decode, station.utilisation(mean.batch));
  const Watts busy = economy::under_cap(place.power, decoding, place.cap, 1).draw;
  // a step runs while at least one sequence is there (Poisson)
  const double duty = 1 - std::exp(-mean.batch);
  const double share = working / static_cast<double>(deployed.cut.replicas);
  deployed.mean_device_draw = place.power.waiting + (busy - place.power.waiting) * (duty * share);
  const double nodes = static_cast<double>(deployed.devices) / static_cast<double>(place.node.devices);
  const Watts site =
      place.pue *
      (nodes * (place.node.host + static_cast<double>(place.node.devices) * deployed.mean_device_draw));
  const double tokens_per_s = demand.output_per_day.value / 86400;
  const Joules per_token = Joules(site.raw() / tokens_per_s);
  deployed.energy_j_per_token = per_token.raw();
  if (place.carbon) deployed.grams_per_million_tokens = 1e6 * (per_token * *place.carbon).raw();
  if (place.price_per_device_hour) {
    const double hours = static_cast<double>(deployed.devices) / (3600 * tokens_per_s);
    deployed.usd_per_million_tokens = 1e6 * economy::rent(hours, *place.price_per_device_hour).raw();
  }
}

}  // namespace scaleplan::serving
