#include "scaleplan/calibration/calibrate.hpp"

#include <array>
#include <string_view>

#include "scaleplan/base/suggest.hpp"
#include "scaleplan/json/reader.hpp"

namespace scaleplan::calibration {
namespace {

struct Kind {
  std::string_view name;
  Result<Outcome> (*run)(const json::Document&, const Request&);
};

constexpr std::array kinds = {
    Kind{"energy", calibrate_energy},
    Kind{"training", calibrate_training},
    Kind{"serving", calibrate_serving},
};

}  // namespace

Result<Outcome> calibrate(const json::Document& cases, const Request& request) {
  Diagnostics diagnostics;
  json::ObjectReader reader(cases, cases.root(), "", diagnostics);
  json::read_schema(reader, "cases", 1);
  reader.require("kind");
  reader.require("cases");
  std::vector<std::string> names;
  names.reserve(std::size(kinds));
  for (const Kind& kind : kinds) {
    names.emplace_back(kind.name);
  }
  const std::string kind = reader.choice("kind", names).value_or("");
  if (has_errors(diagnostics)) {
    return diagnostics;
  }
  for (const Kind& each : kinds) {
    if (each.name == kind) {
      return each.run(cases, request);
    }
  }
  return error("no cases of a known kind");
}

}  // namespace scaleplan::calibration
