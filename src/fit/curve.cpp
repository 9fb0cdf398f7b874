#include "scaleplan/fit/curve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <optional>

#include "fit/curve_bins.hpp"
#include "fit/curve_member.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::fit {
namespace {

constexpr double windows[] = {0.1, 0.3};  // shares of the last step at which fits begin
constexpr double cuts[] = {0.4, 0.5, 0.6, 0.7, 0.8, 0.9};
constexpr std::size_t spare_bins = 4;  // of a fit, beyond its parameters

/// First bin at or after `step`.
std::size_t bin_at(const BinnedCurve& curve, double step) {
  return static_cast<std::size_t>(std::lower_bound(curve.step.begin(), curve.step.end(), step) -
                                  curve.step.begin());
}

double root_mean_square(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) {
    sum += value * value;
  }
  return values.empty() ? 0 : std::sqrt(sum / static_cast<double>(values.size()));
}

/// One member on the log up to a cut.
struct Fitted {
  std::vector<double> theta;
  std::vector<double> residuals;
};

class Forecaster {
 public:
  Forecaster(const BinnedCurve& curve, const std::vector<laws::Law>& laws, double warm_up, double end)
      : curve_(curve), warm_up_(warm_up), end_(end), delta_(noise_of(curve)) {
    for (const laws::Law& law : laws) {
      for (const double window : windows) {
        members_.push_back({law.id, window, 0, 0, 0, {}});
      }
      laws_.emplace_back(law, curve);
    }
  }

  Result<CurveForecast> run(const CurveOptions& options, const Control& control);

 private:
  const CurveLaw& law_of(std::size_t member) const { return laws_[member / std::size(windows)]; }
  /// Of bins before `last`; no theta when there are too few or the fit failed.
  Fitted fit(std::size_t member, std::size_t last, const std::vector<double>* start) const;
  void add_trials(const std::vector<Fitted>& whole, const Control& control);
  void weigh();
  double blend(const std::vector<double>& values) const;
  double expected_error(double value) const;

  const BinnedCurve& curve_;
  double warm_up_;
  double end_;
  double delta_;
  std::vector<CurveLaw> laws_;
  std::vector<CurveMember> members_;
  std::vector<CurveTrial> trials_;
  std::vector<std::vector<double>> trial_values_;  // of each member in each trial
};

Fitted Forecaster::fit(std::size_t member, std::size_t last, const std::vector<double>* start) const {
  const double begin = std::max(warm_up_, members_[member].window * curve_.step[last - 1]);
  const std::size_t first = bin_at(curve_, begin);
  if (last < first + law_of(member).free() + spare_bins) {
    return {};
  }
  CurveLaw::Fitted found = law_of(member).fit(first, last, delta_, start);
  return {std::move(found.theta), std::move(found.residuals)};
}

/// How far ahead a forecast looks, in e-folds of steps.
double horizon(double from, double at) {
  return std::log(at / from);
}

void Forecaster::add_trials(const std::vector<Fitted>& whole, const Control& control) {
  const double last_step = curve_.step.back();
  for (const double cut : cuts) {
    if (control.stop.stop_requested()) {
      throw Stopped{};
    }
    const std::size_t last = bin_at(curve_, cut * last_step);
    if (last == 0 || last >= curve_.step.size()) {
      continue;
    }
    const double from = curve_.step[last - 1];
    const double at = std::min(last_step, from * end_ / last_step);
    const std::size_t target = std::min(bin_at(curve_, at), curve_.step.size() - 1);
    std::vector<double> values;
    for (std::size_t m = 0; m < members_.size(); ++m) {
      const Fitted found = whole[m].theta.empty() ? Fitted{} : fit(m, last, &whole[m].theta);
      values.push_back(found.theta.empty() ? std::nan("")
                                           : law_of(m).value(found.theta, curve_.step[target]));
    }
    if (std::any_of(values.begin(), values.end(), [](double v) { return !std::isnan(v); })) {
      trials_.push_back({from, curve_.step[target], 0, curve_.loss[target]});
      trial_values_.push_back(std::move(values));
    }
  }
}

