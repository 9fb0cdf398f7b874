#include "scaleplan/plan/document.hpp"

#include <cmath>

#include "plan/document_parts.hpp"
#include "plan/views.hpp"
#include "scaleplan/model/catalogue.hpp"

namespace scaleplan::plan {

namespace {

json::Value interval(const Interval& i) {
  return json::interval_value(i.low, i.high, i.known);
}

json::Value number_or_null(double value) {
  return std::isfinite(value) ? json::Value(value) : json::Value();
}

json::Value decision_value(const Decision& decision) {
  json::Value out;
  out.set("params", decision.params.total);
  out.set("active_params", decision.params.active);
  out.set("non_embedding_params", decision.params.non_embedding);
  out.set("shape", model::shape_to_json(decision.shape));
  out.set("tokens", decision.tokens);
  out.set("tokens_per_parameter", decision.tokens_per_parameter());
  out.set("sequence_length", decision.sequence_length);
  out.set("batch_tokens", decision.batch_tokens);
  out.set("learning_rate", decision.learning_rate);
  out.set("steps", decision.steps);
  out.set("precision", decision.precision ? json::Value(*decision.precision) : json::Value());
  out.set("devices", decision.devices ? json::Value(*decision.devices) : json::Value());
  out.set("cluster", decision.run ? json::Value(decision.run->cluster) : json::Value());
  out.set("optimizer", decision.run ? json::Value(decision.run->optimizer) : json::Value());
  out.set("power_cap_w", decision.run && decision.run->power_cap_w ? json::Value(*decision.run->power_cap_w)
                                                                   : json::Value());
  out.set("layout", decision.run ? model::layout_to_json(decision.run->layout.layout) : json::Value());
  out.set("done_tokens", decision.done_tokens);
  out.set("deployment", decision.served ? deployment_value(*decision.served) : json::Value());
  return out;
}

json::Value run_value(const Run& run) {
  const training::StepTime& time = run.layout.time;
  json::Value seconds;
  seconds.set("stage", time.stage_s);
  seconds.set("p2p", time.p2p_s);
  seconds.set("bubble", time.bubble_s);
  seconds.set("gradients", time.dp_s);
  seconds.set("optimizer", time.optimizer_s);
  seconds.set("head", time.head_s);
  const training::StageMemory& worst = run.layout.memory.worst;
  json::Value bytes;
  bytes.set("weights", worst.weights);
  bytes.set("gradients", worst.gradients);
  bytes.set("optimizer", worst.optimizer);
  bytes.set("activations", worst.activations);
  bytes.set("working", worst.working);
  bytes.set("logits", worst.logits);
  bytes.set("total", run.layout.memory.safe);
  json::Value out;
  out.set("device", run.device);
  out.set("sequences", run.sequences);
  out.set("micro_batches", time.micro_batches);
  out.set("time_s", std::move(seconds));
  out.set("memory_bytes", std::move(bytes));
  out.set("goodput", run.goodput.fraction);
  out.set("checkpoint_interval_s", run.goodput.checkpoint_interval_s);
  out.set("job_mtbf_s", run.goodput.job_mtbf_s);
  return out;
}

json::Value launch_value(const LaunchSheet& sheet) {
  json::Value wires = json::Array{};
  for (const Tripwire& wire : sheet.tripwires) {
    wires.push(json::Object{{"fraction", wire.fraction},
                            {"tokens", wire.tokens},
                            {"loss", wire.loss},
                            {"band", interval(wire.band)}});
  }
  json::Value out;
  out.set("tokens_per_day", number_or_null(sheet.tokens_per_day));
  out.set("checkpoint_interval_s", number_or_null(sheet.checkpoint_interval_s));
  out.set("checkpoints", number_or_null(sheet.checkpoints));
  out.set("failures", number_or_null(sheet.failures));
  out.set("warmup_steps", sheet.warmup_steps);
  out.set("tripwires", std::move(wires));
  return out;
}

json::Value what_if_value(const std::vector<WhatIf>& lines) {
  json::Value out = json::Array{};
  for (const WhatIf& line : lines) {
    out.push(json::Object{{"change", line.change},
                          {"name", line.name},
                          {"factor", line.factor},
                          {"objective", line.objective},
                          {"difference", line.difference},
                          {"params", line.params},
                          {"tokens", line.tokens},
                          {"train_time_s", number_or_null(line.train_time_s)}});
  }
  return out;
}

json::Value reliefs_value(const std::vector<Relief>& reliefs) {
  json::Value out = json::Array{};
  for (const Relief& relief : reliefs) {
    out.push(json::Object{{"name", relief.name},
                          {"limit", relief.limit},
                          {"needed", relief.needed ? json::Value(*relief.needed) : json::Value()}});
  }
  return out;
}

json::Value pruned_value(const std::vector<training::PrunedCount>& pruned) {
  json::Value out = json::Array{};
  for (const training::PrunedCount& one : pruned) {
    out.push(json::Object{{"reason", one.reason}, {"count", one.count}});
  }
  return out;
}

json::Value recommendation_value(const Recommendation& recommendation) {
  json::Value advice = json::Array{};
  for (const Advice& heard : recommendation.advice) {
    advice.push(json::Object{{"law", heard.law},
                             {"value", heard.value},
                             {"decades_outside", number_or_null(heard.decades_outside)},
                             {"used", heard.used}});
  }
  json::Value out;
  out.set("value", recommendation.value);
  out.set("rule", recommendation.rule);
  out.set("spread", recommendation.spread());
  out.set("advice", std::move(advice));
  return out;
}

json::Value hyperparameters_value(const std::optional<Hyperparameters>& said) {
  if (!said) return nullptr;
  json::Value out;
  out.set("reference_batch_tokens", recommendation_value(said->reference_batch));
  out.set("critical_batch_tokens", recommendation_value(said->critical_batch));
  out.set("learning_rate", recommendation_value(said->learning_rate));
  out.set("token_worth", said->token_worth);
  out.set("loss_excess", said->loss_excess);
  return out;
}

json::Value decision_intervals_value(const DecisionIntervals& intervals) {
  json::Value out;
  out.set("params", interval(intervals.params));
  out.set("active_params", interval(intervals.active_params));
  out.set("tokens", interval(intervals.tokens));
  out.set("tokens_per_parameter", interval(intervals.tokens_per_parameter));
  out.set("loss", interval(intervals.loss));
  out.set("devices", interval(intervals.devices));
  out.set("options", intervals.options);
  out.set("draws", intervals.draws);
  out.set("solved", intervals.solved);
  return out;
}

json::Value outcomes_value(const std::vector<Outcome>& outcomes) {
  json::Value out = json::Object{};
  for (const Outcome& outcome : outcomes) {
    json::Value value;
    value.set("value", outcome.value ? json::Value(*outcome.value) : json::Value());
    value.set("interval", interval(outcome.interval));
    out.set(std::string(outcome.quantity->key), std::move(value));
  }
  return out;
}

json::Value switch_value(const Constraint& constraint) {
  if (!constraint.switches_at) return nullptr;
  const Switch& at = *constraint.switches_at;
  json::Value out;
  out.set("limit", at.limit);
  out.set("relative", at.limit / constraint.limit - 1);
  out.set("params", at.params.total);
  out.set("layers", at.shape.layers);
  out.set("hidden", at.shape.hidden);
  if (at.run) {
    out.set("cluster", at.run->cluster);
    out.set("devices", at.run->devices);
    out.set("layout", model::to_text(at.run->layout.layout));
  }
  return out;
}

json::Value constraints_value(const std::vector<Constraint>& constraints) {
  json::Value out = json::Array{};
  for (const Constraint& constraint : constraints) {
    json::Value value;
    value.set("name", constraint.name);
    value.set("used", number_or_null(constraint.used));
    value.set("limit", constraint.limit);
    value.set("binding", constraint.binding);
    value.set("shadow_price", constraint.shadow_price);
    value.set("per_log_limit", constraint.per_log_limit);
    value.set("probability_kept", constraint.probability_kept);
    value.set("switches_at", switch_value(constraint));
    out.push(std::move(value));
  }
  return out;
}

json::Value relaxation_value(const Relaxation& relaxation) {
  if (!relaxation.found) return nullptr;
  json::Value prices = json::Object{};
  for (const auto& [name, price] : relaxation.per_log_limit) prices.set(name, price);
  json::Value out;
  out.set("params", relaxation.params);
  out.set("active_params", relaxation.active_params);
  out.set("non_embedding_params", relaxation.non_embedding_params);
  out.set("size", json::Object{{"input", relaxation.size_input}, {"value", relaxation.size}});
  out.set("tokens", relaxation.tokens);
  out.set("batch_tokens", nullptr);
  out.set("value", relaxation.value);
  out.set("loss", relaxation.loss);
  out.set("per_log_limit", std::move(prices));
  out.set("gap", relaxation.gap);
  out.set("kkt_residual", number_or_null(relaxation.kkt_residual));
  out.set("method", relaxation.method);
  return out;
}

json::Value alternatives_value(const std::vector<Alternative>& alternatives) {
  json::Value out = json::Array{};
  for (const Alternative& alternative : alternatives) {
    json::Value value;
    value.set("params", alternative.params.total);
    value.set("active_params", alternative.params.active);
    value.set("shape", model::shape_to_json(alternative.shape));
    value.set("tokens", alternative.tokens);
    value.set("loss", alternative.loss);
    value.set("value", alternative.value);
    value.set("excess", alternative.excess);
    if (alternative.run) {
      value.set("cluster", alternative.run->cluster);
      value.set("device", alternative.run->device);
      value.set("devices", alternative.run->devices);
      value.set("precision", alternative.run->precision);
      value.set("layout", model::layout_to_json(alternative.run->layout.layout));
    }
    out.push(std::move(value));
  }
  return out;
}

json::Value near_optimal_value(const std::vector<NearOptimal>& regions) {
  json::Value out = json::Array{};
  for (const NearOptimal& region : regions) {
    json::Value value;
    value.set("within", region.within);
    value.set("params", json::Array{region.params_low, region.params_high});
    value.set("tokens", json::Array{region.tokens_low, region.tokens_high});
    out.push(std::move(value));
  }
  return out;
}

json::Value provenance_value(const Provenance& provenance) {
  auto text = [](const std::string& s) { return s.empty() ? json::Value() : json::Value(s); };
  json::Value out;
  out.set("version", provenance.version);
  out.set("catalogue", provenance.catalogue);
  out.set("law", text(provenance.law));
  out.set("set", text(provenance.set));
  out.set("group", text(provenance.group));
  out.set("seed", static_cast<double>(provenance.seed));
  out.set("law_draws", provenance.law_draws);
  out.set("calibration", text(provenance.calibration));
  out.set("scenario_sha256", text(provenance.scenario_digest));
  out.set("loss_sha256", text(provenance.loss_digest));
  return out;
}

json::Value strings_value(const std::vector<std::string>& texts) {
  json::Value out = json::Array{};
  for (const std::string& text : texts) out.push(text);
  return out;
}

json::Value certificate_value(const std::optional<Certificate>& certificate) {
  if (!certificate) return nullptr;
  json::Value out;
  out.set("bound", number_or_null(certificate->bound));
  out.set("value", certificate->value);
  out.set("gap", number_or_null(certificate->gap));
  return out;
}

}  // namespace

json::Value to_json(const Plan& plan) {
  json::Value assumed = json::Array{};
  for (const Assumed& a : plan.assumed) {
    assumed.push(json::Object{{"key", a.key}, {"value", a.value}, {"source", a.source}});
  }
  json::Value out;
  out.set("schema", "scaleplan/plan/1");
  out.set("name", plan.name.empty() ? json::Value() : json::Value(plan.name));
  out.set("status", status_name(plan.status));
  out.set("objective", plan.objective);
  out.set("level", plan.level);
  out.set("decision", plan.decision ? decision_value(*plan.decision) : json::Value());
  out.set("hyperparameters", hyperparameters_value(plan.hyperparameters));
  out.set("run", plan.decision && plan.decision->run ? run_value(*plan.decision->run) : json::Value());
  out.set("decision_intervals", decision_intervals_value(plan.decision_intervals));
  out.set("outcome", outcomes_value(plan.outcomes));
  out.set("constraints", constraints_value(plan.constraints));
  out.set("joint_probability_kept",
          plan.joint_probability_kept ? json::Value(*plan.joint_probability_kept) : json::Value());
  out.set("conflicts", strings_value(plan.conflicts));
  out.set("reliefs", reliefs_value(plan.reliefs));
  out.set("relaxation", relaxation_value(plan.relaxation));
  out.set("certificate", certificate_value(plan.certificate));
  out.set("alternatives", alternatives_value(plan.alternatives));
  out.set("near_optimal", near_optimal_value(plan.near_optimal));
  out.set("serving",
          plan.decision && plan.decision->served ? served_value(*plan.decision->served) : json::Value());
  out.set("launch", plan.launch ? launch_value(*plan.launch) : json::Value());
  out.set("what_if", what_if_value(plan.what_if));
  out.set("derivation", strings_value(plan.derivation));
  out.set("decades_outside", number_or_null(plan.decades_outside));
  out.set("shapes_evaluated", plan.shapes_evaluated);
  out.set("options", json::Object{{"considered", plan.options_considered},
                                  {"pruned", pruned_value(plan.options_pruned)}});
  out.set("assumed", std::move(assumed));
  out.set("warnings", strings_value(plan.warnings));
  if (plan.views) out.set("views", views_value(*plan.views));
  out.set("provenance", provenance_value(plan.provenance));
  return out;
}

}  // namespace scaleplan::plan
