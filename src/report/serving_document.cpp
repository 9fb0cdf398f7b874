#include "report/serving_document.hpp"

#include <cmath>

#include "scaleplan/base/version.hpp"
#include "scaleplan/economy/money.hpp"

namespace scaleplan::report {

namespace {

using serving::Deployed;
using serving::Point;

json::Value known(double value) {
  return std::isfinite(value) ? json::Value(value) : json::Value(nullptr);
}

json::Value known(const std::optional<double>& value) {
  return value ? json::Value(*value) : json::Value(nullptr);
}

json::Value digest(const std::string& text) {
  return text.empty() ? json::Value(nullptr) : json::Value(text);
}

json::Value point_value(const Point& point) {
  json::Value out;
  out.set("batch", point.batch);
  out.set("requests_per_s", point.sequences_per_s);
  out.set("tokens_per_s", point.tokens_per_s);
  out.set("tpot_s", known(point.tpot_s));
  out.set("tpot_mean_s", known(point.tpot_mean_s));
  out.set("ttft_s", known(point.ttft_s));
  out.set("ttft_mean_s", known(point.ttft_mean_s));
  return out;
}

json::Value cut_value(const Deployed& d) {
  json::Value out;
  out.set("device", d.cut.device);
  out.set("count", d.devices);
  out.set("tp", d.cut.tp);
  out.set("pp", d.cut.pp);
  out.set("ep", d.cut.ep);
  out.set("attention_dp", d.attention_dp);
  out.set("replicas", d.cut.replicas);
  out.set("precision", d.cut.weight_precision);
  out.set("kv_precision", d.cut.kv_precision);
  out.set("batch", d.cut.batch);
  out.set("batch_limit", d.batch_limit);
  out.set("engine", d.engine.name);
  if (!d.prefill) {
    out.set("prefill", nullptr);
    return out;
  }
  json::Value prefill;
  prefill.set("tp", d.prefill->tp);
  prefill.set("replicas", d.prefill->replicas);
  out.set("prefill", std::move(prefill));
  return out;
}

json::Value lifetime_value(const ServingResult& result, const Deployed& d) {
  json::Value out;
  const bool stated = result.demand.lifetime.raw() > 0;
  out.set("seconds", stated ? result.demand.lifetime.raw() : 365.25 * 86400);
  out.set("device_hours", d.lifetime_device_hours);
  out.set("devices_most", d.devices_most);
  out.set("output_tokens", d.lifetime_tokens);
  out.set("cost_usd", known(lifetime_dollars(result, d)));
  out.set("energy_j", d.lifetime_tokens * d.energy_j_per_token);
  out.set("carbon_g", d.grams_per_million_tokens
                          ? json::Value(d.lifetime_tokens / 1e6 * *d.grams_per_million_tokens)
                          : json::Value(nullptr));
  json::Value periods{json::Array{}};
  for (const serving::Period& period : d.periods) {
    json::Value each;
    each.set("begin_s", period.begin.raw());
    each.set("queries_per_s", period.queries_per_s);
    each.set("replicas", period.replicas);
    each.set("devices", period.devices);
    periods.push(std::move(each));
  }
  out.set("periods", std::move(periods));
  return out;
}

void set_figures(json::Value& out, const ServingResult& result, const Deployed& d) {
  const auto working = static_cast<double>(d.cut.replicas - result.demand.spare_replicas);
  out.set("ttft_s", known(d.peak.ttft_s));
  out.set("ttft_interval", json::interval_value(d.ttft_interval.low, d.ttft_interval.high, true));
  out.set("ttft_mean_s", known(d.peak.ttft_mean_s));
  out.set("tpot_s", d.peak.tpot_s);
  out.set("tpot_interval", json::interval_value(d.tpot_interval.low, d.tpot_interval.high, true));
  out.set("tpot_mean_s", d.peak.tpot_mean_s);
  out.set("tokens_per_s", d.peak.tokens_per_s * working);
  out.set("tokens_per_s_per_device", d.peak.tokens_per_s * working / static_cast<double>(d.devices));
  out.set("utilisation", d.utilisation);
  out.set("limit", serving::limit_name(d.limit));
  out.set("cost_usd_per_million_tokens", known(d.usd_per_million_tokens));
  const TokenPrices prices = token_prices(result, d);
  json::Value split;
  split.set("input_usd_per_million_tokens", known(prices.input));
  split.set("output_usd_per_million_tokens", known(prices.output));
  out.set("cost_split", std::move(split));
  out.set("energy_j_per_token", d.energy_j_per_token);
  out.set("carbon_g_per_million_tokens", known(d.grams_per_million_tokens));
  out.set("mean_device_power_w", d.mean_device_draw.raw());
}

json::Value miss_value(const serving::Miss& miss) {
  json::Value out;
  out.set("limit", miss.limit);
  out.set("best", known(miss.best));
  out.set("required", known(miss.required));
  out.set("remedy", miss.remedy);
  return out;
}

json::Value provenance_of(const ServingResult& result) {
  json::Value out;
  out.set("version", version());
  out.set("catalogue", catalogue_version());
  out.set("calibration", result.calibration);
  out.set("model_sha256", digest(result.model_digest));
  out.set("cluster_sha256", digest(result.cluster_digest));
  out.set("demand_sha256", digest(result.demand_digest));
  return out;
}

void set_lists(json::Value& document, const ServingResult& result) {
  json::Value rejected{json::Array{}};
  for (const serving::Rejected& each : result.service.rejected) {
    json::Value item;
    item.set("reason", each.reason);
    item.set("count", each.count);
    rejected.push(std::move(item));
  }
  document.set("evaluated", result.service.evaluated);
  document.set("rejected", std::move(rejected));
  json::Value assumed{json::Array{}};
  for (const serving::Assumed& each : result.service.assumed) {
    json::Value item;
    item.set("key", each.key);
    item.set("value", each.value);
    item.set("source", each.source);
    assumed.push(std::move(item));
  }
  document.set("assumed", std::move(assumed));
}

}  // namespace

double lifetime_dollars(const ServingResult& result, const Deployed& d) {
  if (!result.place.price_per_device_hour) return std::nan("");
  return economy::rent(d.lifetime_device_hours, *result.place.price_per_device_hour).raw();
}

TokenPrices token_prices(const ServingResult& result, const Deployed& d) {
  if (!d.usd_per_million_tokens) return {std::nan(""), std::nan("")};
  const double all = *d.usd_per_million_tokens;
  const double inputs = result.demand.input_per_day.value / result.demand.output_per_day.value;
  return {all * d.prefill_share / inputs, all * (1 - d.prefill_share)};
}

json::Value serving_document(const ServingResult& result) {
  const serving::Service& service = result.service;
  json::Value document;
  document.set("schema", "scaleplan/serving/1");
  document.set("status", service.best ? "feasible" : "infeasible");
  document.set("model", result.model);
  document.set("cluster", result.cluster);
  document.set("percentile", result.demand.percentile);
  document.set("level", result.level);
  if (service.best) {
    document.set("deployment", cut_value(*service.best));
    set_figures(document, result, *service.best);
    document.set("lifetime", lifetime_value(result, *service.best));
  } else {
    document.set("deployment", nullptr);
    document.set("miss", miss_value(*service.miss));
  }
  json::Value curve{json::Array{}};
  for (const Point& point : service.curve) curve.push(point_value(point));
  document.set("curve", std::move(curve));
  json::Value others{json::Array{}};
  for (const Deployed& each : service.runners_up) {
    json::Value other;
    other.set("deployment", cut_value(each));
    set_figures(other, result, each);
    others.push(std::move(other));
  }
  document.set("alternatives", std::move(others));
  set_lists(document, result);
  document.set("regime", serving::regime);
  document.set("provenance", provenance_of(result));
  return document;
}

}  // namespace scaleplan::report