/// Weights fall with the mean square of a member's errors in the trials, each per e-fold looked ahead.
void Forecaster::weigh() {
  double sum = 0;
  for (std::size_t m = 0; m < members_.size(); ++m) {
    if (std::isnan(members_[m].value)) {
      continue;
    }
    double score = 0;
    double count = 0;
    for (std::size_t t = 0; t < trials_.size(); ++t) {
      const double value = trial_values_[t][m];
      if (!std::isnan(value)) {
        const double error = std::log(value / trials_[t].observed) / horizon(trials_[t].from, trials_[t].at);
        score += error * error;
        count += 1;
      }
    }
    const double floor = delta_ * delta_;
    members_[m].weight =
        1 / (floor + (count > 0 ? score / count : members_[m].residual * members_[m].residual));
    sum += members_[m].weight;
  }
  for (CurveMember& member : members_) {
    member.weight /= sum;
  }
}

double Forecaster::blend(const std::vector<double>& values) const {
  double sum = 0;
  double weights = 0;
  for (std::size_t m = 0; m < members_.size(); ++m) {
    if (!std::isnan(values[m]) && members_[m].weight > 0) {
      sum += members_[m].weight * std::log(values[m]);
      weights += members_[m].weight;
    }
  }
  return weights > 0 ? std::exp(sum / weights) : std::nan("");
}

/// The blend's error in the trials, carried over to the forecast in two ways, of which the larger counts: in
/// proportion to the e-folds of steps looked ahead, and to the fall of the loss that is foretold.
double Forecaster::expected_error(double value) const {
  std::vector<double> by_horizon;
  std::vector<double> by_fall;
  for (const CurveTrial& trial : trials_) {
    const double error = std::log(trial.predicted / trial.observed);
    const double fall = std::log(trial.predicted / curve_.loss[bin_at(curve_, trial.from)]);
    by_horizon.push_back(error / horizon(trial.from, trial.at));
    by_fall.push_back(error / std::max(std::abs(fall), delta_));
  }
  const double fall = std::abs(std::log(value / curve_.loss.back()));
  return std::max(root_mean_square(by_horizon) * horizon(curve_.step.back(), end_),
                  root_mean_square(by_fall) * fall);
}

Result<CurveForecast> Forecaster::run(const CurveOptions& options, const Control& control) {
  std::vector<Fitted> whole;
  for (std::size_t m = 0; m < members_.size(); ++m) {
    if (control.stop.stop_requested()) {
      throw Stopped{};
    }
    whole.push_back(fit(m, curve_.step.size(), nullptr));
    const Fitted& found = whole.back();
    CurveMember& member = members_[m];
    member.value = found.theta.empty() ? std::nan("") : law_of(m).value(found.theta, end_);
    member.residual = root_mean_square(found.residuals);
    member.parameters = found.theta.empty() ? std::vector<double>{} : law_of(m).natural(found.theta);
  }
  if (std::all_of(members_.begin(), members_.end(),
                  [](const CurveMember& m) { return std::isnan(m.value); })) {
    return error(fmt::format("no law can be fitted to {} points of the curve", curve_.step.size()),
                 fmt::format("after warm-up {} are needed: log more often, or wait",
                             laws_.empty() ? 0 : laws_.front().free() + spare_bins));
  }
  add_trials(whole, control);
  weigh();
  CurveForecast out;
  std::vector<double> values;
  for (const CurveMember& member : members_) {
    values.push_back(member.value);
  }
  out.value = blend(values);
  for (std::size_t t = 0; t < trials_.size(); ++t) {
    trials_[t].predicted = blend(trial_values_[t]);
  }
  std::erase_if(trials_, [](const CurveTrial& trial) { return std::isnan(trial.predicted); });
  for (const CurveMember& member : members_) {
    const double off = std::isnan(member.value) ? 0 : std::log(member.value / out.value);
    out.spread += member.weight * off * off;
  }
  out.spread = std::sqrt(out.spread);
  out.trial_error = expected_error(out.value);
  const auto best =
      std::max_element(members_.begin(), members_.end(),
                       [](const CurveMember& a, const CurveMember& b) { return a.weight < b.weight; });
  const std::vector<double>& residuals = whole[static_cast<std::size_t>(best - members_.begin())].residuals;
  out.noise = root_mean_square(residuals);
  const std::span<const double> all(residuals);
  out.correlation = std::clamp(num::correlation(all.first(all.size() - 1), all.subspan(1)), 0.0, 0.99);
  const double inflation = (1 + out.correlation) / (1 - out.correlation);
  const double of_mean = out.noise * std::sqrt(std::min(1.0, inflation / static_cast<double>(all.size())));
  const double sd =
      std::sqrt(of_mean * of_mean + out.spread * out.spread + out.trial_error * out.trial_error);
  // cuts share most of their log: two count as one
  out.interval = interval_of(out.value, sd, (trials_.size() + 1) / 2, options.level);
  out.members = members_;
  out.trials = trials_;
  return out;
}

