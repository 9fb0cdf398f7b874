#pragma once

#include <string>

#include "scaleplan/report/report.hpp"
#include "scaleplan/serving/deployment.hpp"

namespace scaleplan::report {

/// What `serve` found, with everything that went in.
struct ServingResult {
  std::string model;           ///< as named
  std::string model_digest;    ///< of the file, or empty
  std::string cluster;         ///< as named
  std::string cluster_digest;  ///< of the file, or empty
  std::string demand_digest;
  serving::Place place;
  serving::Demand demand;
  serving::Service service;
  std::string region;       ///< of the carbon intensity, with its year, or empty
  std::string calibration;  ///< id
  double level = 0.9;       ///< of intervals
  bool routed = false;      ///< a mixture of experts
};

/// `explain` adds how the numbers come about.
Report present(const ServingResult& result, bool explain);

}  // namespace scaleplan::report
