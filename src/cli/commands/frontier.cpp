#include "scaleplan/plan/frontier.hpp"

#include <algorithm>

#include "cli/command.hpp"
#include "cli/plots.hpp"
#include "cli/scenarios.hpp"
#include "scaleplan/base/digest.hpp"
#include "scaleplan/json/document.hpp"
#include "scaleplan/report/frontier.hpp"

namespace scaleplan::cli {
namespace {

constexpr std::int64_t most_points = 1000;

/// One positive quantity, in the dimension of x.
std::optional<double> end_of_range(Values& values, const char* option, const std::string& x,
                                   Diagnostics& errors) {
  const plan::PlanQuantity* quantity = plan::find_quantity(x);
  const std::vector<double> given =
      values.positives(option, quantity == nullptr ? Dimension::number : quantity->dimension);
  if (given.size() > 1) {
    errors.push_back(error(std::string("option '") + option + "': expected one quantity", "give it once"));
  }
  return given.empty() ? std::nullopt : std::optional(given.front());
}

Result<plan::FrontierAxes> axes_of(const Arguments& arguments) {
  Diagnostics errors;
  Values values(arguments, errors);
  plan::FrontierAxes axes;
  axes.x = values.text("--x").value_or("train_flop");
  axes.y = values.text("--y").value_or("loss");
  if (plan::find_quantity(axes.x) != nullptr) {
    axes.from = end_of_range(values, "--from", axes.x, errors);
    axes.to = end_of_range(values, "--to", axes.x, errors);
  }
  axes.points = static_cast<int>(values.whole("--points", 2, most_points).value_or(axes.points));
  if (!errors.empty()) {
    return errors;
  }
  return axes;
}

Result<Answer> run(const Arguments& arguments, Session& session) {
  const Result<plan::FrontierAxes> axes = axes_of(arguments);
  if (!axes) {
    return axes.errors();
  }
  const Result<ScenarioInput> input = read_scenario_document(arguments, session);
  if (!input) {
    return input.errors();
  }
  Result<plan::FrontierTask> task = plan::read_frontier(input->document, *axes, session.catalogue);
  if (!task) {
    return task.errors();
  }
  for (plan::Scenario* scenario : {&task->scenario, task->base ? &*task->base : nullptr}) {
    if (scenario == nullptr) {
      continue;
    }
    if (const Result<bool> adopted = adopt_options(arguments, session, *scenario); !adopted) {
      return adopted.errors();
    }
  }
  const Result<Loss> loss = loss_law(arguments, task->scenario, input->folder, session);
  if (!loss) {
    return loss.errors();
  }
  Result<plan::Frontier> frontier =
      plan::trace_frontier(*task, loss->predictor, session.catalogue, session.control);
  if (!frontier) {
    return frontier.errors();
  }
  for (plan::FrontierPoint& point : frontier->points) {
    point.plan.provenance.scenario_digest = sha256(json::write(input->document.root(), false));
    point.plan.provenance.loss_digest = loss->digest;
  }
  Answer answer;
  const bool any =
      std::any_of(frontier->points.begin(), frontier->points.end(),
                  [](const plan::FrontierPoint& point) { return point.plan.decision.has_value(); });
  answer.outcome = any ? Outcome::yes : Outcome::no;
  answer.report = report::present(*frontier, session.explain);
  if (arguments.options.contains("--plot")) {
    answer.report.sections.front().figure = plot(report::frontier_plot(*frontier), plot_style());
  }
  return answer;
}

}  // namespace

const Command& frontier_command() {
  static const Command command = {
      "frontier",
      "trade one plan quantity against another: the best plan at each of many limits",
      {{"SCENARIO", "what is given (scaleplan/scenario/1), or - for standard input; none: 1e24 FLOP", 0, 1}},
      [] {
        std::vector<Option> options = {
            {"--x", "", "QUANTITY", "what is limited: a budget, or loss", "train_flop", false},
            {"--y", "", "QUANTITY", "what is minimised", "loss", false},
            {"--from", "", "LIMIT", "smallest limit of x",
             "a quarter of the scenario's own, or of what its plan spends", false},
            {"--to", "", "LIMIT", "largest limit of x", "four times that", false},
            {"--points", "", "N", "how many limits are tried", "25", false},
            plot_option(),
        };
        const std::vector<Option>& shared = scenario_options();
        options.insert(options.end(), shared.begin(), shared.end());
        return options;
      }(),
      {"scaleplan frontier --points 9",
       "scaleplan frontier cluster.json --x train_time_s --y loss --from 20d --to 120d",
       "scaleplan frontier cluster.json --x loss --y cost_usd --format csv"},
      run,
  };
  return command;
}

}  // namespace scaleplan::cli
