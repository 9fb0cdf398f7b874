#pragma once

#include <string>
#include <vector>

#include "cli/clusters.hpp"
#include "cli/command.hpp"
#include "cli/values.hpp"
#include "scaleplan/model/catalogue.hpp"
#include "scaleplan/report/layout.hpp"
#include "scaleplan/training/layouts.hpp"

namespace scaleplan::cli {

/// Options that say what is trained by which software, and what of the layout space is open.
std::vector<Option> training_options();

/// The job that they state; what they do not say is a default, listed in `assumed`.
struct StatedJob {
  training::Job job;
  training::LayoutSpace space;
  std::vector<report::AssumedInput> assumed;
};
/// Options that do not read are added to `errors`.
StatedJob stated_job(const model::Model& model, const ChosenCluster& cluster, const Arguments& arguments,
                     Diagnostics& errors);

/// The calibration that --calibration names, else the shipped one.
Result<training::Efficiency> choose_efficiency(const Arguments& arguments, Session& session);

}  // namespace scaleplan::cli
