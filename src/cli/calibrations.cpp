#include "cli/calibrations.hpp"

#include "cli/files.hpp"
#include "scaleplan/base/digest.hpp"

namespace scaleplan::cli {

Result<CalibrationFile> read_calibration(const std::string& path, Session& session) {
  Result<std::string> text = read_input(path, session);
  if (!text) {
    return text.errors();
  }
  CalibrationFile out;
  out.digest = sha256(*text);
  Result<json::Document> document = json::parse(std::move(*text), path);
  if (!document) {
    return document.errors();
  }
  out.document = std::move(*document);
  return out;
}

Result<training::Efficiency> training_efficiency(const std::optional<std::string>& path, Session& session) {
  if (!path) {
    return training::default_efficiency(session.catalogue);
  }
  const Result<CalibrationFile> file = read_calibration(*path, session);
  if (!file) {
    return file.errors();
  }
  return training::read_efficiency(file->document);
}

Option calibration_option() {
  return {"--calibration",    "",   "FILE", "constants that 'scaleplan calibrate --format json' wrote",
          "the shipped ones", false};
}

}  // namespace scaleplan::cli
