#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scaleplan/base/control.hpp"
#include "scaleplan/calibration/error_table.hpp"
#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::calibration {

struct Request {
  const json::Catalogue* catalogue = nullptr;
  std::optional<json::Document> calibration;  ///< in force instead of the shipped one
  bool evaluate_only = false;                 ///< score the calibration in force, fit nothing
  bool leave_out_publisher = false;           ///< score each publisher by a fit to the others
  double level = 0.9;                         ///< of intervals
  Control control;
};

/// How well a set of layouts on one machine is put in order, by throughput per device.
struct Ranking {
  std::string group;
  long cases = 0;
  double spearman = 0;
  double kendall = 0;
  double regret = 0;  ///< throughput lost by taking the best predicted instead of the best measured
};

struct Outcome {
  std::string kind;
  Scores scores;
  std::vector<Ranking> rankings;
  json::Value constants;                   ///< of the calibration: the section named after the kind
  std::map<std::string, double> own_runs;  ///< mean over publishers of |error| after so many own runs
  std::map<std::string, long> ignored;     ///< unread keys of records, and how often
  std::vector<std::string> notes;          ///< regime of validity, assumptions, warnings
  std::string calibration;                 ///< id of what scored the cases
};

/// A document of kind scaleplan/cases/1, by its `kind` ("training", "serving", "energy"). An unknown kind is
/// an error that lists the known; records that cannot be predicted are skipped with their reason.
Result<Outcome> calibrate(const json::Document& cases, const Request& request);

// One of each kind; calibrate.cpp has the table.
Result<Outcome> calibrate_energy(const json::Document& cases, const Request& request);
Result<Outcome> calibrate_training(const json::Document& cases, const Request& request);
Result<Outcome> calibrate_serving(const json::Document& cases, const Request& request);

}  // namespace scaleplan::calibration
