#include "scaleplan/fit/experiment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fit/allocator.hpp"
#include "fit/blend/state.hpp"
#include "fit/cloud.hpp"
#include "fit/optimum.hpp"
#include "fit/purchase.hpp"
#include "scaleplan/base/quantity.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::fit {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t draws_per_law = 100;
constexpr double tail = 0.02;         // beyond which draws of one quantity are drawn in
constexpr double excess_scale = 0.2;  // of ln L, over which noise grows by e
constexpr double robust = 1.4826022185056018;
constexpr double level_step = 2;  // between the least computes tried for few runs

std::vector<laws::Allocator> allocators_of(const Predictor& predictor) {
  std::vector<laws::Allocator> out;
  for (const Member& member : predictor.members) {
    if (auto allocator = default_allocator(member.law)) {
      out.push_back(std::move(*allocator));
    }
  }
  return out;
}

Result<bool> check(const Predictor& predictor) {
  for (const Member& member : predictor.members) {
    std::map<std::string, double> fixed;
    const std::string reason = allocation_obstacle(member.law, fixed);
    if (!reason.empty() || !default_allocator(member.law)) {
      return error(fmt::format("law \"{}\" cannot say which runs to do: {}", member.law.id,
                               reason.empty() ? "it divides no compute by itself" : reason),
                   "use a fit of loss in size and tokens: scaleplan fit RUNS -o runs.fit.json");
    }
    if (predictor.blend == nullptr && member.draws.size() < 2) {
      return error(
          fmt::format("law \"{}\" brings neither runs nor draws, so nothing says what it does not know",
                      member.law.id),
          "fit your runs (scaleplan fit RUNS -o runs.fit.json) and give --law runs.fit.json");
    }
  }
  return true;
}

double median_size(const std::vector<double>& ln_sizes) {
  return ln_sizes.empty() ? nan : std::exp(num::mean(ln_sizes));
}

/// What one draw of one law says: ln L of every candidate, ln N* and ln L* at the target.
std::vector<double> seen_by(const laws::Allocator& law, const std::vector<double>& values,
                            const std::vector<RunPoint>& candidates, double target) {
  std::vector<double> out;
  out.reserve(candidates.size() + 2);
  for (const RunPoint& run : candidates) {
    out.push_back(std::log(law.loss(values, run.size, run.tokens)));
  }
  const laws::Allocation best = law.solve(values, target);
  out.push_back(best.found ? std::log(best.size) : nan);
  out.push_back(best.found ? std::log(best.loss) : nan);
  return out;
}

/// Values of one quantity over the draws with the tails drawn in, as deviations from their mean.
std::vector<double> tamed(std::vector<double> values) {
  const double low = num::quantile(values, tail);
  const double high = num::quantile(values, 1 - tail);
  for (double& value : values) {
    value = std::clamp(value, low, high);
  }
  const double mean = num::mean(values);
  for (double& value : values) {
    value -= mean;
  }
  return values;
}

/// Covariance over draws (rows) of quantities (columns); draws that miss a quantity are left out.
std::vector<double> covariance_of(std::vector<std::vector<double>> draws, std::size_t quantities) {
  std::erase_if(draws, [](const std::vector<double>& draw) {
    return std::any_of(draw.begin(), draw.end(), [](double value) { return !std::isfinite(value); });
  });
  std::vector<double> out(quantities * quantities, 0.0);
  if (draws.size() < 2) {
    return out;
  }
  std::vector<std::vector<double>> columns;
  for (std::size_t q = 0; q < quantities; ++q) {
    std::vector<double> column;
    column.reserve(draws.size());
    for (const std::vector<double>& draw : draws) {
      column.push_back(draw[q]);
    }
    columns.push_back(tamed(std::move(column)));
  }
  for (std::size_t a = 0; a < quantities; ++a) {
    for (std::size_t b = 0; b <= a; ++b) {
      double sum = 0;
      for (std::size_t k = 0; k < draws.size(); ++k) {
        sum += columns[a][k] * columns[b][k];
      }
      out[a * quantities + b] = out[b * quantities + a] = sum / static_cast<double>(draws.size() - 1);
    }
  }
  return out;
}

double quadratic(const std::vector<double>& matrix, const std::vector<double>& v) {
  double sum = 0;
  for (std::size_t a = 0; a < v.size(); ++a) {
    for (std::size_t b = 0; b < v.size(); ++b) {
      sum += v[a] * matrix[a * v.size() + b] * v[b];
    }
  }
  return sum;
}

