#pragma once

#include <fmt/core.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "plan/machines.hpp"
#include "scaleplan/fit/predictor.hpp"
#include "scaleplan/laws/law.hpp"
#include "scaleplan/num/random.hpp"
#include "scaleplan/plan/document.hpp"
#include "scaleplan/plan/plan.hpp"
#include "scaleplan/plan/scenario.hpp"

namespace scaleplan::plan::test {

inline const json::Catalogue catalogue;

inline std::string all(const Diagnostics& errors) {
  std::string text;
  for (const Diagnostic& e : errors) text += to_text(e) + "\n";
  return text;
}

/// `members` of a scenario beside its schema, as JSON without the outer braces.
inline Result<Scenario> read(const std::string& members) {
  const std::string comma = members.empty() ? "" : ",";
  auto document = json::parse(R"({"schema":"scaleplan/scenario/1")" + comma + members + "}", "scenario.json");
  if (!document) return document.errors();
  return read_scenario(*document, catalogue);
}

inline Scenario scenario(const std::string& members) {
  Result<Scenario> found = read(members);
  if (!found) FAIL(all(found.errors()));
  return *found;
}

inline std::string refused(const std::string& members) {
  Result<Scenario> found = read(members);
  if (found) FAIL("accepted: " << members);
  return all(found.errors());
}

inline fit::Predictor law(const std::string& name) {
  Result<laws::Selection> selected = laws::select_law(catalogue, name);
  if (!selected) FAIL(all(selected.errors()));
  fit::Predictor predictor = fit::from_set(selected->law, *selected->law.find_set(selected->set));
  predictor.members.front().draws.clear();
  return predictor;
}

/// The Chinchilla law of Hoffmann et al. 2022 with made-up draws around it: sizes and exponents move
/// together.
inline fit::Predictor uncertain_law(int draws) {
  fit::Predictor predictor = law("chinchilla:hoffmann2022");
  fit::Member& member = predictor.members.front();
  const auto names = member.law.parameter_names();
  for (int k = 0; k < draws; ++k) {
    num::Random random(7, static_cast<std::uint64_t>(k));
    std::vector<double> values = member.values;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const double z = random.normal();
      if (names[i] == "E") values[i] *= 1 + 0.01 * z;
      if (names[i] == "A" || names[i] == "B") values[i] *= std::exp(0.1 * z);
      if (names[i] == "alpha" || names[i] == "beta") values[i] *= 1 + 0.005 * z;
    }
    member.draws.push_back(values);
  }
  return predictor;
}

inline Plan planned(const Scenario& s, const fit::Predictor& predictor, int threads = 1) {
  Control control;
  control.threads = threads;
  Result<Plan> plan = solve(s, predictor, catalogue, control);
  if (!plan) FAIL(all(plan.errors()));
  return *plan;
}

inline Plan planned(const std::string& members, const std::string& name = "chinchilla:hoffmann2022") {
  return planned(scenario(members), law(name));
}

inline double outcome(const Plan& plan, const std::string& key) {
  for (const Outcome& o : plan.outcomes) {
    if (o.quantity->key == key) return o.value.value_or(std::nan(""));
  }
  FAIL("no outcome " << key);
  return 0;
}

inline const Constraint& constraint(const Plan& plan, const std::string& name) {
  for (const Constraint& c : plan.constraints) {
    if (c.name == name) return c;
  }
  FAIL("no constraint " << name);
  return plan.constraints.front();
}

inline const std::string h100s =
    R"("training":{"assumed":{"device":"h100-sxm-80","devices":2048,"mfu":0.4,"usd_per_device_hour":2}})";

/// The fastest layout by the search that evaluates every one, as an offer: a twin of Machines::OnShape.
inline std::optional<Offer> searched(const Machines& machines, const Scenario& scenario,
                                     const training::Efficiency& efficiency, const model::Shape& shape,
                                     std::int64_t sequences) {
  const training::LayoutSearch found = training::search_layouts(
      machines.job(shape, sequences), scenario.fleet->layouts, efficiency, 1, {{}, {}, 1});
  if (found.best.empty()) return std::nullopt;
  return machines.judge(shape, sequences, found.best.front().layout).offer;
}

}  // namespace scaleplan::plan::test
