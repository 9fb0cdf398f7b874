#include "scaleplan/report/serving.hpp"

#include <fmt/format.h>

#include <cmath>

#include "report/common.hpp"
#include "report/result_charts.hpp"
#include "report/serving_document.hpp"

namespace scaleplan::report {

namespace {

using serving::Deployed;

constexpr std::size_t curve_rows = 8;

Cell seconds(double value) {
  return {format_number(value, 3) + " s", {value}};
}

Cell dollars(double value) {
  return std::isfinite(value) ? Cell("$" + format_number(value, 4), {value}) : number(value);
}

std::string cut_text(const Deployed& d) {
  std::string text = fmt::format("{} tp{}", d.cut.device, d.cut.tp);
  if (d.cut.pp > 1) text += fmt::format(" pp{}", d.cut.pp);
  if (d.cut.ep > 1) text += fmt::format(" ep{}", d.cut.ep);
  if (d.attention_dp) text += " attention-dp";
  text += fmt::format(" {} (cache {})", d.cut.weight_precision, d.cut.kv_precision);
  if (d.prefill) text += fmt::format(", prefill apart on tp{}", d.prefill->tp);
  return text;
}

std::string limit_text(serving::Limit limit) {
  switch (limit) {
    case serving::Limit::compute:
      return "multiplications";
    case serving::Limit::bandwidth:
      return "memory bandwidth and fixed costs";
    case serving::Limit::kv_memory:
      return "memory for keys and values";
    case serving::Limit::latency:
      return "the latency limits";
    case serving::Limit::power:
      return "the power cap";
  }
  return {};
}

Section best_section(const ServingResult& result, const Deployed& d) {
  Section section{"Deployment", {}, {}};
  const auto working = static_cast<double>(d.cut.replicas - result.demand.spare_replicas);
  section.lines.push_back(
      fmt::format("{}: {} of {} devices on {}, {} of them spare{}; at most {} sequences in a replica.",
                  cut_text(d), counted(static_cast<std::size_t>(d.cut.replicas), "replica"),
                  d.cut.tp * d.cut.pp, d.engine.name, result.demand.spare_replicas,
                  d.prefill ? fmt::format(", beside {} that prefill",
                                          counted(static_cast<std::size_t>(d.prefill->replicas), "replica"))
                            : "",
                  d.cut.batch));
  section.lines.push_back(fmt::format(
      "{} devices now, {} at most over {}. A replica could take more but for {}.", d.devices, d.devices_most,
      result.demand.lifetime.raw() > 0 ? format_quantity(result.demand.lifetime.raw(), Dimension::seconds)
                                       : "a year",
      limit_text(d.limit)));
  Table table{{text_column("at the peak", "quantity"), column("value", "value"),
               interval_column(result.level, "value")},
              {},
              {}};
  const std::string p = level_text(result.demand.percentile);
  auto row = [&](const std::string& name, Cell value, const Interval& range) {
    table.rows.push_back({name, std::move(value),
                          range.known ? Cell(fmt::format("{} – {} s", format_number(range.low, 3),
                                                         format_number(range.high, 3)),
                                             {range.low, range.high})
                                      : Cell("–", {std::nan(""), std::nan("")})});
  };
  row("time to first token, " + p, seconds(d.peak.ttft_s), d.ttft_interval);
  row("time per output token, " + p, seconds(d.peak.tpot_s), d.tpot_interval);
  row("output tokens/s", number(d.peak.tokens_per_s * working, 4), {});
  row("sequences in a replica", number(d.peak.batch, 3), {});
  row("use of a replica's capacity", number(d.utilisation, 3), {});
  section.tables.push_back(std::move(table));
  return section;
}

Section cost_section(const ServingResult& result, const Deployed& d) {
  Section section{"Cost at the mean load", {}, {}};
  Table table{{text_column("per million output tokens", "quantity"), column("value", "value")}, {}, {}};
  const TokenPrices prices = token_prices(result, d);
  table.rows.push_back({"dollars", dollars(d.usd_per_million_tokens.value_or(std::nan("")))});
  table.rows.push_back({"dollars, generation alone", dollars(prices.output)});
  table.rows.push_back({"dollars per million prompt tokens", dollars(prices.input)});
  table.rows.push_back({"energy", quantity(1e6 * d.energy_j_per_token, Dimension::joules)});
  table.rows.push_back(
      {"carbon", quantity(d.grams_per_million_tokens.value_or(std::nan("")), Dimension::grams)});
  table.rows.push_back({"draw of a device", quantity(d.mean_device_draw.raw(), Dimension::watts)});
  table.rows.push_back({"dollars of the lifetime", dollars(lifetime_dollars(result, d))});
  section.tables.push_back(std::move(table));
  if (!result.place.price_per_device_hour) {
    section.lines.emplace_back(
        "No price is known: add it to the demand, \"serving\": {\"clusters\": [{\"id\": …, "
        "\"usd_per_device_hour\": …}]}.");
  } else {
    section.lines.push_back(
        fmt::format("${} per device-hour{}.", format_number(result.place.price_per_device_hour->raw(), 4),
                    result.place.price_date.empty() ? "" : ", " + result.place.price_date));
  }
  if (!result.region.empty()) section.lines.push_back("Carbon of the grid of " + result.region + ".");
  return section;
}

Section others_section(const ServingResult& result) {
  Section section{"Runners-up", {}, {}};
  Table table{
      {text_column("deployment", "deployment"), column("devices", "devices"), column("first token", "ttft_s"),
       column("per token", "tpot_s"), column("$ per million", "cost_usd_per_million_tokens"),
       column("J per token", "energy_j_per_token"), text_column("limit", "limit")},
      {},
      {}};
  for (const Deployed& d : result.service.runners_up) {
    table.rows.push_back({cut_text(d), number(static_cast<double>(d.devices)), seconds(d.peak.ttft_s),
                          seconds(d.peak.tpot_s), dollars(d.usd_per_million_tokens.value_or(std::nan(""))),
                          number(d.energy_j_per_token, 3), std::string(serving::limit_name(d.limit))});
  }
  section.tables.push_back(std::move(table));
  return section;
}

Section curve_section(const ServingResult& result) {
  Section section{"Latency and throughput of one replica", {}, {}};
  Table table{{column("sequences", "batch"), column("tokens/s", "tokens_per_s"),
               column("per token", "tpot_s"), column("first token", "ttft_s")},
              {},
              {}};
  const std::vector<serving::Point>& curve = result.service.curve;
  const std::size_t step = std::max<std::size_t>(1, (curve.size() + curve_rows - 1) / curve_rows);
  for (std::size_t i = 0; i < curve.size(); i += step) {
    const serving::Point& point = curve[i];
    table.rows.push_back({number(point.batch, 3), number(point.tokens_per_s, 4), seconds(point.tpot_s),
                          std::isfinite(point.ttft_s) ? seconds(point.ttft_s) : number(point.ttft_s)});
  }
  section.tables.push_back(std::move(table));
  return section;
}

Section miss_section(const ServingResult& result) {
  const serving::Miss& miss = *result.service.miss;
  Section section{"No deployment keeps the limits", {}, {}};
  section.lines.push_back(
      fmt::format("The limit is {}: the best of {} comes to {}, and {} is asked.", miss.limit,
                  counted(static_cast<std::size_t>(result.service.evaluated), "candidate"),
                  format_number(miss.best, 4), format_number(miss.required, 4)));
  section.lines.push_back("What would do: " + miss.remedy + ".");
  return section;
}

Section limits_section(const ServingResult& result, bool explain) {
  Section section{"Assumed, and how far it holds", {}, {}};
  for (const serving::Assumed& each : result.service.assumed) {
    section.lines.push_back(fmt::format("{}: {} ({}).", each.key, each.value, each.source));
  }
  for (const serving::Rejected& each : result.service.rejected) {
    section.lines.push_back(fmt::format(
        "{} left out: {}.", counted(static_cast<std::size_t>(each.count), "candidate"), each.reason));
  }
  section.lines.push_back(fmt::format("Measured on {}.", serving::regime));
  if (result.routed) {
    section.lines.emplace_back("Mixtures of experts differ 1.5 to 2 times between engines and months.");
  }
  if (explain) {
    section.lines.emplace_back(
        "A step adds up multiplications, weights, keys and values, links and fixed costs; new prompts take "
        "their share of it in chunks of 8192 tokens. Sequences in flight are Poisson distributed, prompts "
        "wait "
        "in line (Pollaczek and Khinchine) and for a place (Erlang C). Replicas are sized for the peak at "
        "the "
        "use allowed, money is paid for all of them, energy is drawn at the mean load.");
  }
  return section;
}

}  // namespace

Report present(const ServingResult& result, bool explain) {
  Report report;
  report.title = fmt::format("Serving {} on {}", result.model, result.cluster);
  if (result.service.best) {
    report.sections.push_back(best_section(result, *result.service.best));
    report.sections.push_back(cost_section(result, *result.service.best));
    report.sections.push_back(curve_section(result));
    if (!result.service.runners_up.empty()) report.sections.push_back(others_section(result));
  } else {
    report.sections.push_back(miss_section(result));
  }
  report.sections.push_back(limits_section(result, explain));
  report.document = serving_document(result);
  add_result_charts(report);
  return report;
}

}  // namespace scaleplan::report
