#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scaleplan/model/shape.hpp"
#include "scaleplan/report/report.hpp"
#include "scaleplan/training/goodput.hpp"
#include "scaleplan/training/layouts.hpp"

namespace scaleplan::report {

/// A layout that the user named, and what the search says of it.
struct NamedLayout {
  model::Layout layout;
  training::Verdict verdict;
};

/// An input that the user did not state.
struct AssumedInput {
  std::string key;
  json::Value value;
  std::string why;
};

/// What `layout` found, with everything that went in.
struct LayoutResult {
  std::string model;           ///< as named
  std::string model_digest;    ///< of the file, or empty
  std::string cluster;         ///< as named
  std::string cluster_digest;  ///< of the file, or empty
  training::Job job;
  training::LayoutSpace space;
  training::LayoutSearch search;
  std::vector<NamedLayout> named;
  std::optional<training::RankedLayout> least;  ///< of all, when nothing fits
  std::optional<std::int64_t> devices_needed;   ///< when nothing fits
  training::Failures failures;
  training::Goodput goodput;
  double checkpoint_bytes = 0;
  std::string calibration;  ///< id
  bool family_known = true;
  double level = 0.9;  ///< of intervals
  std::vector<AssumedInput> assumed;
};

/// `explain` adds why the winner beats the others and what the figures mean.
Report present(const LayoutResult& result, bool explain);

}  // namespace scaleplan::report
