#include "calibration/serving.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "calibration/log_fit.hpp"
#include "scaleplan/calibration/calibrate.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::calibration {

namespace {

using What = ServingTarget::What;

std::string_view quantity_of(What what) {
  switch (what) {
    case What::tokens_per_s:
      return "tokens_per_s";
    case What::tpot_s:
    case What::between_tokens_s:
      return "tpot_s";
    case What::ttft_s:
      return "ttft_s";
    case What::power_w:
      return "power_w";
    case What::energy_j_per_token:
      return "energy_j_per_token";
  }
  return {};
}

bool is_speed(What what) {
  return what == What::tokens_per_s || what == What::tpot_s || what == What::between_tokens_s;
}

// All targets of a case from one operation of its replica.
class Prediction {
 public:
  Prediction(const ServingCase& c, const serving::Constants& constants)
      : case_(&c), clock_(c.replica, constants), at_(operate(clock_, c.request, c.load, constants)) {
    const economy::Utilisation use = clock_.utilisation(at_.batch, c.request, at_.tpot_s);
    draw_ = economy::mean_draw(c.power, economy::Phase::decode, use);
    if (!c.cap) return;
    const double compute =
        (at_.parts.step.pass.dense_compute + at_.parts.step.pass.expert_compute + at_.parts.prefill) /
        at_.tpot_s;
    const economy::Capped capped = economy::under_cap(c.power, draw_, c.cap, std::min(1.0, compute));
    draw_ = capped.draw;
    speed_ = capped.speed;
  }

  [[nodiscard]] double of(What what) const {
    switch (what) {
      case What::tokens_per_s:
        return tokens_per_s();
      case What::tpot_s:
        return at_.tpot_s / speed_;
      case What::between_tokens_s:
        return at_.step_s / speed_;
      case What::ttft_s:
        return at_.ttft_s / speed_;
      case What::power_w:
        return draw_.raw();
      case What::energy_j_per_token:
        return draw_.raw() * case_->replica.devices() * case_->replicas / tokens_per_s();
    }
    return 0;
  }

 private:
  [[nodiscard]] double tokens_per_s() const { return at_.tokens_per_s * case_->replicas * speed_; }

