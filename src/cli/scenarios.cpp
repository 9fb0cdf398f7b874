#include "cli/scenarios.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>

#include "cli/calibrations.hpp"
#include "cli/files.hpp"
#include "cli/laws.hpp"

namespace scaleplan::cli {
namespace {

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

Result<Loss> loss_of(Prognosis prognosis, const std::string& group) {
  std::string digest = prognosis.digest;
  Result<fit::Predictor> predictor = pick_group(std::move(prognosis), group);
  if (!predictor) {
    return predictor.errors();
  }
  return Loss{std::move(*predictor), std::move(digest)};
}

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

}  // namespace

const std::vector<Option>& scenario_options() {
  static const std::vector<Option> options = {
      {"--law", "", "FIT|ID[:SET]|-", "loss law: a fit, a law of the catalogue, or a fit on standard input",
       "as the scenario says, else chinchilla:epoch240", false},
      {"--set", "", "KEY=VALUE", "change a key of the scenario, dotted: budgets.train_flop=6e23", "", true},
      calibration_option(),
  };
  return options;
}

Result<ScenarioInput> read_scenario_document(const Arguments& arguments, Session& session) {
  ScenarioInput out;
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
  const Result<json::Document> document = json::parse(std::move(text), name);
  if (!document) {
    return document.errors();
  }
  Diagnostics errors;
  Result<json::Document> changed = plan::with_settings(*document, Values(arguments, errors).texts("--set"));
  if (!changed) {
    return changed.errors();
  }
  out.document = std::move(*changed);
  return out;
}

Result<bool> adopt_options(const Arguments& arguments, Session& session, plan::Scenario& scenario) {
  scenario.level = session.level.value_or(scenario.level);
  scenario.search.seed = session.seed.value_or(scenario.search.seed);
  Diagnostics errors;
  if (const auto path = Values(arguments, errors).text("--calibration")) {
    Result<training::Efficiency> efficiency = training_efficiency(path, session);
    if (!efficiency) {
      return efficiency.errors();
    }
    scenario.efficiency = *efficiency;
  }
  return true;
}

Result<Loss> loss_law(const Arguments& arguments, plan::Scenario& scenario, const std::string& folder,
                      Session& session) {
  Diagnostics errors;
  const std::optional<std::string> law = Values(arguments, errors).text("--law");
  return law ? loss_by_option(*law, scenario, session) : loss_by_scenario(scenario, folder, session);
}

}  // namespace scaleplan::cli
