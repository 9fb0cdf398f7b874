#include "report/plan_sections.hpp"

#include <fmt/format.h>

#include <cmath>

#include "report/common.hpp"
#include "report/result_charts.hpp"
#include "scaleplan/plan/quantities.hpp"

namespace scaleplan::report {

namespace {

std::string signed_amount(double value, Dimension dimension) {
  const std::string amount = dimension == Dimension::nats ? format_number(std::abs(value), 3) + " nats"
                                                          : format_quantity(std::abs(value), dimension);
  return (value < 0 ? "−" : "+") + amount;
}

}  // namespace

Dimension dimension_of_limit(const std::string& name) {
  if (const plan::PlanQuantity* quantity = plan::find_quantity(name)) {
    return quantity->dimension;
  }
  return name.starts_with("params.") ? Dimension::params : Dimension::number;
}

Section deployment_section(const Fields& plan) {
  const Fields cut = plan.at("decision").at("deployment");
  const Fields serving = plan.at("serving");
  const auto whole = [&](const char* key) { return fmt::format("{:.0f}", cut.number(key)); };
  Section section{"Deployment"};
  section.lines.push_back(fmt::format(
      "On {} {} in {}: {} replicas of {} devices, {} weights, {} cache, up to {} sequences each; {} binds.",
      whole("count"), cut.text("device"), cut.text("site"), whole("replicas"),
      fmt::format("{:.0f}", cut.number("tp") * cut.number("pp")), cut.text("precision"),
      cut.text("kv_precision"), whole("batch"), serving.text("limit")));
  Table table{{text_column("serving", "serving"), column("value", "value")}, {}, {}};
  const auto add = [&](const char* name, const char* key, Dimension dimension) {
    const double value = serving.number(key);
    if (!std::isnan(value)) table.rows.push_back({name, quantity(value, dimension)});
  };
  add("time to first token", "ttft_s", Dimension::seconds);
  add("time per output token", "tpot_s", Dimension::seconds);
  add("energy per output token", "energy_j_per_token", Dimension::joules);
  add("money per million output tokens", "cost_usd_per_million_tokens", Dimension::dollars);
  add("device-hours over the lifetime", "device_hours", Dimension::device_hours);
  add("money over the lifetime", "cost_usd", Dimension::dollars);
  add("energy over the lifetime", "energy_j", Dimension::joules);
  add("carbon over the lifetime", "carbon_g", Dimension::grams);
  section.charts = latency_charts(serving);
  section.tables.push_back(std::move(table));
  return section;
}

Section launch_section(const Fields& plan) {
  const Fields launch = plan.at("launch");
  Section section{"Launch sheet"};
  const auto line = [&](const char* key, const char* text, Dimension dimension) {
    const double value = launch.number(key);
    if (!std::isnan(value) && value > 0) {
      section.lines.push_back(fmt::format(fmt::runtime(text), format_quantity(value, dimension)));
    }
  };
  line("tokens_per_day", "{} tokens a day of wall time.", Dimension::tokens);
  line("checkpoint_interval_s", "A checkpoint every {}.", Dimension::seconds);
  line("failures", "{} failures to expect over the run.", Dimension::number);
  line("warmup_steps", "{} steps of warm-up.", Dimension::number);
  section.lines.emplace_back(
      "Loss on the way, of a run annealed there; before its rate falls a run shows more, never less.");
  Table table{{column("of the tokens", "fraction"), column("tokens", "tokens"), column("loss", "loss"),
               interval_column(plan.number("level"), "loss")},
              {},
              {}};
  for (const Fields& wire : launch.items("tripwires")) {
    const double fraction = wire.number("fraction");
    table.rows.push_back(
        {quantity(fraction, Dimension::fraction), quantity(wire.number("tokens"), Dimension::tokens),
         quantity(wire.number("loss"), Dimension::nats), interval(wire.interval("band"), Dimension::nats)});
  }
  section.tables.push_back(std::move(table));
  return section;
}

Section what_if_section(const Fields& plan) {
  const std::string objective = plan.text("objective");
  const Dimension dimension = dimension_of_limit(objective);
  Section section{"What if"};
  section.lines.emplace_back("Size and tokens chosen anew, on the machines of the plan.");
  Table table{
      {text_column("change", "change"), column(objective + " changes by", "difference"),
       column("parameters", "params"), column("tokens", "tokens"), column("train time", "train_time_s")},
      {},
      {}};
  for (const Fields& line : plan.items("what_if")) {
    const double difference = line.number("difference");
    const double seconds = line.number("train_time_s");
    table.rows.push_back({line.text("change"), Cell(signed_amount(difference, dimension), {difference}),
                          quantity(line.number("params"), Dimension::params),
                          quantity(line.number("tokens"), Dimension::tokens),
                          seconds > 0 ? quantity(seconds, Dimension::seconds) : number(std::nan(""))});
  }
  section.tables.push_back(std::move(table));
  return section;
}

Section relief_section(const Fields& plan) {
  Section section{"The smallest relaxation of each alone"};
  Table table{{text_column("limit", "limit"), column("given", "limit"), column("needed", "needed")}, {}, {}};
  for (const Fields& relief : plan.items("reliefs")) {
    const Dimension dimension = dimension_of_limit(relief.text("name"));
    const double needed = relief.number("needed");
    table.rows.push_back(
        {relief.text("name"), quantity(relief.number("limit"), dimension),
         std::isnan(needed) ? Cell("none is enough", {needed}) : quantity(needed, dimension)});
  }
  section.tables.push_back(std::move(table));
  return section;
}

}  // namespace scaleplan::report
