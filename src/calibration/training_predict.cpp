#include "calibration/training_predict.hpp"

#include <algorithm>
#include <cmath>

#include "scaleplan/num/statistics.hpp"
#include "scaleplan/training/step_time.hpp"

namespace scaleplan::calibration {
namespace {

// Runs of one source share kernels, links and a method of measuring: what the model misses in one it misses
// in its neighbours, so more of them than this tell no more.
constexpr double independent_runs = 8;

double predicted(const TrainingCase& c, const training::Efficiency& efficiency) {
  return training::step_time(c.job, c.layout, efficiency).step_s;
}

double spread_of(const TrainingCase& c, const training::Efficiency& e) {
  if (c.mixture()) {
    return e.moe_sd;
  }
  const auto known = e.gemm.find(c.job.machine.device.family);
  const double family = known != e.gemm.end() ? 0 : e.gemm.find("pooled")->second.log_se;
  return std::hypot(e.between_sources, e.within_source, family);
}

std::string group_of(const TrainingCase& c, const training::Efficiency& e) {
  if (c.mixture()) {
    return "moe";
  }
  return e.knows(c.job.machine.device.family) ? "dense" : "family";
}

}  // namespace

std::vector<Source> by_source(const std::vector<const TrainingCase*>& cases) {
  std::map<std::string, std::vector<std::size_t>> found;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    found[cases[i]->publisher].push_back(i);
  }
  std::vector<Source> out;
  out.reserve(found.size());
  for (auto& [publisher, indices] : found) {
    out.push_back({publisher, std::move(indices)});
  }
  return out;
}

std::vector<double> log_ratios(const std::vector<const TrainingCase*>& cases,
                               const training::Efficiency& efficiency) {
  std::vector<double> out;
  out.reserve(cases.size());
  for (const TrainingCase* c : cases) {
    out.push_back(std::log(predicted(*c, efficiency) / *c->step_time_s));
  }
  return out;
}

std::vector<double> whitened(std::vector<double> ratios, const std::vector<Source>& sources,
                             const training::Efficiency& efficiency) {
  const double between = efficiency.between_sources * efficiency.between_sources;
  const double within = efficiency.within_source * efficiency.within_source;
  for (const Source& source : sources) {
    const double n = static_cast<double>(source.cases.size());
    const double independent = std::min(n, independent_runs);
    double mean = 0;
    for (const std::size_t i : source.cases) {
      mean += ratios[i] / n;
    }
    const double level = mean / std::sqrt(n * (between + within / independent));
    for (const std::size_t i : source.cases) {
      ratios[i] = std::sqrt(independent / (n * within)) * (ratios[i] - mean) + level;
    }
  }
  return ratios;
}

Scores predict_step_times(const std::vector<TrainingCase>& cases, const training::Efficiency& efficiency,
                          double level) {
  const double z = num::normal_quantile((1 + level) / 2);
  Scores out;
  for (const TrainingCase& c : cases) {
    if (!c.step_time_s) {
      continue;
    }
    Comparison line;
    line.id = c.id;
    line.publisher = c.publisher;
    line.score = c.score;
    line.quantity = c.timed ? "step_time_s" : "step_time_from_flop_s";
    line.group = group_of(c, efficiency);
    line.measured = *c.step_time_s;
    line.predicted = predicted(c, efficiency);
    const double factor = std::exp(z * spread_of(c, efficiency));
    line.interval_low = line.predicted / factor;
    line.interval_high = line.predicted * factor;
    out.cases.push_back(std::move(line));
  }
  return out;
}

}  // namespace scaleplan::calibration
