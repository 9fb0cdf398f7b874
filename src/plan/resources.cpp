#include "plan/resources.hpp"

#include "scaleplan/economy/money.hpp"
#include "scaleplan/training/throughput.hpp"

namespace scaleplan::plan {

const Resources::Line* Resources::line(std::string_view quantity) const {
  auto found = lines.find(quantity);
  return found == lines.end() ? nullptr : &found->second;
}

Resources resources_of(const Scenario& scenario) {
  Resources resources;
  if (!scenario.training) return resources;
  const TrainingChoice& training = *scenario.training;
  Result<FlopPerSecond> peak = training::matmul_peak(training.device, training.precision);
  if (!peak) return resources;  // refused by the reader
  resources.seconds_per_flop = training::train_time(Flop(1), {training.devices, training.mfu, *peak}).raw();
  const double hours = economy::device_hours(Seconds(1), training.devices);
  resources.lines["train_time_s"] = {0, 1, 0};
  resources.lines["device_hours"] = {0, hours, 0};
  if (training.usd_per_device_hour) {
    resources.lines["cost_usd"] = {0, economy::rent(hours, Dollars(*training.usd_per_device_hour)).raw(), 0};
  }
  return resources;
}

}  // namespace scaleplan::plan
