#include "scaleplan/plan/design.hpp"

#include <cmath>

#include "cli/command.hpp"
#include "cli/points.hpp"
#include "cli/rows.hpp"
#include "cli/scenarios.hpp"
#include "scaleplan/base/digest.hpp"
#include "scaleplan/json/document.hpp"
#include "scaleplan/report/design.hpp"

namespace scaleplan::cli {
namespace {

constexpr std::int64_t most_runs = 10000;

/// Rows that say which runs can be done: size and tokens as the law counts them, and FLOP where they say so.
Result<std::vector<fit::RunPoint>> candidates_of(const fit::Predictor& predictor, const RowOptions& options,
                                                 const std::vector<std::string>& paths, Session& session,
                                                 std::vector<std::string>& notes) {
  laws::Law law = predictor.members.front().law;
  if (law.size() == nullptr || law.tokens() == nullptr) {
    return error("law \"" + law.id + "\" has no size and tokens by which runs differ", "fit a loss law");
  }
  map_inputs(law, options);
  const Result<Rows> rows = read_rows(paths, options, session);
  if (!rows) {
    return rows.errors();
  }
  notes = rows->notes;
  const Result<Points> points = points_of(law, *rows, "", false);
  if (!points) {
    return points.errors();
  }
  const auto names = rows->table.labels.find("run");
  std::vector<fit::RunPoint> out;
  for (std::size_t i = 0; i < points->queries.size(); ++i) {
    const fit::Query& query = points->queries[i];
    fit::RunPoint run;
    run.name = names == rows->table.labels.end() ? "" : names->second[i];
    run.size = query.inputs.at(law.size()->name);
    run.tokens = query.inputs.at(law.tokens()->name);
    run.compute =
        std::isfinite(query.compute) ? query.compute : fit::compute_of(predictor, run.size, run.tokens);
    out.push_back(std::move(run));
  }
  return out;
}

Result<plan::DesignRequest> request_of(Values& values, Diagnostics& errors) {
  plan::DesignRequest request;
  const std::vector<double> budget = values.positives("--budget", Dimension::flop);
  if (budget.size() > 1) {
    errors.push_back(error("option '--budget': expected one quantity", "give it once"));
  } else if (!budget.empty()) {
    request.budget = budget.front();
  }
  request.runs = static_cast<std::size_t>(values.whole("--runs", 1, most_runs).value_or(0));
  static const std::vector<std::string> criteria{"size", "loss"};
  if (values.choice("--criterion", criteria) == std::size_t{1}) {
    request.criterion = fit::Criterion::loss;
  }
  request.noise = values.between("--noise", 0, 1);
  return request;
}

Result<Answer> run(const Arguments& arguments, Session& session) {
  Diagnostics errors;
  Values values(arguments, errors);
  Result<plan::DesignRequest> request = request_of(values, errors);
  const std::vector<std::string> paths = values.texts("--candidates");
  const RowOptions row_choice = row_options_of(values, {}, errors);
  if (!errors.empty()) {
    return errors;
  }
  const Result<ScenarioInput> input = read_scenario_document(arguments, session);
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
  const Result<Loss> loss = loss_law(arguments, *scenario, input->folder, session);
  if (!loss) {
    return loss.errors();
  }
  Answer answer;
  if (!paths.empty()) {
    Result<std::vector<fit::RunPoint>> candidates =
        candidates_of(loss->predictor, row_choice, paths, session, answer.notes);
    if (!candidates) {
      return candidates.errors();
    }
    request->candidates = std::move(*candidates);
  }
  Result<plan::Design> design =
      plan::design_runs(*scenario, loss->predictor, session.catalogue, *request, session.control);
  if (!design) {
    return design.errors();
  }
  design->plan.provenance.scenario_digest = sha256(json::write(input->document.root(), false));
  design->plan.provenance.loss_digest = loss->digest;
  answer.outcome = design->plan.decision ? Outcome::yes : Outcome::no;
  answer.report = report::present(*design, session.explain);
  return answer;
}

std::vector<Option> options() {
  std::vector<Option> out = {
      {"--budget", "", "FLOP", "compute of all runs together",
       "8.4 times the largest run behind the law, at most a tenth of the plan", false},
      {"--runs", "", "K", "how many runs at most", "as many as the budget pays", false},
      {"--criterion", "", "size|loss", "what is to be sure: the compute-optimal size, or the loss", "size",
       false},
      {"--noise", "", "SD", "relative scatter of the loss of one run", "as the fit says, else 0.005", false},
      {"--candidates", "", "RUNS", "rows of runs that can be done (JSON, JSON Lines or CSV)",
       "budgets from twice the largest run on, nine sizes each", true},
  };
  out.insert(out.end(), scenario_options().begin(), scenario_options().end());
  out.insert(out.end(), row_options().begin(), row_options().end());
  return out;
}

}  // namespace

const Command& design_command() {
  static const Command command = {
      "design",
      "choose the runs to do next so that the plan is surer per FLOP",
      {{"SCENARIO", "what is given (scaleplan/scenario/1), or - for standard input; none: 1e24 FLOP", 0, 1}},
      options(),
      {"scaleplan design scenario.json --law small-runs.fit.json --budget 4e20",
       "scaleplan design scenario.json --law small-runs.fit.json --budget 4e20 --runs 3 --criterion loss",
       "scaleplan design scenario.json --law small-runs.fit.json --budget 4e20 --candidates possible.jsonl"},
      run,
  };
  return command;
}

}  // namespace scaleplan::cli
