#pragma once

#include <optional>
#include <string>

#include "cli/command.hpp"
#include "cli/values.hpp"
#include "scaleplan/fit/predictor.hpp"
#include "scaleplan/json/document.hpp"
#include "scaleplan/plan/scenario.hpp"

namespace scaleplan::cli {

/// Options of every command that plans a scenario: --law, --set, --calibration.
const std::vector<Option>& scenario_options();

struct ScenarioInput {
  json::Document document;  ///< with every --set put in
  std::string folder;       ///< that paths in the document are relative to
};

/// The first operand, "-" for standard input; without one, the embedded default.
Result<ScenarioInput> read_scenario_document(const Arguments& arguments, Session& session);

/// What the command line says beside the scenario: level, seed and calibration.
Result<bool> adopt_options(const Arguments& arguments, Session& session, plan::Scenario& scenario);

struct Loss {
  fit::Predictor predictor;
  std::string digest;  ///< of the document it was read from, or empty
};

/// The law by --law, else as the scenario says. --law comes before the scenario's choice; the scenario's
/// group then only picks among several.
Result<Loss> loss_law(const Arguments& arguments, plan::Scenario& scenario, const std::string& folder,
                      Session& session);

}  // namespace scaleplan::cli
