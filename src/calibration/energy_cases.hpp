#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scaleplan/base/quantity.hpp"
#include "scaleplan/calibration/error_table.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::calibration {

/// Published energy and carbon of one run. What its publisher does not state is absent.
struct EnergyCase {
  std::string id;
  std::string publisher;
  std::string score;
  std::string model;
  std::string device;
  std::string basis;  ///< what the energy counts: device_tdp | node_measured | site
  std::vector<std::string> quantities;
  std::optional<double> device_hours;
  std::optional<Watts> board_limit;
  std::optional<Watts> system_power;  ///< per device, host included
  std::optional<double> pue;
  bool pue_inside = false;  ///< the energy is the site's
  std::optional<GramsCo2PerJoule> intensity;
  std::optional<Joules> energy;
  std::optional<GramsCo2> carbon;  ///< operation alone
  std::optional<double> tokens;
  std::optional<double> params;
};

struct EnergyCases {
  std::vector<EnergyCase> cases;
  std::map<std::string, long> ignored;
};

/// A document of kind "energy" (scaleplan/cases/1). Records may hold any keys; null stands for not stated;
/// negative figures, a PUE below 1 and quantities that nobody computes are errors with their place.
Result<EnergyCases> read_energy_cases(const json::Document& document);

}  // namespace scaleplan::calibration
