#include "scaleplan/plan/plan.hpp"

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/laws.hpp"
#include "cli/scenarios.hpp"
#include "scaleplan/base/digest.hpp"
#include "scaleplan/json/document.hpp"
#include "scaleplan/plan/scenario.hpp"
#include "scaleplan/report/present.hpp"

namespace scaleplan::cli {
namespace {

Result<Answer> run(const Arguments& arguments, Session& session) {
  Diagnostics errors;
  Values values(arguments, errors);
  static const std::vector<std::string> details = {"shape", "report"};
  const std::optional<std::size_t> detail = values.choice("--detail", details);
  if (!errors.empty()) {
    return errors;
  }
  Result<ScenarioInput> input = read_scenario_document(arguments, session);
  if (!input) {
    return input.errors();
  }
  Result<plan::Scenario> scenario = plan::read_scenario(input->document, session.catalogue);
  if (!scenario) {
    return scenario.errors();
  }
  if (const Result<bool> adopted = adopt_options(arguments, session, *scenario); !adopted) {
    return adopted.errors();
  }
  scenario->views = detail == 1;
  Result<Loss> loss = loss_law(arguments, *scenario, input->folder, session);
  if (!loss) {
    return loss.errors();
  }
  Result<plan::Plan> plan = plan::solve(*scenario, loss->predictor, session.catalogue, session.control);
  if (!plan) {
    return plan.errors();
  }
  plan->provenance.scenario_digest = sha256(json::write(input->document.root(), false));
  plan->provenance.loss_digest = loss->digest;
  Answer answer;
  const bool answered = plan->status == plan::Status::optimal || plan->status == plan::Status::feasible;
  answer.outcome = answered ? Outcome::yes : Outcome::no;
  answer.report = report::present(*plan, {.explain = session.explain, .detail = detail.has_value()});
  if (session.verbose) {
    answer.notes.push_back(
        fmt::format("law {}, {} draws", law_name(loss->predictor), loss->predictor.draw_count()));
  }
  return answer;
}

}  // namespace

const Command& plan_command() {
  static const Command command = {
      "plan",
      "plan the compute-optimal training run under every budget of a scenario",
      {{"SCENARIO", "what is given (scaleplan/scenario/1), or - for standard input; none: 1e24 FLOP", 0, 1}},
      [] {
        std::vector<Option> options = scenario_options();
        options.push_back({"--detail", "", "WHAT",
                           "shape: add the shape in full; report: add also what the charts of a report show",
                           "", false});
        return options;
      }(),
      {"scaleplan plan", "scaleplan plan --set budgets.train_flop=5.76e23 --law chinchilla:hoffmann2022",
       "scaleplan plan scenario.json --law small-runs.fit.json --format json -o plan.json",
       "scaleplan plan scenario.json --detail report --format html -o plan.html"},
      run,
  };
  return command;
}

}  // namespace scaleplan::cli
