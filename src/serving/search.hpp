#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scaleplan/serving/deployment.hpp"
#include "serving/service.hpp"

namespace scaleplan::serving {

/// One way to cut a replica.
struct Cut {
  std::string weights;
  std::string cache;
  std::int64_t tp = 1;
  std::int64_t pp = 1;
  std::int64_t ep = 1;
  bool attention_dp = false;
};

/// Everything that is asked, and what the candidates so far came to.
struct Search {
  const model::Shape& shape;
  const Place& place;
  const Demand& demand;
  const Freedom& freedom;
  const Efficiency& efficiency;
  Body body;
  Traffic traffic;
  std::vector<Deployed> found = {};
  std::map<std::string, std::int64_t> rejected = {};
  std::int64_t evaluated = 0;
  // how near the limits any candidate came
  double best_ttft = std::numeric_limits<double>::infinity();
  double best_tpot = std::numeric_limits<double>::infinity();
  double least_memory = std::numeric_limits<double>::infinity();  ///< devices that would hold the model
  std::int64_t least_devices = 0;
};

/// Precisions to try.
std::vector<std::string> weight_names(const Search& search);
std::vector<std::string> cache_names(const Search& search, const std::string& weights);
/// Cuts that engines accept: heads divide, whole experts per device, no pipeline of expert-parallel stages.
std::vector<Cut> cuts(const Search& search);
Result<Replica> replica_of(const Search& search, const Cut& cut);

/// Terms of the cost model that serving reads; a technique on another is an error.
Diagnostics foreign_terms(const terms::Stack& techniques);
/// What the techniques do to bytes, cache and tokens of a pass.
Result<Replica> with_techniques(Replica replica, const terms::Stack& techniques);
/// Why a technique does not act on this cut ("marlin needs weight_bits 4"), or empty.
std::string inapplicable(const Search& search, const Cut& cut, const Replica& replica);
/// What techniques need and serving cannot tell: assumed to hold.
std::vector<Assumed> unchecked(const Search& search);

/// What a prefill-only replica does at the highest rate that keeps the demand's limit.
struct Pool {
  std::int64_t tp = 1;
  std::int64_t devices = 1;
  double queries_per_s = 0;
  Station::Handover handover;
};

std::optional<Pool> pool_of(const Search& search, const Cut& cut, const Replica& replica);
/// The pool with most queries per device for decoding replicas of `cut`.
std::optional<Pool> best_pool(const Search& search, const std::vector<Cut>& all, const Cut& cut);

/// Sizes and prices one cut, aggregated or behind a pool of prefill devices, or counts why not.
void consider(Search& search, const Cut& cut, Replica replica, const std::optional<Pool>& pool);

}  // namespace scaleplan::serving
