#include "report/layout_document.hpp"

#include "scaleplan/base/version.hpp"

namespace scaleplan::report {
namespace {

using training::RankedLayout;

json::Value parts_value(const std::vector<training::Part>& parts) {
  json::Value out;
  for (const training::Part& part : parts) out.set(std::string(part.key), part.value);
  return out;
}

json::Value counts_value(const std::vector<training::PrunedCount>& counts) {
  json::Value out = json::Array{};
  for (const training::PrunedCount& each : counts) {
    out.push(json::Object{{"reason", each.reason}, {"count", each.count}});
  }
  return out;
}

json::Value memory_value(const training::Memory& memory) {
  json::Value out = json::Object{{"total", memory.allocated}, {"reserved", memory.reserved},
                                 {"driver", memory.driver},   {"safe", memory.safe},
                                 {"host", memory.host},       {"worst_stage", memory.worst_stage}};
  for (const training::Part& part : training::memory_parts(memory)) {
    out.set(std::string(part.key), part.value);
  }
  return out;
}

json::Value ranked_value(const training::Job& job, const RankedLayout& ranked, json::Value out = {}) {
  const training::StepTime& time = ranked.time;
  out.set("layout", model::layout_to_json(ranked.layout));
  out.set("step_time_s", time.step_s);
  out.set("step_time_interval", json::interval_value(time.interval_low_s, time.interval_high_s, true));
  out.set("tokens_per_s", time.tokens_per_s);
  out.set("mfu", time.mfu);
  out.set("micro_batches", time.micro_batches);
  out.set("memory_bytes", memory_value(ranked.memory));
  out.set("time_s", parts_value(training::time_parts(job, ranked)));
  return out;
}

json::Value list_value(const training::Job& job, const std::vector<RankedLayout>& list) {
  json::Value out = json::Array{};
  std::int64_t rank = 0;
  for (const RankedLayout& each : list) {
    out.push(ranked_value(job, each, json::Object{{"rank", ++rank}}));
  }
  return out;
}

json::Value named_value(const LayoutResult& result) {
  json::Value out = json::Array{};
  for (const NamedLayout& named : result.named) {
    json::Value entry = named.verdict.evaluated
                            ? ranked_value(result.job, *named.verdict.evaluated)
                            : json::Object{{"layout", model::layout_to_json(named.layout)}};
    entry.set("reason", named.verdict.reason.empty() ? json::Value() : json::Value(named.verdict.reason));
    out.push(std::move(entry));
  }
  return out;
}

json::Value job_value(const LayoutResult& result) {
  const training::Job& job = result.job;
  const model::Parameters params = model::count_parameters(job.shape);
  json::Value out;
  out.set("model",
          json::Object{{"name", result.model}, {"params", params.total}, {"active_params", params.active}});
  out.set("cluster", json::Object{{"name", result.cluster},
                                  {"device", job.machine.device.id},
                                  {"devices", job.machine.devices},
                                  {"node_devices", job.machine.node_devices},
                                  {"memory_bytes", job.machine.memory.raw()}});
  out.set("global_batch", job.global_batch);
  out.set("sequence_length", job.sequence_length);
  out.set("batch_tokens", job.global_batch * job.sequence_length);
  out.set("precision", training::precision_name(job.precision));
  out.set("optimizer", training::optimizer_name(job.optimizer));
  out.set("engine", training::engine_name(job.engine));
  out.set("attention", training::attention_name(job.attention));
  out.set("schedule", training::schedule_name(job.schedule));
  out.set("gradient_bytes", job.gradient_bytes);
  return out;
}

json::Value goodput_value(const LayoutResult& result) {
  const training::Goodput& goodput = result.goodput;
  return json::Object{
      {"fraction", goodput.fraction},     {"checkpoint_interval_s", goodput.checkpoint_interval_s},
      {"job_mtbf_s", goodput.job_mtbf_s}, {"checkpointing", goodput.checkpointing},
      {"repeated", goodput.repeated},     {"restarting", goodput.restarting}};
}

json::Value digest_value(const std::string& digest) {
  return digest.empty() ? json::Value() : json::Value(digest);
}

}  // namespace

json::Value layout_document(const LayoutResult& result) {
  const training::LayoutSearch& search = result.search;
  json::Value out;
  out.set("schema", "scaleplan/layout/1");
  out.set("status", search.best.empty() ? "infeasible" : "feasible");
  out.set("level", result.level);
  out.set("job", job_value(result));
  out.set("layouts", list_value(result.job, search.best));
  json::Value pareto = json::Array{};
  for (const RankedLayout& each : search.pareto) {
    pareto.push(json::Object{
        {"layout", model::layout_to_json(each.layout)},
        {"step_time_s", each.time.step_s},
        {"memory_bytes", json::Object{{"total", each.memory.allocated}, {"safe", each.memory.safe}}}});
  }
  out.set("pareto", std::move(pareto));
  out.set("named", named_value(result));
  out.set("legal", search.legal);
  out.set("evaluated", search.evaluated);
  out.set("pruned", counts_value(search.pruned));
  out.set("refused", counts_value(search.refused));
  out.set("least_memory", result.least ? ranked_value(result.job, *result.least) : json::Value());
  out.set("devices_needed", result.devices_needed ? json::Value(*result.devices_needed) : json::Value());
  out.set("goodput", goodput_value(result));
  out.set("checkpoint_bytes", result.checkpoint_bytes);
  json::Value assumed = json::Array{};
  for (const AssumedInput& each : result.assumed) {
    assumed.push(json::Object{{"key", each.key}, {"value", each.value}, {"source", each.why}});
  }
  out.set("assumed", std::move(assumed));
  json::Value warnings = json::Array{};
  for (const std::string& each : layout_warnings(result)) warnings.push(each);
  out.set("warnings", std::move(warnings));
  json::Value regime = json::Array{};
  for (const char* each : layout_regime()) regime.push(each);
  out.set("regime", std::move(regime));
  json::Value provenance;
  provenance.set("version", version());
  provenance.set("calibration", result.calibration);
  provenance.set("model_sha256", digest_value(result.model_digest));
  provenance.set("cluster_sha256", digest_value(result.cluster_digest));
  out.set("provenance", std::move(provenance));
  return out;
}

}  // namespace scaleplan::report