  const ServingCase* case_;
  serving::Clock clock_;
  serving::Operation at_;
  Watts draw_;
  double speed_ = 1;
};

std::string group_of(const ServingCase& c, What what) {
  if (what == What::ttft_s) return c.arrival == "closed" ? "closed" : "";
  if (what == What::power_w) return "";
  return c.replica.body.routed() ? "moe" : "";
}

const serving::Spread& spread_of(const ServingCase& c, What what, const serving::Efficiency& e) {
  if (what == What::power_w) return e.power;
  if (what == What::ttft_s) return c.arrival == "closed" ? e.first_token_closed : e.first_token;
  return e.time(c.replica.body.routed());
}

Comparison compare(const ServingCase& c, const ServingTarget& target, const Prediction& prediction,
                   const serving::Efficiency& efficiency, double level) {
  Comparison out;
  out.id = c.id;
  out.publisher = c.publisher;
  out.score = c.score;
  out.quantity = quantity_of(target.what);
  out.group = group_of(c, target.what);
  out.measured = target.measured;
  out.predicted = prediction.of(target.what);
  serving::Spread spread = spread_of(c, target.what, efficiency);
  if (target.what == What::tokens_per_s) std::swap(spread.below, spread.above);  // spreads are of times
  const Interval interval = serving::spread_interval(out.predicted, spread, level);
  out.interval_low = interval.low;
  out.interval_high = interval.high;
  return out;
}

// The targets that fit constants: speeds, and prefills of idle engines.
struct Fitted {
  const ServingCase* of;
  const ServingTarget* target;
};

std::vector<Fitted> fitted_targets(const ServingCases& cases, const std::string& except) {
  std::vector<Fitted> out;
  for (const ServingCase& c : cases.cases) {
    if (c.score != "main" || c.publisher == except) continue;
    for (const ServingTarget& target : c.targets) {
      if (is_speed(target.what) || (target.what == What::ttft_s && c.arrival == "idle")) {
        out.push_back({&c, &target});
      }
    }
  }
  return out;
}

// Publishers have the same say, down to those with a handful of targets.
std::vector<double> weights_of(const std::vector<Fitted>& targets) {
  constexpr double handful = 10;
  std::map<std::string, double> counts;
  for (const Fitted& each : targets) counts[each.of->publisher] += 1;
  double share = 0;
  for (const auto& [publisher, count] : counts) share += count / std::max(count, handful);
  std::vector<double> out;
  out.reserve(targets.size());
  const double mean = static_cast<double>(targets.size()) / std::max(share, 1e-300);
  for (const Fitted& each : targets) out.push_back(mean / std::max(counts[each.of->publisher], handful));
  return out;
}

serving::Spread spread_between(const std::vector<double>& logs) {
  if (logs.size() < 20) return {0.3, 0.3};  // too few for tails
  const double z = num::normal_quantile(0.95);
  return {std::max(0.0, -num::quantile(logs, 0.05)) / z, std::max(0.0, num::quantile(logs, 0.95)) / z};
}

Comparison as_time(Comparison c) {
  if (c.quantity == "tokens_per_s") {
    c.measured = 1 / c.measured;
    c.predicted = 1 / c.predicted;
    const std::optional<double> low = c.interval_low;
    c.interval_low = c.interval_high ? std::optional(1 / *c.interval_high) : std::nullopt;
    c.interval_high = low ? std::optional(1 / *low) : std::nullopt;
  }
  c.quantity = "speed";
  return c;
}

}  // namespace

std::vector<Comparison> predict_serving(const ServingCases& cases, const serving::Efficiency& efficiency,
                                        double level) {
  std::vector<Comparison> out;
  for (const ServingCase& c : cases.cases) {
    const Prediction prediction(c, efficiency.constants);
    for (const ServingTarget& target : c.targets) {
      out.push_back(compare(c, target, prediction, efficiency, level));
    }
  }
  return out;
}

Scores scores_of(std::vector<Comparison> comparisons, std::vector<Skipped> skipped) {
  Scores speed;
  for (const Comparison& c : comparisons) {
    if (c.quantity == "tokens_per_s" || c.quantity == "tpot_s") speed.cases.push_back(as_time(c));
  }
  summarise(speed);
  Scores out;
  out.cases = std::move(comparisons);
  out.skipped = std::move(skipped);
  summarise(out);
  out.error.merge(speed.error);
  out.by_publisher.merge(speed.by_publisher);
  return out;
}

serving::Efficiency fit_serving(const ServingCases& cases, const serving::Efficiency& start,
                                const std::string& except, const Control& control) {
  const std::vector<Fitted> targets = fitted_targets(cases, except);
  serving::Efficiency out = start;
  LogFit problem;
  std::vector<const serving::ConstantInfo*> open;
  for (const serving::ConstantInfo& info : serving::constant_table()) {
    if (!info.fitted) continue;
    open.push_back(&info);
    problem.start.push_back(start.constants.*info.member);
    problem.lower.push_back(info.low);
    problem.upper.push_back(info.high);
  }
  problem.weights = weights_of(targets);
  problem.residuals = [&](std::span<const double> values) {
    serving::Constants constants = start.constants;
    for (std::size_t i = 0; i < open.size(); ++i) constants.*open[i]->member = values[i];
    std::vector<double> residuals;
    residuals.reserve(targets.size());
    const ServingCase* last = nullptr;
    std::optional<Prediction> prediction;
    for (const Fitted& each : targets) {
      if (each.of != last) prediction.emplace(*each.of, constants);
      last = each.of;
      const double log = std::log(prediction->of(each.target->what) / each.target->measured);
      residuals.push_back(each.target->what == What::tokens_per_s ? -log : log);
    }
    return residuals;
  };
  const LogEstimate estimate = fit_logs(problem, control);
  for (std::size_t i = 0; i < open.size(); ++i) {
    out.constants.*open[i]->member = estimate.values[i];
    out.log_se[std::string(open[i]->name)] = estimate.log_se[i];
  }
  return out;
}

