#include "scaleplan/plan/plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>

#include "cli/calibrations.hpp"
#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/laws.hpp"
#include "cli/values.hpp"
#include "scaleplan/base/digest.hpp"
#include "scaleplan/json/document.hpp"
#include "scaleplan/plan/scenario.hpp"
#include "scaleplan/report/present.hpp"

namespace scaleplan::cli {
namespace {

struct Input {
  json::Document document;
  std::string folder;  ///< that paths in the document are relative to
};

Result<Input> read_scenario_document(const Arguments& arguments, Session& session) {
  Input out;
  std::string name = "default scenario";
  std::string text(json::Catalogue::default_scenario());
  if (!arguments.operands.empty()) {
    name = arguments.operands.front();
    Result<std::string> read = read_input(name, session);
    if (!read) {
      return read.errors();
    }
    text = std::move(*read);
    out.folder = name == "-" ? "" : std::filesystem::path(name).parent_path().string();
  }
  Result<json::Document> document = json::parse(std::move(text), name);
  if (!document) {
    return document.errors();
  }
  out.document = std::move(*document);
  return out;
}

Result<fit::Predictor> pick_group(Prognosis prognosis, const std::string& group) {
  std::vector<std::string> names;
  for (fit::Predictor& predictor : prognosis.predictors) {
    names.push_back(law_name(predictor) + (predictor.group.empty() ? "" : " of group " + predictor.group));
    if (prognosis.predictors.size() == 1 && group.empty()) {
      return std::move(predictor);
    }
  }
  std::vector<fit::Predictor> chosen;
  for (fit::Predictor& predictor : prognosis.predictors) {
    if (!group.empty() && predictor.group == group) {
      chosen.push_back(std::move(predictor));
    }
  }
  if (chosen.size() == 1) {
    return std::move(chosen.front());
  }
  return error(
      group.empty() ? "the fit holds several laws or groups"
                    : "the fit has not one law for group '" + group + "'",
      fmt::format("a plan takes one: choose with --set laws.loss.group=NAME, or fit one law; it has {}",
                  fmt::join(names, ", ")));
}

struct Loss {
  fit::Predictor predictor;
  std::string digest;  ///< of the document it was read from, or empty
};

Result<Loss> loss_of(Prognosis prognosis, const std::string& group) {
  std::string digest = prognosis.digest;
  Result<fit::Predictor> predictor = pick_group(std::move(prognosis), group);
  if (!predictor) {
    return predictor.errors();
  }
  return Loss{std::move(*predictor), std::move(digest)};
}

// --law comes before the scenario's choice; the scenario's group then only picks among several
Result<Loss> loss_by_option(const std::string& law, plan::Scenario& scenario, Session& session) {
  std::erase_if(scenario.assumed, [](const plan::Assumed& a) { return a.key == "laws.loss"; });
  Result<Prognosis> prognosis = choose_prognosis(law, session);
  if (!prognosis) {
    return prognosis.errors();
  }
  const bool single = prognosis->predictors.size() == 1;
  return loss_of(std::move(*prognosis), single ? "" : scenario.loss.group);
}

Result<Loss> loss_by_scenario(const plan::Scenario& scenario, const std::string& folder, Session& session) {
  if (scenario.loss.kind != plan::LossChoice::Kind::fit) {
    Result<fit::Predictor> predictor = plan::find_predictor(scenario, session.catalogue);
    if (!predictor) {
      return predictor.errors();
    }
    return Loss{std::move(*predictor), {}};
  }
  const std::filesystem::path path = std::filesystem::path(folder) / scenario.loss.path;  // absolute stays so
  Result<Prognosis> prognosis = choose_prognosis(path.string(), session);
  if (!prognosis) {
    return prognosis.errors();
  }
  return loss_of(std::move(*prognosis), scenario.loss.group);
}

Result<Answer> run(const Arguments& arguments, Session& session) {
  Diagnostics errors;
  const Values values(arguments, errors);
  Result<Input> input = read_scenario_document(arguments, session);
  if (!input) {
    return input.errors();
  }
  const Result<json::Document> document = plan::with_settings(input->document, values.texts("--set"));
  if (!document) {
    return document.errors();
  }
  Result<plan::Scenario> scenario = plan::read_scenario(*document, session.catalogue);
  if (!scenario) {
    return scenario.errors();
  }
  scenario->level = session.level.value_or(scenario->level);
  scenario->search.seed = session.seed.value_or(scenario->search.seed);
  if (const auto path = values.text("--calibration")) {
    Result<training::Efficiency> efficiency = training_efficiency(path, session);
    if (!efficiency) {
      return efficiency.errors();
    }
    scenario->efficiency = *efficiency;
  }
  const std::optional<std::string> law = values.text("--law");
  Result<Loss> loss =
      law ? loss_by_option(*law, *scenario, session) : loss_by_scenario(*scenario, input->folder, session);
  if (!loss) {
    return loss.errors();
  }
  Result<plan::Plan> plan = plan::solve(*scenario, loss->predictor, session.catalogue, session.control);
  if (!plan) {
    return plan.errors();
  }
  plan->provenance.scenario_digest = sha256(json::write(document->root(), false));
  plan->provenance.loss_digest = loss->digest;
  Answer answer;
  const bool answered = plan->status == plan::Status::optimal || plan->status == plan::Status::feasible;
  answer.outcome = answered ? Outcome::yes : Outcome::no;
  answer.report = report::present(*plan, {.explain = session.explain, .detail = values.flag("--detail")});
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
      {
          {"--law", "", "FIT|ID[:SET]|-",
           "loss law: a fit, a law of the catalogue, or a fit on standard input",
           "as the scenario says, else chinchilla:epoch240", false},
          {"--set", "", "KEY=VALUE", "change a key of the scenario, dotted: budgets.train_flop=6e23", "",
           true},
          calibration_option(),
          {"--detail", "", "", "add the shape in full", "", false},
      },
      {"scaleplan plan", "scaleplan plan --set budgets.train_flop=5.76e23 --law chinchilla:hoffmann2022",
       "scaleplan plan scenario.json --law small-runs.fit.json --format json -o plan.json"},
      run,
  };
  return command;
}

}  // namespace scaleplan::cli
