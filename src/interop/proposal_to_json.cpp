#include "interop/proposal_document.hpp"
#include "scaleplan/model/catalogue.hpp"

namespace scaleplan::interop {
namespace {

template <class T>
void set(json::Value& out, const char* key, const std::optional<T>& value) {
  if (value) out.set(key, *value);
}

json::Value schedule_value(const model::Schedule& schedule) {
  json::Value out;
  out.set("kind", schedule.kind);
  out.set("warmup_tokens", schedule.warmup_tokens);
  set(out, "final_fraction", schedule.final_fraction);
  set(out, "cooldown_fraction", schedule.cooldown_fraction);
  return out;
}

json::Value deployment_value(const model::Deployment& deployment) {
  return json::Object{{"device", deployment.device},
                      {"tp", deployment.tp},
                      {"pp", deployment.pp},
                      {"ep", deployment.ep},
                      {"replicas", deployment.replicas},
                      {"precision", deployment.weight_precision},
                      {"kv_precision", deployment.kv_precision},
                      {"batch", deployment.batch}};
}

}  // namespace

json::Value proposal_to_json(const model::Proposal& proposal) {
  json::Value out;
  out.set("schema", "scaleplan/proposal/1");
  if (!proposal.name.empty()) out.set("name", proposal.name);
  if (proposal.shape) out.set("model", model::shape_to_json(*proposal.shape));
  set(out, "tokens", proposal.tokens);
  set(out, "batch_tokens", proposal.batch_tokens);
  set(out, "sequence_length", proposal.sequence_length);
  set(out, "learning_rate", proposal.learning_rate);
  if (proposal.schedule) out.set("schedule", schedule_value(*proposal.schedule));
  set(out, "weight_decay", proposal.weight_decay);
  set(out, "optimizer", proposal.optimizer);
  set(out, "precision", proposal.precision);
  set(out, "engine", proposal.engine);
  set(out, "cluster", proposal.cluster);
  set(out, "devices", proposal.devices);
  if (proposal.layout) out.set("layout", model::layout_to_json(*proposal.layout));
  if (proposal.deployment) out.set("deployment", deployment_value(*proposal.deployment));
  return out;
}

}  // namespace scaleplan::interop
