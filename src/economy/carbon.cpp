#include "scaleplan/economy/carbon.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scaleplan/json/reader.hpp"

namespace scaleplan::economy {

namespace {

constexpr Seconds year{365.25 * 86400};

void read_intensity(json::ObjectReader& reader, Region& region) {
  reader.require("intensity");
  reader.objects("intensity", [&](json::ObjectReader& item, std::size_t) {
    Intensity intensity;
    if (const auto of = item.integer("year", 1990, 2100)) intensity.year = static_cast<int>(*of);
    item.require("g_per_kwh");
    intensity.carbon = grams_per_kwh(item.number("g_per_kwh", {0, 3000}).value_or(0));
    const bool twice = std::ranges::any_of(
        region.intensity, [&](const Intensity& other) { return other.year == intensity.year; });
    if (twice) item.fail("year", "this year stands twice", "keep one figure for each year");
    region.intensity.push_back(intensity);
    item.finish();
  });
  std::ranges::stable_sort(region.intensity, {}, &Intensity::year);
  if (region.intensity.empty() && reader.has("intensity")) {
    reader.fail("intensity", "a region without data cannot be used", "give at least one year");
  }
}

}  // namespace

std::optional<Intensity> Region::at(std::optional<int> of) const {
  if (!of) return intensity.back();
  const auto found = std::ranges::find(intensity, of, &Intensity::year);
  return found == intensity.end() ? std::nullopt : std::optional(*found);
}

Result<Region> read_region(const json::Document& document) {
  static const std::vector<std::string> kinds = {"world",       "country",      "us-state",
                                                 "ca-province", "cloud-region", "bidding-zone"};
  static const std::vector<std::string> bases = {"location"};
  Diagnostics diagnostics;
  json::ObjectReader reader(document, document.root(), "", diagnostics);
  json::read_schema(reader, "region", 1);
  Region region;
  for (const char* key : {"id", "title", "kind", "basis", "source", "verified"}) reader.require(key);
  region.id = reader.string("id").value_or("");
  region.title = reader.string("title").value_or("");
  region.kind = reader.choice("kind", kinds).value_or("");
  reader.choice("basis", bases);
  read_intensity(reader, region);
  region.source = reader.string("source").value_or("");
  reader.string("evidence");
  region.notes = reader.string("notes").value_or("");
  region.verified = reader.boolean("verified").value_or(false);
  reader.finish();
  if (has_errors(diagnostics)) return diagnostics;
  return region;
}

Result<Region> find_region(const json::Catalogue& catalogue, std::string_view id) {
  Result<json::Document> document = catalogue.find("regions", id);
  if (!document) return document.errors();
  return read_region(*document);
}

GramsCo2 embodied_carbon(const std::vector<Part>& parts, Seconds time, const Life& life) {
  GramsCo2 made;
  for (const Part& part : parts) made = made + part.count * part.each;
  return (time / (life.years * life.use * year)) * made;
}

double embodied_rate(const hardware::Device& device) {
  if (!device.embodied) return 0;
  return embodied_carbon({{device.id, device.embodied->carbon, 1}}, Seconds(1), Life{}).raw();
}

}  // namespace scaleplan::economy