std::vector<Comparison> leave_out_publishers(const ServingCases& cases, const serving::Efficiency& efficiency,
                                             double level, const Control& control) {
  std::set<std::string> publishers;
  for (const ServingCase& c : cases.cases) publishers.insert(c.publisher);
  std::vector<Comparison> out;
  serving::Efficiency start = efficiency;
  start.constants = serving::Constants{};
  for (const std::string& publisher : publishers) {
    const serving::Efficiency fold = fit_serving(cases, start, publisher, control);
    ServingCases own;
    std::copy_if(cases.cases.begin(), cases.cases.end(), std::back_inserter(own.cases),
                 [&](const ServingCase& c) { return c.publisher == publisher; });
    const std::vector<Comparison> predicted = predict_serving(own, fold, level);
    out.insert(out.end(), predicted.begin(), predicted.end());
  }
  return out;
}

serving::Efficiency with_spreads(serving::Efficiency efficiency, const std::vector<Comparison>& left_out) {
  std::map<std::string, std::vector<double>> logs;
  for (const Comparison& c : left_out) {
    if (c.score != "main") continue;
    const double log = std::log(c.measured / c.predicted);
    const bool speed = c.quantity == "tokens_per_s" || c.quantity == "tpot_s";
    logs[(speed ? "speed" : c.quantity) + "/" + c.group].push_back(c.quantity == "tokens_per_s" ? -log : log);
  }
  efficiency.dense = spread_between(logs["speed/"]);
  efficiency.moe = spread_between(logs["speed/moe"]);
  efficiency.first_token = spread_between(logs["ttft_s/"]);
  efficiency.first_token_closed = spread_between(logs["ttft_s/closed"]);
  efficiency.power = spread_between(logs["power_w/"]);
  return efficiency;
}

Result<Outcome> calibrate_serving(const json::Document& document, const Request& request) {
  Result<ServingCases> cases = read_serving_cases(document, *request.catalogue);
  if (!cases) return cases.errors();
  Result<serving::Efficiency> in_force = request.calibration
                                             ? serving::read_efficiency(*request.calibration)
                                             : serving::default_efficiency(*request.catalogue);
  if (!in_force) return in_force.errors();
  Outcome out;
  out.kind = "serving";
  std::vector<Comparison> comparisons;
  serving::Efficiency efficiency = *in_force;
  if (request.leave_out_publisher) {
    comparisons = leave_out_publishers(*cases, efficiency, request.level, request.control);
  } else if (request.evaluate_only) {
    comparisons = predict_serving(*cases, efficiency, request.level);
  } else {
    efficiency.constants = serving::Constants{};
    const auto left_out = leave_out_publishers(*cases, efficiency, request.level, request.control);
    efficiency = with_spreads(fit_serving(*cases, efficiency, "", request.control), left_out);
    efficiency.id = "";
    comparisons = predict_serving(*cases, efficiency, request.level);
  }
  out.calibration = efficiency.id;
  out.constants = serving::to_json(efficiency);
  out.scores = scores_of(std::move(comparisons), std::move(cases->skipped));
  out.notes.push_back(fmt::format("Measured on {}.", serving::regime));
  out.notes.push_back(fmt::format("{} of {} cases with a known shape are predicted.", cases->cases.size(),
                                  cases->shapes_known));
  out.notes.emplace_back(
      "Mixtures of experts differ 1.5 to 2 times between engines and months; first tokens under a closed "
      "loop "
      "depend on how its clients start: take both within a factor of 2.");
  return out;
}

}  // namespace scaleplan::calibration
