#include "scaleplan/hardware/cluster.hpp"

#include "scaleplan/json/reader.hpp"

namespace scaleplan::hardware {
namespace {

constexpr std::int64_t most_devices = 1 << 24;

void read_network(json::ObjectReader& reader, Network& network) {
  reader.object("network", [&](json::ObjectReader& object) {
    if (auto rate = object.quantity("nic_bytes_per_s_per_device", Dimension::byte_rate, {0, 1e300, true})) {
      network.nic_bandwidth = BytesPerSecond(*rate);
    }
    network.pod_devices = object.integer("pod_devices", 1, most_devices);
    object.finish();
  });
}

void read_price(json::ObjectReader& reader, Cluster& cluster) {
  reader.object("price", [&](json::ObjectReader& object) {
    if (auto price = object.quantity("usd_per_device_hour", Dimension::dollars, {0, 1e9})) {
      cluster.price_per_hour = Dollars(*price);
    }
    cluster.price_date = object.string("date").value_or("");
    for (const char* key : {"usd_per_device_hour", "date"}) object.require(key);
    object.finish();
  });
}

}  // namespace

Result<Cluster> read_cluster(const json::Document& document) {
  Diagnostics diagnostics;
  json::ObjectReader reader(document, document.root(), "", diagnostics);
  json::read_schema(reader, "cluster", 1);
  Cluster cluster;
  for (const char* key : {"id", "node", "devices"}) reader.require(key);
  cluster.id = reader.string("id").value_or("");
  cluster.title = reader.string("title").value_or(cluster.id);
  cluster.node = reader.string("node").value_or("");
  cluster.devices = reader.integer("devices", 1, most_devices).value_or(1);
  read_network(reader, cluster.network);
  cluster.region = reader.string("region").value_or("");
  cluster.pue = reader.number("pue", {1, 10});
  read_price(reader, cluster);
  cluster.source = reader.string("source").value_or("");
  cluster.notes = reader.string("notes").value_or("");
  cluster.verified = reader.boolean("verified").value_or(false);
  reader.accept("evidence");
  reader.finish();
  if (has_errors(diagnostics)) return diagnostics;
  return cluster;
}

Result<Cluster> find_cluster(const json::Catalogue& catalogue, std::string_view id) {
  Result<json::Document> document = catalogue.find("clusters", id);
  if (!document) return document.errors();
  return read_cluster(*document);
}

}  // namespace scaleplan::hardware