/// The covariance once `column`·x has been seen with a noise that makes its variance `total`.
void condition(std::vector<double>& matrix, const std::vector<double>& column, double total) {
  const std::size_t n = column.size();
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b < n; ++b) {
      matrix[a * n + b] -= column[a] * column[b] / total;
    }
  }
}

/// What is left open while runs are bought.
struct Open {
  std::vector<double> parameters;  ///< covariance of the first law's
  std::vector<double> joint;       ///< of ln L of the candidates, ln N*, ln L*
};

}  // namespace

std::string_view criterion_name(Criterion criterion) {
  return criterion == Criterion::size ? "size" : "loss";
}

double mean_best_size(const Predictor& predictor, double compute) {
  const std::vector<laws::Allocator> allocators = allocators_of(predictor);
  std::vector<double> found;
  for (std::size_t m = 0; m < allocators.size(); ++m) {
    const laws::Allocation best = allocators[m].solve(predictor.members[m].values, compute);
    if (best.found) {
      found.push_back(std::log(best.size));
    }
  }
  return median_size(found);
}

double tokens_for(const Predictor& predictor, double size, double compute) {
  const auto law = default_allocator(predictor.members.front().law);
  return law ? law->tokens_for(size, compute) : nan;
}

double compute_of(const Predictor& predictor, double size, double tokens) {
  const auto law = default_allocator(predictor.members.front().law);
  return law ? law->compute(size, tokens) : nan;
}

Result<Experiment> Experiment::build(const Predictor& predictor, const std::vector<RunPoint>& candidates,
                                     const ExperimentOptions& options) {
  if (const Result<bool> fine = check(predictor); !fine) {
    return fine.errors();
  }
  Experiment out;
  out.candidates_ = candidates;
  out.options_ = options;
  out.noise_ = options.noise;
  if (std::isnan(out.noise_) && predictor.blend != nullptr) {
    std::vector<double> sizes = predictor.blend->surfaces.front().residuals();
    for (double& size : sizes) {
      size = std::abs(size);
    }
    out.noise_ = robust * num::median(sizes);
  }
  if (!(out.noise_ > 0)) {
    return error("nothing says how much the loss of a run scatters",
                 "give --noise, for example --noise 0.003");
  }
  const std::vector<laws::Allocator> allocators = allocators_of(predictor);
  std::vector<std::vector<double>> draws;
  for (std::size_t m = 0; m < predictor.members.size(); ++m) {
    const Member& member = predictor.members[m];
    const LawGradient law(member);
    const std::vector<double> covariance =
        predictor.blend == nullptr
            ? draw_covariance(law, member)
            : row_covariance(law, kept_rows(predictor, member, allocators[m]), out.noise_);
    const std::vector<std::vector<double>> values =
        predictor.blend == nullptr ? member.draws
                                   : normal_draws(law, covariance, draws_per_law, options.seed, m);
    for (const std::vector<double>& draw : values) {
      draws.push_back(seen_by(allocators[m], draw, candidates, options.target));
    }
    if (m == 0) {
      out.covariance_ = covariance;
      for (const RunPoint& run : candidates) {
        out.gradients_.push_back(law.at(run.size, run.tokens));
      }
    }
  }
  for (const RunPoint& run : candidates) {
    const std::vector<double>& values = predictor.members.front().values;
    const laws::Allocation best = allocators.front().solve(values, run.compute);
    if (!best.found) {
      return error(fmt::format("law \"{}\" has no compute-optimal size at {} FLOP: {}",
                               predictor.members.front().law.id,
                               format_quantity(run.compute, Dimension::flop), best.reason),
                   "fit runs that vary in size and in tokens");
    }
    out.offset_.push_back(std::log(run.size / best.size));
    out.excess_.push_back(
        std::max(0.0, std::log(allocators.front().loss(values, run.size, run.tokens) / best.loss)));
    out.sd_.push_back(out.noise_ * std::exp(std::min(out.excess_.back(), 1.0) / excess_scale));
  }
  out.target_size_ = mean_best_size(predictor, options.target);
  const std::size_t quantities = candidates.size() + 2;
  out.joint_ = covariance_of(std::move(draws), quantities);
  out.doubt_ = {std::sqrt(out.joint_[(quantities - 2) * quantities + quantities - 2]),
                std::sqrt(out.joint_.back())};
  return out;
}

