#include "scaleplan/report/saved.hpp"

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::cli {
namespace {

// the result in another format
Result<Answer> present_again(const json::Document& result, const Session& session) {
  Result<report::Report> report = report::present_saved(result, session.explain);
  if (!report) {
    return report.errors();
  }
  return Answer{Outcome::yes, std::move(*report), {}};
}

Result<Answer> run(const Arguments& arguments, Session& session) {
  const std::string& path = arguments.operands.front();
  Result<std::string> text = read_input(path, session);
  if (!text) {
    return text.errors();
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
      {},
      {"scaleplan plan scenario.json --detail report --format json -o plan.json",
       "scaleplan render plan.json --format html -o plan.html",
       "scaleplan fit runs.jsonl --format json | scaleplan render - --format markdown"},
      run,
  };
  return command;
}

}  // namespace scaleplan::cli
