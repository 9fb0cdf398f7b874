#include <fmt/format.h>

#include <array>

#include "cli/calibrations.hpp"
#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/values.hpp"
#include "scaleplan/base/digest.hpp"
#include "scaleplan/calibration/calibrate.hpp"
#include "scaleplan/report/calibration.hpp"

namespace scaleplan::cli {
namespace {

constexpr double default_level = 0.9;

Result<calibration::Request> request_of(const Arguments& arguments, Session& session,
                                        report::CalibrationView& view) {
  Diagnostics errors;
  Values values(arguments, errors);
  static const std::array<std::string, 1> folds = {"publisher"};
  calibration::Request out;
  out.evaluate_only = values.flag("--evaluate-only");
  out.leave_out_publisher = values.choice("--leave-out", folds).has_value();
  if (!errors.empty()) {
    return errors;
  }
  if (const auto path = values.text("--calibration")) {
    Result<CalibrationFile> file = read_calibration(*path, session);
    if (!file) {
      return file.errors();
    }
    out.calibration = std::move(file->document);
    view.calibration_digest = std::move(file->digest);
  }
  out.catalogue = &session.catalogue;
  out.control = session.control;
  out.level = session.level.value_or(default_level);
  view.level = out.level;
  view.left_out = out.leave_out_publisher;
  return out;
}

std::string ignored_keys(const calibration::Outcome& outcome) {
  long total = 0;
  std::string names;
  for (const auto& [key, count] : outcome.ignored) {
    total += count;
    names += (names.empty() ? "" : ", ") + key;
  }
  return fmt::format("{} values of keys that nobody reads: {}", total, names);
}

Result<Answer> run(const Arguments& arguments, Session& session) {
  report::CalibrationView view;
  view.explain = session.explain;
  const Result<calibration::Request> request = request_of(arguments, session, view);
  if (!request) {
    return request.errors();
  }
  const std::string& path = arguments.operands.front();
  Result<std::string> text = read_input(path, session);
  if (!text) {
    return text.errors();
  }
  view.cases_digest = sha256(*text);
  const Result<json::Document> cases = json::parse(std::move(*text), path);
  if (!cases) {
    return cases.errors();
  }
  const Result<calibration::Outcome> outcome = calibration::calibrate(*cases, *request);
  if (!outcome) {
    return outcome.errors();
  }
  Answer answer;
  if (session.verbose && !outcome->ignored.empty()) {
    answer.notes.push_back(ignored_keys(*outcome));
  }
  answer.report = report::present(*outcome, view);
  return answer;
}

}  // namespace

const Command& calibrate_command() {
  static const Command command = {
      "calibrate",
      "fit the constants of the cost models to measured runs, and say how well they predict",
      {{"CASES", "measured cases (scaleplan/cases/1), or - for standard input", 1, 1}},
      {{"--evaluate-only", "", "", "score the calibration in force, fit nothing", "", false},
       {"--leave-out", "", "publisher", "score each publisher by a fit to the others", "", false},
       calibration_option()},
      {"scaleplan calibrate cases.json --evaluate-only",
       "scaleplan calibrate cases.json --leave-out publisher --format json",
       "scaleplan calibrate own-runs.json --format json -o own.calibration.json"},
      run,
  };
  return command;
}

}  // namespace scaleplan::cli
