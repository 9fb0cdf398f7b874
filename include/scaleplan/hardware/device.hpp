#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scaleplan/base/quantity.hpp"
#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::hardware {

/// Mean draw of one device by what it does, where somebody measured it.
struct PowerStates {
  std::optional<Watts> idle;      ///< no process holds the device
  std::optional<Watts> waiting;   ///< a process holds it and nothing runs; independent of the bytes resident
  std::optional<Watts> training;  ///< dense language-model training at usual MFU
  /// Generation, as share of the board limit: base + bandwidth·u_m + compute·u_c, where u is achieved over
  /// peak and u_c counts generation alone.
  struct Decode {
    double base;
    double bandwidth;
    double compute;
  };
  std::optional<Decode> decode;
  std::string source;
};

/// Emission of making one device.
struct Embodied {
  GramsCo2 carbon;
  std::string covers;  ///< die | board
  std::string source;
};

/// One accelerator: share/scaleplan/devices, schema scaleplan/device/1. Peaks are dense. What the source
/// does not give is absent, never zero.
struct Device {
  std::string id;
  std::string title;
  std::string vendor;
  std::string family;  ///< of architectures that share efficiencies: volta, ampere, hopper, cdna, tpu, …
  int multiprocessors = 0;  ///< that output tiles are dealt to; 0: systolic arrays of 128 × 128
  int launch_year = 0;
  std::map<std::string, FlopPerSecond>
      peak;  ///< by matrix-multiply type: fp32, tf32, fp16, bf16, fp8, fp4, int8
  std::map<std::string, FlopPerSecond> measured;  ///< best matrix multiplications measured
  Bytes memory;                                   ///< vendor's figure
  std::optional<Bytes> memory_reported;           ///< what the device itself reports as capacity
  std::optional<BytesPerSecond> memory_bandwidth;
  std::string link;                              ///< between devices of a node
  std::optional<BytesPerSecond> link_bandwidth;  ///< per direction
  int scale_up_devices = 1;                      ///< devices that the link joins
  int torus_axes = 0;                            ///< 0: switched; else axes with a link each way
  int devices_per_node = 1;
  std::optional<BytesPerSecond> nic_bandwidth;  ///< per device and direction, typical
  std::optional<Watts> power;                   ///< board limit
  PowerStates power_states;
  std::optional<Embodied> embodied;
  std::optional<Dollars> price_per_hour;  ///< a published price, of `price_date`
  std::string price_date;
  std::string price_source;
  std::string source;
  std::string notes;
  bool verified = false;  ///< every figure but the multiprocessors was read in its source, none remembered
};

Result<Device> read_device(const json::Document& document);
Result<Device> find_device(const json::Catalogue& catalogue, std::string_view id);

/// A machine: share/scaleplan/nodes, schema scaleplan/node/1.
struct Node {
  std::string id;
  std::string title;
  std::string device;
  int devices = 1;
  int nics = 0;
  std::optional<BytesPerSecond> nic_bandwidth;      ///< each, per direction
  std::optional<BytesPerSecond> network_bandwidth;  ///< all together, per direction
  std::optional<Bytes> host_memory;
  std::optional<Watts> power;  ///< rated maximum of the node
  std::string source;
  std::string notes;
  bool verified = false;
};

Result<Node> read_node(const json::Document& document);
Result<Node> find_node(const json::Catalogue& catalogue, std::string_view id);

}  // namespace scaleplan::hardware
