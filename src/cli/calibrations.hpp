#pragma once

#include <optional>
#include <string>

#include "cli/command.hpp"
#include "scaleplan/json/document.hpp"
#include "scaleplan/training/efficiency.hpp"

namespace scaleplan::cli {

/// A calibration file, parsed but not judged.
struct CalibrationFile {
  json::Document document;
  std::string digest;
};
Result<CalibrationFile> read_calibration(const std::string& path, Session& session);

/// What --calibration names (a file), else the shipped calibration of training.
Result<training::Efficiency> training_efficiency(const std::optional<std::string>& path, Session& session);

/// The option that every command with a step time takes.
Option calibration_option();

}  // namespace scaleplan::cli
