#include <cmath>

#include "plan/document_parts.hpp"

namespace scaleplan::plan {

namespace {

json::Value known(double value) {
  return std::isfinite(value) ? json::Value(value) : json::Value();
}

}  // namespace

json::Value deployment_value(const ServedModel& served) {
  const serving::Deployed& d = served.deployed;
  json::Value out;
  out.set("site", served.site);
  out.set("device", d.cut.device);
  out.set("count", d.devices);
  out.set("tp", d.cut.tp);
  out.set("pp", d.cut.pp);
  out.set("ep", d.cut.ep);
  out.set("replicas", d.cut.replicas);
  out.set("precision", d.cut.weight_precision);
  out.set("kv_precision", d.cut.kv_precision);
  out.set("batch", d.cut.batch);
  out.set("engine", d.engine.name);
  if (d.prefill) {
    out.set("prefill", json::Object{{"tp", d.prefill->tp}, {"replicas", d.prefill->replicas}});
  } else {
    out.set("prefill", nullptr);
  }
  return out;
}

json::Value served_value(const ServedModel& served) {
  const serving::Deployed& d = served.deployed;
  json::Value curve = json::Array{};
  for (const serving::Point& point : served.curve) {
    curve.push(json::Object{{"batch", point.batch},
                            {"tokens_per_s", point.tokens_per_s},
                            {"tpot_s", known(point.tpot_s)},
                            {"ttft_s", known(point.ttft_s)}});
  }
  json::Value out;
  out.set("ttft_s", known(d.peak.ttft_s));
  out.set("ttft_interval", json::interval_value(d.ttft_interval.low, d.ttft_interval.high, true));
  out.set("tpot_s", known(d.peak.tpot_s));
  out.set("tpot_interval", json::interval_value(d.tpot_interval.low, d.tpot_interval.high, true));
  out.set("limit", serving::limit_name(d.limit));
  out.set("utilisation", d.utilisation);
  out.set("energy_j_per_token", d.energy_j_per_token);
  out.set("cost_usd_per_million_tokens",
          d.usd_per_million_tokens ? json::Value(*d.usd_per_million_tokens) : json::Value());
  out.set("device_hours", d.lifetime_device_hours);
  out.set("devices_most", d.devices_most);
  out.set("output_tokens", d.lifetime_tokens);
  out.set("cost_usd", known(served.usd));
  out.set("energy_j", known(served.joules));
  out.set("carbon_g", known(served.grams));
  out.set("curve", std::move(curve));
  return out;
}

}  // namespace scaleplan::plan
