#include <fmt/format.h>

#include <filesystem>

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/proposals.hpp"
#include "cli/values.hpp"
#include "scaleplan/interop/measured_case.hpp"
#include "scaleplan/json/document.hpp"
#include "scaleplan/report/saved.hpp"

namespace scaleplan::cli {
namespace {

namespace fs = std::filesystem;

// the result in another format
Result<Answer> present_again(const json::Document& result, const Session& session) {
  Result<report::Report> report = report::present_saved(result, session.explain);
  if (!report) {
    return report.errors();
  }
  return Answer{Outcome::yes, std::move(*report), {}};
}

// Each file in its place below the folder, all or none of those that can be made.
Result<Answer> write_files(const std::vector<interop::LaunchFile>& files, const std::string& folder) {
  std::error_code code;
  fs::create_directories(folder, code);
  std::vector<Output> outputs;
  outputs.reserve(files.size());
  std::vector<std::string> paths;
  paths.reserve(files.size());
  for (const interop::LaunchFile& file : files) {
    paths.push_back((fs::path(folder) / file.name).string());
    Result<Output> output = Output::open(paths.back());
    if (!output) {
      return output.errors();
    }
    outputs.push_back(std::move(*output));
  }
  Answer answer;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const Result<Output::Written> written = outputs[i].write(files[i].text);
    if (!written) {
      return written.errors();
    }
    answer.text += paths[i] + "\n";
  }
  return answer;
}

std::string written_frameworks() {
  std::string names;
  for (const interop::Framework& each : interop::frameworks()) {
    if (each.writes) {
      names += (names.empty() ? "" : ", ") + std::string(each.id);
    }
  }
  return names;
}

// a measured case for `calibrate`, of a launch and the log of its run
Result<Answer> measured(const model::Proposal& run, const std::string& log, Session& session) {
  const Result<std::string> text = read_input(log, session);
  if (!text) {
    return text.errors();
  }
  const Result<json::Value> found = interop::measured_case(*text, log, run, session.catalogue);
  if (!found) {
    return found.errors();
  }
  Answer answer;
  answer.text = json::write(*found) + "\n";
  return answer;
}

// what to launch the plan or proposal with
Result<Answer> launch(const std::string& text, const std::string& path, const Values& values,
                      Session& session) {
  const Result<model::Proposal> proposal =
      interop::read_proposal(text, path, values.text("--as").value_or(""), sources_beside(path, session));
  if (!proposal) {
    return proposal.errors();
  }
  if (const std::optional<std::string> log = values.text("--log")) {
    return measured(*proposal, *log, session);
  }
  Result<std::vector<interop::LaunchFile>> files = interop::write_launch(*proposal, *values.text("--to"));
  if (!files) {
    return files.errors();
  }
  if (const std::optional<std::string> folder = values.text("--folder")) {
    return write_files(*files, *folder);
  }
  if (files->size() > 1) {
    return error(fmt::format("{} takes {} files", *values.text("--to"), files->size()),
                 "say where they go with --folder DIR");
  }
  Answer answer;
  answer.text = std::move(files->front().text);
  return answer;
}

Result<Answer> run(const Arguments& arguments, Session& session) {
  Diagnostics errors;
  const Values values(arguments, errors);
  for (const char* needs : {"--folder", "--as"}) {
    if (values.text(needs) && !values.text("--to")) {
      return error(fmt::format("option '{}' needs --to FRAMEWORK", needs));
    }
  }
  if (values.text("--to") &&
      (values.text("--format") || (values.text("--output") && values.text("--folder")))) {
    return error(values.text("--format") ? "option '--format' says nothing about launch files"
                                         : "options '--output' and '--folder' both say where files go",
                 "leave it out");
  }
  if ((values.text("--to") == "cases") != values.text("--log").has_value()) {
    return error("--to cases and --log FILE go together", "say what was launched, and the log of its run");
  }
  const std::string& path = arguments.operands.front();
  Result<std::string> text = read_input(path, session);
  if (!text) {
    return text.errors();
  }
  if (values.text("--to")) {
    return launch(*text, path, values, session);
  }
  const Result<json::Document> result = json::parse(std::move(*text), path);
  if (!result) {
    return result.errors();
  }
  return present_again(*result, session);
}

}  // namespace

const Command& render_command() {
  static const Command command = {
      "render",
      "show a saved result as a page, a table, charts or launch files",
      {{"RESULT", "what a command wrote with --format json, or - for standard input", 1, 1}},
      {{"--to", "", "FRAMEWORK",
        "write the plan or proposal as what this framework launches: " + written_frameworks(), "", false},
       {"--folder", "", "DIR", "where --to writes all its files", "one file on standard output", false},
       {"--log", "", "FILE",
        "with --to cases: the log of the run that RESULT launched, as a measured case for calibrate", "",
        false},
       {"--as", "", "FRAMEWORK", "whose file RESULT is, to turn it into another's", "told by its content",
        false}},
      {"scaleplan plan scenario.json --detail report --format json -o plan.json",
       "scaleplan render plan.json --format html -o plan.html",
       "scaleplan fit runs.jsonl --format json | scaleplan render - --format markdown",
       "scaleplan render plan.json --to megatron-lm -o train.sh",
       "scaleplan render plan.json --to torchtitan --folder launch",
       "scaleplan render train.sh --to cases --log train.log | scaleplan calibrate - --evaluate-only"},
      run,
  };
  return command;
}

}  // namespace scaleplan::cli
