#include "scaleplan/calibration/training.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "calibration/training_predict.hpp"
#include "scaleplan/num/random.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::calibration {
namespace {

using training::Efficiency;

constexpr double least_moe_sd = 0.4;  // software releases differ by 1.3 to 2.8 times on one configuration
constexpr int draws_of_own_runs = 200;

// Left-out log ratios of timed dense main cases, by publisher.
using Ratios = std::map<std::string, std::vector<double>>;

Ratios ratios_of(const Scores& scores) {
  Ratios out;
  for (const Comparison& c : scores.cases) {
    if (c.quantity == "step_time_s" && c.score == "main" && c.group == "dense") {
      out[c.publisher].push_back(std::log(c.measured / c.predicted));
    }
  }
  return out;
}

struct Spread {
  double between = 0;
  double within = 0;
};

// Moments: variance within sources, and of their means about nothing, each source the same weight.
Spread spread_of(const Ratios& ratios, const std::string& without = {}) {
  double within = 0;
  double freedom = 0;
  for (const auto& [publisher, values] : ratios) {
    if (publisher != without && values.size() > 1) {
      const double sd = num::standard_deviation(values);
      within += sd * sd * static_cast<double>(values.size() - 1);
      freedom += static_cast<double>(values.size() - 1);
    }
  }
  within = freedom > 0 ? within / freedom : 0;
  double between = 0;
  double sources = 0;
  for (const auto& [publisher, values] : ratios) {
    if (publisher != without) {
      const double mean = num::mean(values);
      between += mean * mean - within / static_cast<double>(values.size());
      ++sources;
    }
  }
  between = sources > 0 ? std::max(0.0, between / sources) : 0;
  return {std::max(0.02, std::sqrt(between)), std::max(0.02, std::sqrt(within))};
}

double moe_sd_of(const Scores& scores) {
  double squares = 0;
  double count = 0;
  for (const Comparison& c : scores.cases) {
    if (c.group == "moe" && c.score == "main") {
      const double ratio = std::log(c.measured / c.predicted);
      squares += ratio * ratio;
      ++count;
    }
  }
  return count > 0 ? std::max(least_moe_sd, std::sqrt(squares / count)) : least_moe_sd;
}

struct Fold {
  std::string publisher;
  std::vector<TrainingCase> own;
  Efficiency efficiency;
};

std::vector<Fold> folds_of(const std::vector<TrainingCase>& cases, const Efficiency& start,
                           const Control& control) {
  std::map<std::string, std::vector<TrainingCase>> by_publisher;
  for (const TrainingCase& c : cases) {
    if (c.step_time_s) {
      by_publisher[c.publisher].push_back(c);
    }
  }
  std::vector<Fold> out;
  for (const auto& [publisher, own] : by_publisher) {
    std::vector<TrainingCase> others;
    for (const TrainingCase& c : cases) {
      if (c.publisher != publisher) {
        others.push_back(c);
      }
    }
    out.push_back({publisher, own, fit_training(others, start, control)});
  }
  return out;
}

// Every publisher scored by the others, with intervals from how the others were missed.
Scores left_out(std::vector<Fold>& folds, double level) {
  Scores first;
  for (const Fold& fold : folds) {
    const Scores scores = predict_step_times(fold.own, fold.efficiency, level);
    first.cases.insert(first.cases.end(), scores.cases.begin(), scores.cases.end());
  }
  const Ratios ratios = ratios_of(first);
  const double moe_sd = moe_sd_of(first);
  Scores out;
  for (Fold& fold : folds) {
    const Spread spread = spread_of(ratios, fold.publisher);
    fold.efficiency.between_sources = spread.between;
    fold.efficiency.within_source = spread.within;
    fold.efficiency.moe_sd = moe_sd;
    const Scores scores = predict_step_times(fold.own, fold.efficiency, level);
    out.cases.insert(out.cases.end(), scores.cases.begin(), scores.cases.end());
  }
  summarise(out);
  return out;
}

std::vector<Ranking> left_out_rankings(const std::vector<Fold>& folds) {
  std::vector<Ranking> out;
  for (const Fold& fold : folds) {
    const std::vector<Ranking> own = rank_layouts(fold.own, fold.efficiency);
    out.insert(out.end(), own.begin(), own.end());
  }
  std::sort(out.begin(), out.end(), [](const Ranking& a, const Ranking& b) { return a.group < b.group; });
  return out;
}

// Mean over publishers of |error| of a left-out source after `runs` of its own, drawn again and again.
double after_own_runs(const Ratios& ratios, std::size_t runs) {
  std::vector<double> means;
  std::uint64_t stream = 0;
  for (const auto& [publisher, values] : ratios) {
    ++stream;
    if (values.size() <= runs) {
      continue;
    }
    const Spread spread = spread_of(ratios, publisher);
    const double k = static_cast<double>(runs);
    const double credibility = k * spread.between * spread.between /
                               (k * spread.between * spread.between + spread.within * spread.within);
    num::Random random(1, stream);
    double total = 0;
    for (int draw = 0; draw < draws_of_own_runs; ++draw) {
      std::vector<double> order = values;
      double own = 0;
      for (std::size_t i = 0; i < runs; ++i) {
        std::swap(order[i], order[i + random.below(order.size() - i)]);
        own += order[i] / k;
      }
      double error = 0;
      for (std::size_t i = runs; i < order.size(); ++i) {
        error += std::fabs(std::exp(credibility * own - order[i]) - 1);
      }
      total += error / static_cast<double>(order.size() - runs);
    }
    means.push_back(total / draws_of_own_runs);
  }
  return means.empty() ? 0 : num::mean(means);
}

Result<Efficiency> in_force(const Request& request) {
  return request.calibration ? training::read_efficiency(*request.calibration)
                             : training::default_efficiency(*request.catalogue);
}

std::vector<std::string> notes_of(const TrainingCases& read) {
  std::vector<std::string> out = {
      "Valid for transformer decoders on equal devices; without stragglers beyond the scale loss, data "
      "loading, evaluation and checkpoints.",
      "What cases do not say (engine, attention kernel, gradient bytes, recomputation) follows from their "
      "words by fixed rules."};
  if (std::any_of(read.cases.begin(), read.cases.end(), [](const TrainingCase& c) { return c.mixture(); })) {
    out.emplace_back(
        "Mixtures of experts: software releases differ by 1.3 to 2.8 times on one configuration; take the "
        "interval, not the point.");
  }
  return out;
}

}  // namespace

