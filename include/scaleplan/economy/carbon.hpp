#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scaleplan/base/quantity.hpp"
#include "scaleplan/economy/money.hpp"
#include "scaleplan/hardware/device.hpp"
#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::economy {

/// Mean emission of a grid's electricity in one year.
struct Intensity {
  std::optional<int> year;  ///< of the data; absent where the source states none
  GramsCo2PerJoule carbon;
};

/// A grid: share/scaleplan/regions, schema scaleplan/region/1. Location-based averages; purchases of
/// certificates and offsets are not in them.
struct Region {
  std::string id;
  std::string title;
  std::string kind;  ///< world | country | us-state | ca-province | cloud-region | bidding-zone
  std::vector<Intensity> intensity;  ///< oldest first; never empty
  std::string source;
  std::string notes;
  bool verified = false;

  /// The newest, or that of `year`; nothing when the file has no such year.
  [[nodiscard]] std::optional<Intensity> at(std::optional<int> year = {}) const;
};

Result<Region> read_region(const json::Document& document);
Result<Region> find_region(const json::Catalogue& catalogue, std::string_view id);

constexpr GramsCo2PerJoule grams_per_kwh(double grams) {
  return GramsCo2(grams) / kilowatt_hour;
}

/// A published intensity below this is more likely a misprint than a grid.
inline constexpr GramsCo2PerJoule implausibly_clean = grams_per_kwh(5);

/// One kind of part of the machines, for emissions of making them.
struct Part {
  std::string name;
  GramsCo2 each;
  double count = 0;
};

/// Life of a machine and the share of it that it is in use.
struct Life {
  double years = 5;
  double use = 1;
};

/// Share of the parts' making that `time` of their use has to bear.
GramsCo2 embodied_carbon(const std::vector<Part>& parts, Seconds time, const Life& life);

/// Grams that a second of a device bears of its making, over the five years of use that LLMCarbon
/// (arXiv:2309.14393) takes; 0 where the device's file does not say.
double embodied_rate(const hardware::Device& device);

}  // namespace scaleplan::economy
