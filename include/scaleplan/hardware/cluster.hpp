#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "scaleplan/hardware/machine.hpp"

namespace scaleplan::hardware {

/// An installation: share/scaleplan/clusters, schema scaleplan/cluster/1.
struct Cluster {
  std::string id;
  std::string title;
  std::string node;  ///< id of the node type
  std::int64_t devices = 1;
  Network network;     ///< where it differs from the node's usual one
  std::string region;  ///< id of a region, or empty
  std::optional<double> pue;
  std::optional<Dollars> price_per_hour;  ///< of one device
  std::string price_date;
  std::string source;
  std::string notes;
  bool verified = false;
};

Result<Cluster> read_cluster(const json::Document& document);
Result<Cluster> find_cluster(const json::Catalogue& catalogue, std::string_view id);

}  // namespace scaleplan::hardware
