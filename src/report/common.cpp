#include "report/common.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "scaleplan/report/present.hpp"

namespace scaleplan::report {

std::string level_text(double level) {
  return fmt::format("{} %", format_number(100 * level, 4));
}

Column interval_column(double level, const std::string& key) {
  return {level_text(level), {key + "_low", key + "_high"}, true};
}

Column column(const std::string& header, const std::string& key) {
  return {header, {key}, true};
}

Column text_column(const std::string& header, const std::string& key) {
  return {header, {key}, false};
}

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string dropped_text(const runs::Dropped& dropped) {
  std::string text = counted(dropped.count, "row") + " left out: " + dropped.reason;
  if (!dropped.first.file.empty()) {
    text += "; the first is " + dropped.first.file;
    text += dropped.first.line > 0 ? fmt::format(":{}", dropped.first.line) : "";
  }
  return text;
}

json::Value dropped_value(const std::vector<runs::Dropped>& dropped) {
  json::Value out{json::Array{}};
  for (const runs::Dropped& each : dropped) {
    json::Value item;
    item.set("reason", each.reason);
    item.set("count", each.count);
    out.push(std::move(item));
  }
  return out;
}

std::string range_text(double low, double high, Dimension dimension) {
  return format_quantity(low, dimension) + " – " + format_quantity(high, dimension);
}

Dimension dimension_of(const laws::Input& input) {
  if (input.unit == "parameters") {
    return Dimension::params;
  }
  if (input.unit == "tokens") {
    return Dimension::tokens;
  }
  return input.unit == "FLOP" ? Dimension::flop : Dimension::number;
}

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

json::Value listing(const std::string& kind) {
  json::Value document;
  document.set("schema", "scaleplan/listing/1");
  document.set("kind", kind);
  return document;
}

}  // namespace scaleplan::report
