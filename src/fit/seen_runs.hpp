#pragma once

#include "fit/model.hpp"
#include "scaleplan/json/reader.hpp"

namespace scaleplan::fit {

SeenRuns seen_runs(const Model& model);

json::Value to_json(const SeenRuns& runs);
/// Reads what `to_json` wrote.
SeenRuns read_seen_runs(json::ObjectReader& reader);

}  // namespace scaleplan::fit
