#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "plan/scenario_reading.hpp"
#include "scaleplan/laws/law.hpp"
#include "scaleplan/num/minimise.hpp"

namespace scaleplan::plan {

namespace {

constexpr double least_loss = 1e-3;
constexpr double most_loss = 20;

// The loss at which the law says `score`; none when no loss does.
std::optional<double> loss_at(const laws::Formula& formula, double score) {
  auto excess = [&](double log_loss) { return formula.at(std::array{std::exp(log_loss)}) - score; };
  const double low = std::log(least_loss);
  const double high = std::log(most_loss);
  if ((excess(low) > 0) == (excess(high) > 0)) return std::nullopt;
  return std::exp(num::find_root(excess, low, high));
}

}  // namespace

void read_score(Reading& reading, json::ObjectReader& laws) {
  const json::Value* value = laws.raw("score");
  if (value == nullptr) return;
  ScoreChoice choice;
  choice.place = place_of(laws, "score");
  if (value->is_string()) {
    choice.name = value->string();
  } else {
    laws.object("score", [&](json::ObjectReader& object) {
      object.require("id");
      choice.name = object.string("id").value_or("");
      if (auto set = object.string("set")) choice.name += ":" + *set;
      object.finish();
    });
  }
  if (choice.name.empty()) return;
  Result<laws::Selection> selected = laws::select_law(reading.catalogue, choice.name);
  if (!selected) return reading.adopt(laws, "score", selected.errors());
  const laws::Law& law = selected->law;
  const laws::Set* set = law.find_set(selected->set);
  const bool of_loss =
      law.inputs.size() == 1 && law.inputs.front().name == "L" && law.inputs.front().unit == "nats/token";
  if (!of_loss || set == nullptr) {
    laws.fail("score", fmt::format("law {} is no law of a score over the loss alone", law.id),
              "in nats per token; for example gadre2024-downstream:redpajama-17-tasks");
    return;
  }
  choice.formula = std::make_shared<const laws::Formula>(law, *set, law.output.name);
  choice.lower_is_better = law.output.lower_is_better;
  reading.scenario.score = std::move(choice);
}

void read_score_target(Reading& reading, json::ObjectReader& targets) {
  if (!targets.has("score")) return;
  const auto& score = reading.scenario.score;
  if (!score) {
    targets.fail("score", "which score? no law says what it is", R"(add "laws": {"score": "id:set"})");
    targets.accept("score");
    return;
  }
  const char* key = score->lower_is_better ? "max" : "min";
  std::optional<double> wanted;
  targets.object("score", [&](json::ObjectReader& object) {
    object.require(key);
    wanted = object.quantity(key, Dimension::fraction, {-1e9, 1e9, false});
    object.finish();
  });
  if (!wanted) return;
  const std::optional<double> loss = loss_at(*score->formula, *wanted);
  if (!loss) {
    targets.fail("score",
                 fmt::format("{} has no loss with a score of {}", score->name, format_number(*wanted)),
                 "choose a score between what chance and a loss of nothing give");
    return;
  }
  reading.assume("targets.loss", *loss, fmt::format("where {} is {}", score->name, format_number(*wanted)));
  auto& all = reading.scenario.targets;
  auto same =
      std::find_if(all.begin(), all.end(), [](const Limit& limit) { return limit.quantity == "loss"; });
  if (same != all.end()) {
    same->limit = std::min(same->limit, *loss);
  } else {
    all.push_back({"loss", *loss, place_of(targets, "score")});
  }
}

}  // namespace scaleplan::plan
