#include "scaleplan/hardware/device.hpp"

#include "scaleplan/json/reader.hpp"

namespace scaleplan::hardware {

namespace {

using Range = json::ObjectReader::Range;
constexpr Range positive{0, 1e300, true};

template <class Q>
std::optional<Q> quantity(json::ObjectReader& reader, std::string_view key, Dimension dimension) {
  if (auto raw = reader.quantity(key, dimension, positive)) return Q(*raw);
  return std::nullopt;
}

std::map<std::string, FlopPerSecond> rates(json::ObjectReader& reader, std::string_view key) {
  std::map<std::string, FlopPerSecond> found;
  reader.object(key, [&](json::ObjectReader& object) {
    for (const char* type : {"fp64", "fp32", "tf32", "fp16", "bf16", "fp8", "fp4", "int8"}) {
      if (auto rate = quantity<FlopPerSecond>(object, type, Dimension::flop_rate)) found.emplace(type, *rate);
    }
    object.finish();
  });
  return found;
}

void read_link(json::ObjectReader& reader, Device& device) {
  reader.object("link", [&](json::ObjectReader& link) {
    device.link = link.string("name").value_or("");
    device.link_bandwidth = quantity<BytesPerSecond>(link, "bytes_per_s_per_direction", Dimension::byte_rate);
    device.scale_up_devices = static_cast<int>(link.integer("devices", 1, 1 << 20).value_or(1));
    device.torus_axes = static_cast<int>(link.integer("torus_axes", 2, 3).value_or(0));
    link.finish();
  });
}

void read_price(json::ObjectReader& reader, Device& device) {
  reader.object("price", [&](json::ObjectReader& price) {
    device.price_per_hour = quantity<Dollars>(price, "usd_per_hour", Dimension::dollars);
    device.price_date = price.string("date").value_or("");
    device.price_source = price.string("source").value_or("");
    for (const char* key : {"usd_per_hour", "date"}) price.require(key);
    price.finish();
  });
}

void read_power_states(json::ObjectReader& reader, Device& device) {
  reader.object("power_states", [&](json::ObjectReader& object) {
    PowerStates& states = device.power_states;
    states.idle = quantity<Watts>(object, "idle_w", Dimension::watts);
    states.waiting = quantity<Watts>(object, "waiting_w", Dimension::watts);
    states.training = quantity<Watts>(object, "training_w", Dimension::watts);
    object.object("decode_share", [&](json::ObjectReader& share) {
      states.decode = PowerStates::Decode{share.number("base", {0, 1}).value_or(0),
                                          share.number("bandwidth", {0, 10}).value_or(0),
                                          share.number("compute", {0, 10}).value_or(0)};
      for (const char* key : {"base", "bandwidth", "compute"}) share.require(key);
      share.finish();
    });
    object.require("source");
    states.source = object.string("source").value_or("");
    for (const char* key : {"idle_w", "waiting_w", "training_w"}) {
      const json::Value* draw = object.raw(key);
      if (draw != nullptr && draw->is_number() && device.power && draw->number() > device.power->raw()) {
        object.fail(key, "more than the board limit power_w");
      }
    }
    object.finish();
  });
}

void read_embodied(json::ObjectReader& reader, Device& device) {
  reader.object("embodied", [&](json::ObjectReader& object) {
    static const std::vector<std::string> kinds = {"die", "board"};
    for (const char* key : {"g", "covers", "source"}) object.require(key);
    device.embodied =
        Embodied{quantity<GramsCo2>(object, "g", Dimension::grams).value_or(GramsCo2(0)),
                 object.choice("covers", kinds).value_or(""), object.string("source").value_or("")};
    object.finish();
  });
}

// `evidence` says in words which figures were read and which recalled; `verified` is what programs ask.
template <class T>
void read_origin(json::ObjectReader& reader, T& entry) {
  json::read_schema(reader, std::is_same_v<T, Device> ? "device" : "node", 1);
  for (const char* key : {"id", "source", "verified"}) reader.require(key);
  entry.id = reader.string("id").value_or("");
  entry.title = reader.string("title").value_or(entry.id);
  entry.source = reader.string("source").value_or("");
  entry.notes = reader.string("notes").value_or("");
  entry.verified = reader.boolean("verified").value_or(false);
  reader.accept("evidence");
}

}  // namespace

Result<Device> read_device(const json::Document& document) {
  Diagnostics diagnostics;
  json::ObjectReader reader(document, document.root(), "", diagnostics);
  Device device;
  read_origin(reader, device);
  device.vendor = reader.string("vendor").value_or("");
  device.family = reader.string("family").value_or("");
  reader.object("multiprocessors", [&](json::ObjectReader& object) {
    device.multiprocessors = static_cast<int>(object.integer("count", 1, 1 << 16).value_or(0));
    for (const char* key : {"count", "source"}) object.require(key);
    object.accept("source");
    object.finish();
  });
  device.launch_year = static_cast<int>(reader.integer("launch_year", 1990, 2100).value_or(0));
  reader.require("peak_flop_per_s");
  device.peak = rates(reader, "peak_flop_per_s");
  device.measured = rates(reader, "measured_flop_per_s");
  reader.require("memory_bytes");
  device.memory = quantity<Bytes>(reader, "memory_bytes", Dimension::bytes).value_or(Bytes(0));
  device.memory_reported = quantity<Bytes>(reader, "memory_reported_bytes", Dimension::bytes);
  device.memory_bandwidth =
      quantity<BytesPerSecond>(reader, "memory_bandwidth_bytes_per_s", Dimension::byte_rate);
  read_link(reader, device);
  device.devices_per_node = static_cast<int>(reader.integer("devices_per_node", 1, 1 << 20).value_or(1));
  device.nic_bandwidth = quantity<BytesPerSecond>(reader, "nic_bytes_per_s", Dimension::byte_rate);
  device.power = quantity<Watts>(reader, "power_w", Dimension::watts);
  read_power_states(reader, device);
  read_embodied(reader, device);
  read_price(reader, device);
  reader.finish();
  if (has_errors(diagnostics)) return diagnostics;
  return device;
}

Result<Node> read_node(const json::Document& document) {
  Diagnostics diagnostics;
  json::ObjectReader reader(document, document.root(), "", diagnostics);
  Node node;
  read_origin(reader, node);
  for (const char* key : {"device", "devices"}) reader.require(key);
  node.device = reader.string("device").value_or("");
  node.devices = static_cast<int>(reader.integer("devices", 1, 1 << 20).value_or(1));
  node.nics = static_cast<int>(reader.integer("nics", 0, 1 << 20).value_or(0));
  node.nic_bandwidth = quantity<BytesPerSecond>(reader, "nic_bytes_per_s", Dimension::byte_rate);
  node.network_bandwidth = quantity<BytesPerSecond>(reader, "network_bytes_per_s", Dimension::byte_rate);
  node.host_memory = quantity<Bytes>(reader, "host_memory_bytes", Dimension::bytes);
  node.power = quantity<Watts>(reader, "power_w", Dimension::watts);
  reader.finish();
  if (has_errors(diagnostics)) return diagnostics;
  return node;
}

Result<Device> find_device(const json::Catalogue& catalogue, std::string_view id) {
  Result<json::Document> document = catalogue.find("devices", id);
  if (!document) return document.errors();
  return read_device(*document);
}

Result<Node> find_node(const json::Catalogue& catalogue, std::string_view id) {
  Result<json::Document> document = catalogue.find("nodes", id);
  if (!document) return document.errors();
  return read_node(*document);
}

}  // namespace scaleplan::hardware
