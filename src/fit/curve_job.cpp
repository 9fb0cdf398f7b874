#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <optional>

#include "scaleplan/base/quantity.hpp"
#include "scaleplan/fit/curve.hpp"

namespace scaleplan::fit {
namespace {

const std::vector<double>* find(const runs::Curve& curve, const std::string& name) {
  const auto found = curve.points.columns.find(name);
  return found == curve.points.columns.end() ? nullptr : &found->second;
}

std::string shown(double number) {
  return format_number(number, 6);
}

/// A column where it is known and positive, with its steps.
void take(const runs::Curve& curve, const std::string& name, bool positive, std::vector<double>& steps,
          std::vector<double>& values) {
  const std::vector<double>* column = find(curve, name);
  const std::vector<double>& step = curve.points.columns.at("step");
  for (std::size_t i = 0; column != nullptr && i < step.size(); ++i) {
    if (!std::isnan((*column)[i]) && (!positive || step[i] > 0)) {
      steps.push_back(step[i]);
      values.push_back((*column)[i]);
    }
  }
}

double planned_end(const runs::Curve& curve) {
  std::vector<double> steps;
  std::vector<double> values;
  take(curve, "planned_steps", false, steps, values);
  return values.empty() ? std::nan("") : values.back();
}

/// Steps and tokens of the end asked.
Result<std::pair<double, double>> place_end(const runs::Curve& curve, const CurveEnd& end) {
  const std::vector<double>& step = curve.points.columns.at("step");
  const std::vector<double> tokens = runs::tokens_at(curve);
  const std::size_t n = step.size();
  const bool counted = n > 1 && !std::isnan(tokens[n - 1]) && tokens[n - 1] > tokens[n - 2];
  const double per_step =
      counted ? (tokens[n - 1] - tokens[n - 2]) / (step[n - 1] - step[n - 2]) : std::nan("");
  const auto tokens_by = [&](double at) { return tokens[n - 1] + (at - step[n - 1]) * per_step; };
  if (end.unit == CurveEnd::Unit::tokens) {
    if (!counted) {
      return error("the log does not say how many tokens it has seen",
                   "give the end in steps (--until 20000steps), or write {\"batch_tokens\": …} into run.json "
                   "beside it");
    }
    return std::pair{step[n - 1] + (end.value - tokens[n - 1]) / per_step, end.value};
  }
  const double at = end.unit == CurveEnd::Unit::steps ? end.value : planned_end(curve);
  if (std::isnan(at)) {
    return error("the log does not say where the run is to end",
                 "say it: --until 300B or --until 20000steps");
  }
  return std::pair{at, tokens_by(at)};
}

double rate_between(const std::vector<double>& steps, const std::vector<double>& rates, double at) {
  const auto right = std::lower_bound(steps.begin(), steps.end(), at);
  const auto i = static_cast<std::size_t>(right - steps.begin());
  if (i == 0 || i == steps.size()) {
    return i == 0 ? rates.front() : rates.back();
  }
  return rates[i - 1] + (rates[i] - rates[i - 1]) * (at - steps[i - 1]) / (steps[i] - steps[i - 1]);
}

/// A schedule file against the learning rates of the log.
Diagnostics use_schedule(const runs::Curve& schedule, RunningJob& job) {
  constexpr double tolerance = 0.02;  // of the peak
  std::vector<double> steps;
  std::vector<double> rates;
  take(schedule, "learning_rate", false, steps, rates);
  const Place place = schedule.points.places.empty() ? Place{} : schedule.points.places.front();
  if (rates.size() < 2) {
    return {error("the schedule gives no learning rates", "give records with step and learning_rate",
                  {place.file, 0, 0, {}})};
  }
  const double peak = *std::max_element(rates.begin(), rates.end());
  for (std::size_t i = 0; i < job.rate.size(); ++i) {
    const double said = rate_between(steps, rates, job.rate_step[i]);
    if (std::abs(said - job.rate[i]) > tolerance * peak) {
      return {error(fmt::format("a schedule of another run: at step {} it says {}, the log says {}",
                                shown(job.rate_step[i]), shown(said), shown(job.rate[i])),
                    "give the schedule of this run, its steps counted as the log counts them",
                    {place.file, 0, 0, {}})};
    }
  }
  if (steps.back() < 0.999 * job.end) {
    return {error(
        fmt::format("the schedule ends at step {}, before step {}", shown(steps.back()), shown(job.end)),
        "give it to the end", {place.file, 0, 0, {}})};
  }
  job.rate_step = std::move(steps);
  job.rate = std::move(rates);
  return {};
}

struct Shape {
  const char* name;
  double (*falls)(double share);  ///< from 1 at the end of warm-up to 0 at the end of the run
};

constexpr Shape shapes[] = {
    {"a constant learning rate", [](double) { return 0.0; }},
    {"a cosine", [](double share) { return 0.5 * (1 + std::cos(std::numbers::pi * share)); }},
    {"a line", [](double share) { return 1 - share; }},
};

/// low + rise·shape, low ≥ 0, and the most by which it misses a logged rate.
struct Match {
  double low = 0;
  double rise = 0;
  double error = 0;
};

/// By least squares over the rates from step `from` on, of a shape that falls from `begin` to `end`.
Match match(const RunningJob& job, const Shape& shape, double from, double begin, double end) {
  double n = 0;
  double sx = 0;
  double sy = 0;
  double sxx = 0;
  double sxy = 0;
  const auto x_at = [&](double step) {
    return shape.falls(std::clamp((step - begin) / (end - begin), 0.0, 1.0));
  };
  for (std::size_t i = 0; i < job.rate.size(); ++i) {
    if (job.rate_step[i] >= from) {
      const double x = x_at(job.rate_step[i]);
      n += 1;
      sx += x;
      sy += job.rate[i];
      sxx += x * x;
      sxy += x * job.rate[i];
    }
  }
  const double spread = n * sxx - sx * sx;
  Match out;
  out.rise = spread > 1e-12 ? (n * sxy - sx * sy) / spread : 0;
  out.low = (sy - out.rise * sx) / n;
  if (out.low < 0) {
    out = {0, sxy / sxx, 0};
  }
  for (std::size_t i = 0; i < job.rate.size(); ++i) {
    if (job.rate_step[i] >= from) {
      out.error = std::max(out.error, std::abs(out.low + out.rise * x_at(job.rate_step[i]) - job.rate[i]));
    }
  }
  return out;
}

/// Continue the logged learning rates by the shape they have.
Result<std::string> continue_rates(double planned, RunningJob& job) {
  constexpr double rounding = 0.005;  // of the peak: what logs and warm-up's end may be off
  constexpr double better = 0.5;      // a shape with an end must beat a constant by so much
  constexpr std::ptrdiff_t least = 5;
  constexpr int knots = 400;
  const double peak = *std::max_element(job.rate.begin(), job.rate.end());
  const auto top =
      std::find_if(job.rate.begin(), job.rate.end(), [&](double rate) { return rate >= 0.999 * peak; });
  const double begin = job.rate_step[static_cast<std::size_t>(top - job.rate.begin())];
  const double last = job.rate_step.back();
  const Shape* chosen = nullptr;
  Match best;
  double best_begin = 0;
  double best_end = 0;
  const auto consider = [&](const Shape& shape, double from, double end) {
    const Match found = match(job, shape, begin, from, end);
    if (found.error <= rounding * peak && (chosen == nullptr || found.error < better * best.error)) {
      chosen = &shape;
      best = found;
      best_begin = from;
      best_end = end;
    }
  };
  for (const Shape& shape : shapes) {
    for (const double end : {planned, job.end}) {
      if (!std::isnan(end) && end > last && job.rate.end() - top >= least) {
        consider(shape, begin, end);
        consider(shape, 0, end);  // some programs count warm-up as part of the fall
      }
    }
  }
  if (chosen == nullptr) {
    return error(
        "the learning rate ahead is not known: the logged one is neither constant nor a cosine or a line to "
        "the end",
        "give it with --schedule FILE: records with step and learning_rate up to the end");
  }
  for (int k = 1; k <= knots; ++k) {
    const double at = last + (job.end - last) * k / knots;
    job.rate_step.push_back(at);
    const double share = std::clamp((at - best_begin) / (best_end - best_begin), 0.0, 1.0);
    const double rate = best.low + best.rise * chosen->falls(share);
    job.rate.push_back(rate < 1e-6 * peak ? 0 : rate);
  }
  return fmt::format("{}, as the log has it so far, to {} at step {}", chosen->name, shown(job.rate.back()),
                     shown(job.end));
}

}  // namespace

Result<JobPlan> plan_job(const runs::Curve& curve, const CurveEnd& end, const runs::Curve* schedule) {
  JobPlan out;
  out.loss = runs::loss_column(curve);
  if (out.loss.empty()) {
    std::string known;
    for (const auto& [name, column] : curve.points.columns) {
      known += (known.empty() ? "" : ", ") + name;
    }
    return error("the log has no loss that is known by its name",
                 "name one of its keys with --map loss=KEY: " + known, {curve.run, 0, 0, {}});
  }
  take(curve, out.loss, true, out.job.step, out.job.loss);
  const Result<std::pair<double, double>> placed = place_end(curve, end);
  if (!placed) {
    return placed.errors();
  }
  out.job.end = std::round(placed->first);
  out.end_tokens = placed->second;
  take(curve, "learning_rate", false, out.job.rate_step, out.job.rate);
  const bool flat = out.job.rate.empty() || *std::max_element(out.job.rate.begin(), out.job.rate.end()) <= 0;
  if (schedule != nullptr) {
    out.schedule = "as --schedule says";
    if (Diagnostics errors = use_schedule(*schedule, out.job); !errors.empty()) {
      return errors;
    }
  } else if (flat) {
    out.job.rate.clear();
    out.job.rate_step.clear();
    out.schedule = "not in the log, taken as constant";
    out.warnings.push_back({Severity::warning,
                            {},
                            "the log has no learning rate: it is taken as constant to the end",
                            "give the schedule with --schedule FILE if it falls"});
  } else if (out.job.rate_step.back() < out.job.end) {
    Result<std::string> shape = continue_rates(planned_end(curve), out.job);
    if (!shape) {
      return shape.errors();
    }
    out.schedule = std::move(*shape);
  }
  return out;
}

}  // namespace scaleplan::fit