Result<Outcome> calibrate_training(const json::Document& document, const Request& request) {
  Result<TrainingCases> read = read_training_cases(document, *request.catalogue);
  if (!read) {
    return read.errors();
  }
  const Result<Efficiency> start = in_force(request);
  if (!start) {
    return start.errors();
  }
  Outcome out;
  out.kind = "training";
  out.ignored = read->ignored;
  out.notes = notes_of(*read);
  Efficiency efficiency = *start;
  std::vector<Fold> folds;
  if (!request.evaluate_only || request.leave_out_publisher) {
    efficiency = fit_training(read->cases, *start, request.control);
    folds = folds_of(read->cases, *start, request.control);
    out.scores = left_out(folds, request.level);
    if (folds.size() > 2) {
      const Ratios ratios = ratios_of(out.scores);
      const Spread spread = spread_of(ratios);
      efficiency.between_sources = spread.between;
      efficiency.within_source = spread.within;
      efficiency.moe_sd = moe_sd_of(out.scores);
      for (const std::size_t runs : {1UL, 3UL, 5UL}) {
        out.own_runs[std::to_string(runs)] = after_own_runs(ratios, runs);
      }
    }
    if (!request.evaluate_only) {
      out.constants = training::to_json(efficiency);
    }
  }
  if (request.leave_out_publisher) {
    out.rankings = left_out_rankings(folds);
  } else {
    out.rankings = rank_layouts(read->cases, efficiency);
    out.scores = predict_step_times(read->cases, efficiency, request.level);
    out.own_runs.clear();
  }
  const Scores memory = predict_memory(read->cases);
  out.scores.cases.insert(out.scores.cases.end(), memory.cases.begin(), memory.cases.end());
  summarise(out.scores);
  out.scores.skipped = read->skipped;
  out.calibration = efficiency.id;
  return out;
}

}  // namespace scaleplan::calibration
