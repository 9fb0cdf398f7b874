#pragma once

#include <string>
#include <vector>

#include "scaleplan/hardware/cluster.hpp"
#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/serving/deployment.hpp"

namespace scaleplan::serving {

/// A place, and what nobody stated about it.
struct Located {
  Place place;
  std::string region;  ///< with its year, or empty
  std::vector<Assumed> assumed;
};

/// Power, price, grid and PUE of a machine: as the demand's `site` says (may be null), else as the cluster
/// does (may be null), else the device's list price, no grid and a PUE of 1. Errors: an unknown region, a cap
/// outside of what the device takes, a device whose power is not known.
Result<Located> locate(const hardware::Machine& machine, const hardware::Node* node,
                       const hardware::Cluster* cluster, const Site* site, const json::Catalogue& catalogue);

/// The site of a demand by its id: a cluster with its devices, or a node or device of which there are as many
/// as it takes. Errors also: an id that is none of these.
Result<Located> locate(const Site& site, const json::Catalogue& catalogue);

}  // namespace scaleplan::serving
