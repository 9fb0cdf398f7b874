#include <algorithm>
#include <numeric>

#include "scaleplan/plan/design.hpp"
#include "scaleplan/plan/document.hpp"

namespace scaleplan::plan {

namespace {

json::Value doubt_value(const fit::Doubt& doubt) {
  return json::Object{{"sd_ln_size", doubt.ln_size}, {"sd_ln_loss", doubt.ln_loss}};
}

json::Value run_value(const Design& design, std::size_t index) {
  const fit::RunPoint& run = design.candidates[index];
  json::Value out;
  out.set("run", run.name.empty() ? json::Value() : json::Value(run.name));
  out.set(design.size_column, run.size);
  out.set("tokens", run.tokens);
  out.set("flops", run.compute);
  out.set("offset_ln_size", design.offsets[index]);
  out.set("excess_ln_loss", design.excesses[index]);
  return out;
}

json::Value design_value(const Design& design, const fit::ExperimentDesign& chosen) {
  json::Value picks = json::Array{};
  for (const fit::Pick& pick : chosen.picks) {
    json::Value value = run_value(design, pick.run);
    value.set("gain", pick.gain);
    value.set("after", doubt_value(pick.after));
    picks.push(std::move(value));
  }
  json::Value out;
  out.set("criterion", std::string(fit::criterion_name(chosen.criterion)));
  out.set("spent_flop", chosen.spent);
  out.set("after", doubt_value(chosen.picks.empty() ? design.before : chosen.picks.back().after));
  out.set("picks", std::move(picks));
  return out;
}

json::Value ranking_value(const Design& design) {
  std::vector<std::size_t> order(design.candidates.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return design.gains[a] > design.gains[b]; });
  json::Value out = json::Array{};
  for (const std::size_t index : order) {
    json::Value value = run_value(design, index);
    value.set("gain_per_flop", design.gains[index]);
    out.push(std::move(value));
  }
  return out;
}

}  // namespace

json::Value to_json(const Design& design) {
  const json::Value plan = to_json(design.plan);
  json::Value out;
  out.set("schema", "scaleplan/design/1");
  out.set("name", *plan.find("name"));
  out.set("status", *plan.find("status"));
  out.set("level", design.plan.level);
  if (design.plan.decision) {
    out.set("target", json::Object{{"train_flop", design.target}, {design.size_column, design.target_size}});
    out.set("budget_flop", design.budget);
    out.set("noise", design.noise);
    out.set("candidates_from", design.grid ? "grid" : "file");
    out.set("before", doubt_value(design.before));
    out.set("chosen", design_value(design, design.chosen));
    out.set("other", design_value(design, design.other));
    out.set("candidates", ranking_value(design));
  }
  json::Value assumed = json::Array{};
  for (const Assumed& a : design.assumed) {
    assumed.push(json::Object{{"key", a.key}, {"value", a.value}, {"source", a.source}});
  }
  out.set("assumed", std::move(assumed));
  out.set("conflicts", *plan.find("conflicts"));
  out.set("provenance", *plan.find("provenance"));
  return out;
}

}  // namespace scaleplan::plan