/// The share of its peak by which the learning rate falls between two entries.
double fall_of(const std::vector<double>& rate, std::size_t first, std::size_t last) {
  const double peak = *std::max_element(rate.begin(), rate.end());
  return peak > 0 ? (rate[first] - rate[last]) / peak : 0;
}

/// Whether the schedule will fall although the log has not seen it fall.
bool annealing_is_unseen(const BinnedCurve& curve) {
  constexpr double seen = 0.02;
  const std::size_t now = curve.entries(curve.step.back()) - 1;
  const auto top = static_cast<std::size_t>(
      std::max_element(curve.rate.begin(), curve.rate.begin() + static_cast<std::ptrdiff_t>(now) + 1) -
      curve.rate.begin());
  return fall_of(curve.rate, top, now) < seen && fall_of(curve.rate, now, curve.rate.size() - 1) > seen;
}

void warn_of_unseen_annealing(CurveForecast& out) {
  out.interval.known = false;
  out.warnings.push_back(
      {Severity::warning,
       {},
       "the learning rate has not begun to fall: what its fall will gain rests on published runs and "
       "cannot be checked on this log, so there is no interval",
       "forecast again when it falls"});
}

void warn_of_rising_loss(const BinnedCurve& curve, CurveForecast& out) {
  constexpr double clearly = 4;
  const auto least = std::min_element(curve.loss.begin(), curve.loss.end());
  if (std::log(curve.loss.back() / *least) > clearly * noise_of(curve)) {
    out.warnings.push_back(
        {Severity::warning,
         {},
         fmt::format(
             "the loss has risen since step {:.0f}, which no schedule law follows: the run may be unstable",
             curve.step[static_cast<std::size_t>(least - curve.loss.begin())]),
         "look at the run before you trust a forecast"});
  }
}

}  // namespace

Result<CurveForecast> forecast_curve(const RunningJob& job, const std::vector<laws::Law>& laws,
                                     const CurveOptions& options, const Control& control) {
  if (Diagnostics errors = refuse_job(job); !errors.empty()) {
    return errors;
  }
  const double warm_up = std::isnan(options.warm_up) ? found_warm_up(job) : options.warm_up;
  const BinnedCurve curve = binned(job, options.ema);
  const bool unseen = annealing_is_unseen(curve);
  std::vector<laws::Law> used;
  std::copy_if(laws.begin(), laws.end(), std::back_inserter(used),
               [&](const laws::Law& law) { return !unseen || has_prior(law); });
  Result<CurveForecast> out = Forecaster(curve, used, warm_up, job.end).run(options, control);
  if (out) {
    if (unseen) {
      warn_of_unseen_annealing(*out);
    }
    warn_of_rising_loss(curve, *out);
    out->last_step = job.step.back();
    out->last_loss = curve.loss.back();
    out->warm_up = warm_up;
    out->points = curve.step.size();
  }
  return out;
}

}  // namespace scaleplan::fit
