#pragma once

#include <span>
#include <string>
#include <vector>

#include "scaleplan/calibration/calibrate.hpp"
#include "scaleplan/calibration/training.hpp"

namespace scaleplan::calibration {

/// Cases of one publisher, by index.
struct Source {
  std::string publisher;
  std::vector<std::size_t> cases;
};
std::vector<Source> by_source(const std::vector<const TrainingCase*>& cases);

/// ln(predicted / measured) of the step time of each case, which must have one.
std::vector<double> log_ratios(const std::vector<const TrainingCase*>& cases,
                               const training::Efficiency& efficiency);

/// `ratios` with the deviations that the cases of one source share taken down to independent ones of unit
/// variance: between² for all of a source, within² for each, of which no more than eight count as
/// independent. So a source with a hundred cases weighs on the level hardly more than one with a few.
std::vector<double> whitened(std::vector<double> ratios, const std::vector<Source>& sources,
                             const training::Efficiency& efficiency);

/// Spearman, Kendall and regret of throughput per device for each source with at least four timed cases,
/// suspect ones left out.
std::vector<Ranking> rank_layouts(const std::vector<TrainingCase>& cases,
                                  const training::Efficiency& efficiency);

}  // namespace scaleplan::calibration