namespace {

double gain_of(Criterion criterion, const Open& open, const std::vector<double>& gradient, std::size_t run,
               double sd, std::size_t quantities) {
  if (criterion == Criterion::size) {
    return std::log1p(quadratic(open.parameters, gradient) / (sd * sd));
  }
  const double with_target = open.joint[run * quantities + quantities - 1];
  return with_target * with_target / (open.joint[run * quantities + run] + sd * sd);
}

void learn(Open& open, const std::vector<double>& gradient, std::size_t run, double sd,
           std::size_t quantities) {
  const std::size_t n = gradient.size();
  std::vector<double> seen(n, 0.0);
  for (std::size_t a = 0; a < n; ++a) {
    for (std::size_t b = 0; b < n; ++b) {
      seen[a] += open.parameters[a * n + b] * gradient[b];
    }
  }
  condition(open.parameters, seen, quadratic(open.parameters, gradient) + sd * sd);
  std::vector<double> column(quantities);
  for (std::size_t q = 0; q < quantities; ++q) {
    column[q] = open.joint[q * quantities + run];
  }
  condition(open.joint, column, column[run] + sd * sd);
}

Doubt doubt_of(const Open& open, std::size_t quantities) {
  const std::size_t size = (quantities - 2) * quantities + quantities - 2;
  return {std::sqrt(std::max(0.0, open.joint[size])), std::sqrt(std::max(0.0, open.joint.back()))};
}

}  // namespace

std::vector<double> Experiment::gains(Criterion criterion) const {
  const Open open{covariance_, joint_};
  std::vector<double> out;
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    out.push_back(gain_of(criterion, open, gradients_[i], i, sd_[i], candidates_.size() + 2) /
                  candidates_[i].compute);
  }
  return out;
}

ExperimentDesign Experiment::done(Criterion criterion, const std::vector<std::size_t>& runs) const {
  const std::size_t quantities = candidates_.size() + 2;
  ExperimentDesign design;
  design.criterion = criterion;
  Open open{covariance_, joint_};
  for (const std::size_t run : runs) {
    const double gain = gain_of(criterion, open, gradients_[run], run, sd_[run], quantities);
    learn(open, gradients_[run], run, sd_[run], quantities);
    design.spent += candidates_[run].compute;
    design.picks.push_back({run, gain, doubt_of(open, quantities)});
  }
  return design;
}

ExperimentDesign Experiment::greedy(Criterion criterion, double least_compute) const {
  const std::size_t quantities = candidates_.size() + 2;
  std::vector<std::size_t> runs;
  double spent = 0;
  Open open{covariance_, joint_};
  std::vector<bool> taken(candidates_.size(), false);
  while (options_.most_runs == 0 || runs.size() < options_.most_runs) {
    std::size_t pick = 0;
    double best = 0;
    for (std::size_t i = 0; i < candidates_.size(); ++i) {
      const double cost = candidates_[i].compute;
      const bool payable = cost <= (options_.budget - spent) * (1 + 1e-9);
      if (taken[i] || !payable || cost < least_compute) {
        continue;
      }
      const double gain = gain_of(criterion, open, gradients_[i], i, sd_[i], quantities);
      if (gain / cost > best) {
        best = gain / cost;
        pick = i;
      }
    }
    if (!(best > 0)) {
      break;
    }
    taken[pick] = true;
    spent += candidates_[pick].compute;
    learn(open, gradients_[pick], pick, sd_[pick], quantities);
    runs.push_back(pick);
  }
  return done(criterion, runs);
}

ExperimentDesign Experiment::choose(Criterion criterion) const {
  if (criterion == Criterion::loss) {
    std::vector<double> cost;
    for (const RunPoint& run : candidates_) {
      cost.push_back(run.compute);
    }
    return done(criterion, best_purchase({joint_, candidates_.size() + 2, sd_, cost, options_.budget,
                                          options_.most_runs}));
  }
  ExperimentDesign best = greedy(criterion, 0);
  if (options_.most_runs == 0 || candidates_.empty()) {
    return best;
  }
  const auto total = [](const ExperimentDesign& design) {
    double sum = 0;
    for (const Pick& pick : design.picks) {
      sum += pick.gain;
    }
    return sum;
  };
  const auto [least, most] =
      std::minmax_element(candidates_.begin(), candidates_.end(),
                          [](const RunPoint& a, const RunPoint& b) { return a.compute < b.compute; });
  for (double level = least->compute; level < most->compute; level *= level_step) {
    ExperimentDesign larger = greedy(criterion, level * level_step * 0.99);
    if (total(larger) > total(best)) {
      best = std::move(larger);
    }
  }
  return best;
}

}  // namespace scaleplan::fit
