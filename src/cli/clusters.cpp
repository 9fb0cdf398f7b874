#include "cli/clusters.hpp"

#include <algorithm>

#include "cli/files.hpp"
#include "scaleplan/base/digest.hpp"
#include "scaleplan/base/suggest.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::cli {
namespace {

bool has(const Session& session, const char* kind, const std::string& id) {
  const std::vector<std::string> ids = session.catalogue.ids(kind);
  return std::binary_search(ids.begin(), ids.end(), id);
}

Diagnostic unknown(const std::string& text, const Session& session) {
  std::vector<std::string> known;
  for (const char* kind : {"clusters", "nodes", "devices"}) {
    const std::vector<std::string> ids = session.catalogue.ids(kind);
    known.insert(known.end(), ids.begin(), ids.end());
  }
  const std::string near = did_you_mean(text, known);
  return error("no cluster, node or device is called '" + text + "'",
               (near.empty() ? "" : near + " ") + "(list them: scaleplan show nodes)");
}

Result<hardware::Cluster> cluster_file(const std::string& path, Session& session, std::string& digest) {
  Result<std::string> text = read_input(path, session);
  if (!text) {
    return text.errors();
  }
  digest = sha256(*text);
  const Result<json::Document> document = json::parse(std::move(*text), path);
  if (!document) {
    return document.errors();
  }
  return hardware::read_cluster(*document);
}

Result<ChosenCluster> finish(ChosenCluster chosen, std::optional<std::int64_t> devices, Session& session,
                             const std::string& device_id) {
  if (!devices) {
    return error("how many devices '" + chosen.name + "' has is not said", "add --devices N");
  }
  const Result<hardware::Device> device = hardware::find_device(session.catalogue, device_id);
  if (!device) {
    return device.errors();
  }
  const Result<hardware::Machine> machine =
      hardware::machine_of(*device, chosen.node ? &*chosen.node : nullptr, *devices,
                           chosen.cluster ? chosen.cluster->network : hardware::Network{});
  if (!machine) {
    return machine.errors();
  }
  chosen.machine = *machine;
  return chosen;
}

Result<ChosenCluster> with_node(ChosenCluster chosen, const std::string& id,
                                std::optional<std::int64_t> devices, Session& session) {
  const Result<hardware::Node> node = hardware::find_node(session.catalogue, id);
  if (!node) {
    return node.errors();
  }
  chosen.node = *node;
  return finish(std::move(chosen), devices, session, node->device);
}

}  // namespace

Result<ChosenCluster> choose_cluster(const std::string& text, std::optional<std::int64_t> devices,
                                     Session& session) {
  ChosenCluster chosen;
  chosen.name = text;
  const bool file = text == "-" || text.ends_with(".json") || is_file(text);
  if (file || has(session, "clusters", text)) {
    const Result<hardware::Cluster> cluster =
        file ? cluster_file(text, session, chosen.digest) : hardware::find_cluster(session.catalogue, text);
    if (!cluster) {
      return cluster.errors();
    }
    chosen.cluster = *cluster;
    return with_node(std::move(chosen), cluster->node, devices ? devices : cluster->devices, session);
  }
  if (has(session, "nodes", text)) {
    return with_node(std::move(chosen), text, devices, session);
  }
  if (has(session, "devices", text)) {
    return finish(std::move(chosen), devices, session, text);
  }
  return unknown(text, session);
}

}  // namespace scaleplan::cli
