#include <algorithm>
#include <cmath>
#include <numeric>

#include "calibration/training_predict.hpp"
#include "scaleplan/num/statistics.hpp"
#include "scaleplan/training/step_time.hpp"

namespace scaleplan::calibration {
namespace {

constexpr std::size_t fewest = 4;

std::vector<double> ranks(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0UL);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> out(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t j = i;
    while (j < order.size() && values[order[j]] == values[order[i]]) {
      ++j;
    }
    for (std::size_t k = i; k < j; ++k) {
      out[order[k]] = static_cast<double>(i + j - 1) / 2;
    }
    i = j;
  }
  return out;
}

double kendall(const std::vector<double>& x, const std::vector<double>& y) {
  double concordant = 0;
  double pairs = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    for (std::size_t j = i + 1; j < x.size(); ++j) {
      const double sign = (x[i] - x[j]) * (y[i] - y[j]);
      concordant += sign > 0 ? 1 : sign < 0 ? -1 : 0;
      ++pairs;
    }
  }
  return concordant / pairs;
}

}  // namespace

std::vector<Ranking> rank_layouts(const std::vector<TrainingCase>& cases,
                                  const training::Efficiency& efficiency) {
  struct Rates {
    std::vector<double> measured;
    std::vector<double> predicted;
  };
  std::map<std::string, Rates> by_source;
  for (const TrainingCase& c : cases) {
    if (!c.timed || c.score != "main" || c.mixture() || c.source.empty()) {
      continue;
    }
    const double tokens = static_cast<double>(c.job.global_batch * c.job.sequence_length) /
                          static_cast<double>(c.job.machine.devices);
    Rates& rates = by_source[c.source];
    rates.measured.push_back(tokens / *c.step_time_s);
    rates.predicted.push_back(tokens / training::step_time(c.job, c.layout, efficiency).step_s);
  }
  std::vector<Ranking> out;
  for (const auto& [source, rates] : by_source) {
    if (rates.measured.size() < fewest) {
      continue;
    }
    Ranking line;
    line.group = source;
    line.cases = static_cast<long>(rates.measured.size());
    line.spearman = num::correlation(ranks(rates.measured), ranks(rates.predicted));
    line.kendall = kendall(rates.measured, rates.predicted);
    const auto pick =
        std::max_element(rates.predicted.begin(), rates.predicted.end()) - rates.predicted.begin();
    const double best = *std::max_element(rates.measured.begin(), rates.measured.end());
    line.regret = 1 - rates.measured[static_cast<std::size_t>(pick)] / best;
    out.push_back(std::move(line));
  }
  return out;
}

}  // namespace scaleplan::calibration
