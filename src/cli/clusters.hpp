#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/command.hpp"
#include "scaleplan/hardware/cluster.hpp"

namespace scaleplan::cli {

/// The CLUSTER operand, resolved.
struct ChosenCluster {
  std::string name;  ///< as typed
  hardware::Machine machine;
  std::optional<hardware::Node> node;        ///< absent when a bare device was named
  std::optional<hardware::Cluster> cluster;  ///< when a cluster was named
  std::string digest;                        ///< SHA-256 of the cluster file, or empty
};

/// `text` is a cluster id or file (its device count unless `devices` says another), or a node or device id
/// with `devices`. Unknown ids name the nearest of all three kinds.
Result<ChosenCluster> choose_cluster(const std::string& text, std::optional<std::int64_t> devices,
                                     Session& session);

}  // namespace scaleplan::cli
