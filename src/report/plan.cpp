#include "scaleplan/plan/plan.hpp"

#include <fmt/format.h>

#include <cmath>

#include "report/common.hpp"
#include "report/plan_charts.hpp"
#include "report/plan_sections.hpp"
#include "report/saved.hpp"
#include "scaleplan/json/document.hpp"
#include "scaleplan/plan/document.hpp"
#include "scaleplan/report/present.hpp"

namespace scaleplan::report {
namespace {

constexpr double one_percent = 0.01;

std::string whole(double value) {
  return fmt::format("{:.0f}", value);
}

std::string shape_text(const Fields& shape) {
  const auto count = [&](const char* key) { return whole(shape.number(key)); };
  std::string text = fmt::format(
      "{} layers of width {}, {} heads of {} ({} for keys and values), feed-forward width {}, vocabulary {}",
      count("layers"), count("hidden"), count("heads"), count("head_size"), count("kv_heads"), count("ffn"),
      count("vocabulary"));
  const Fields experts = shape.at("experts");
  if (experts.number("experts") > 1) {
    text += fmt::format(", {} experts of width {}, {} per token", whole(experts.number("experts")),
                        whole(experts.number("expert_ffn")), whole(experts.number("per_token")));
  }
  return text;
}

std::vector<std::string> machine_lines(const Fields& plan) {
  const Fields decision = plan.at("decision");
  const Fields run = plan.at("run");
  const double cap = decision.number("power_cap_w");
  return {
      fmt::format("On {} {} of {} in {} with {}{}, laid out {}.", whole(decision.number("devices")),
                  run.text("device"), decision.text("cluster"), decision.text("precision"),
                  decision.text("optimizer"), std::isnan(cap) ? "" : fmt::format(", capped at {:g} W", cap),
                  decision.at("layout").text("text")),
      fmt::format("A failure every {} on average; checkpoints every {}; {} of the wall time makes progress.",
                  format_quantity(run.number("job_mtbf_s"), Dimension::seconds),
                  format_quantity(run.number("checkpoint_interval_s"), Dimension::seconds),
                  format_quantity(run.number("goodput"), Dimension::fraction))};
}

Table decision_table(const Fields& plan) {
  const Fields decision = plan.at("decision");
  const Fields intervals = plan.at("decision_intervals");
  Table table{{text_column("train", "decision"), column("value", "value"),
               interval_column(plan.number("level"), "value")},
              {},
              {}};
  const auto add = [&](const char* name, Cell value, const Interval& spread, Dimension dimension) {
    table.rows.push_back({name, std::move(value), interval(spread, dimension)});
  };
  const auto add_quantity = [&](const char* name, const char* key, Dimension dimension) {
    add(name, quantity(decision.number(key), dimension), intervals.interval(key), dimension);
  };
  add_quantity("parameters", "params", Dimension::params);
  if (decision.number("active_params") != decision.number("params")) {
    add_quantity("active parameters", "active_params", Dimension::params);
  }
  add_quantity("tokens", "tokens", Dimension::tokens);
  add("tokens per parameter", number(decision.number("tokens_per_parameter"), 4),
      intervals.interval("tokens_per_parameter"), Dimension::fraction);
  add("tokens per step", quantity(decision.number("batch_tokens"), Dimension::tokens), {}, Dimension::tokens);
  add("steps", number(decision.number("steps")), {}, Dimension::number);
  add("peak learning rate", number(decision.number("learning_rate"), 3), {}, Dimension::number);
  add("sequence length", number(decision.number("sequence_length")), {}, Dimension::number);
  if (decision.has("devices")) {
    add("devices", number(decision.number("devices")), intervals.interval("devices"), Dimension::number);
  }
  return table;
}

Section decision_section(const Fields& plan) {
  Section section{"Decision", {shape_text(plan.at("decision").at("shape")) + "."}};
  if (plan.has("run")) {
    for (std::string& line : machine_lines(plan)) {
      section.lines.push_back(std::move(line));
    }
  }
  const Fields intervals = plan.at("decision_intervals");
  const double draws = intervals.number("draws");
  if (draws > 0) {
    const double solved = intervals.number("solved");
    const double options = intervals.number("options");
    section.lines.push_back(fmt::format(
        "The intervals say how sure the choice is: the problem solved anew for {} of the law{}{}.",
        counted(static_cast<std::size_t>(draws), "draw"),
        options > 1
            ? fmt::format(", each on the best of the {} ways to provide machines that are about as good",
                          whole(options))
            : "",
        solved < draws ? fmt::format(", of which {} have a best size", whole(solved)) : ""));
    const Fields decision = plan.at("decision");
    const auto outside = [&](const char* key) {
      const Interval interval = intervals.interval(key);
      return interval.known && (decision.number(key) < interval.low || decision.number(key) > interval.high);
    };
    if (outside("params") || outside("tokens")) {
      section.lines.emplace_back(
          "The decision lies outside: it is a shape of the family, and safe where the scenario asks for "
          "confidence.");
    }
  }
  section.tables.push_back(decision_table(plan));
  return section;
}

Section outcome_section(const Fields& plan) {
  Section section{"What to expect"};
  Table table{{text_column("outcome", "outcome"), column("value", "value"),
               interval_column(plan.number("level"), "value"), text_column("meaning", "meaning")},
              {},
              {}};
  const Fields outcomes = plan.at("outcome");
  for (const plan::PlanQuantity& known : plan::plan_quantities()) {
    const Fields outcome = outcomes.at(known.key);
    if (outcome.has("value")) {
      table.rows.push_back({known.key, quantity(outcome.number("value"), known.dimension),
                            interval(outcome.interval("interval"), known.dimension), known.what});
    }
  }
  section.tables.push_back(std::move(table));
  return section;
}

// "1 % more: −0.00037 nats/token"
Cell price(const Fields& constraint, const std::string& objective) {
  if (!constraint.flag("binding")) {
    return {"does not bind", {0}};
  }
  const double slope = constraint.number("per_log_limit");
  const double change = one_percent * slope;
  const Dimension dimension = dimension_of_limit(objective);
  const std::string amount = dimension == Dimension::nats ? format_number(std::abs(change), 3) + " nats"
                                                          : format_quantity(std::abs(change), dimension);
  return {(change < 0 ? "−" : "+") + amount, {slope}};
}

std::string switch_text(const std::string& limit, const Fields& beyond) {
  const double relative = beyond.number("relative");
  return fmt::format(
      "With {} % {} {} ({}) another class is decided: {} parameters, {} layers of width {}, on {} "
      "devices of {}, {}.",
      format_number(100 * std::abs(relative), 2), relative > 0 ? "more" : "less", limit,
      format_quantity(beyond.number("limit"), dimension_of_limit(limit)),
      format_quantity(beyond.number("params"), Dimension::params), whole(beyond.number("layers")),
      whole(beyond.number("hidden")), whole(beyond.number("devices")), beyond.text("cluster"),
      beyond.text("layout"));
}

Section limit_section(const Fields& plan) {
  Section section{"Limits"};
  const std::string objective = plan.text("objective");
  Table table{{text_column("limit", "limit"), column("used", "used"), column("of", "of"),
               column("1 % more of it changes " + objective + " by", "per_log_limit"),
               column("kept with probability", "probability_kept")},
              {},
              {}};
  json::Value bars = json::Array{};
  const std::vector<Fields> constraints = plan.items("constraints");
  for (const Fields& constraint : constraints) {
    const std::string name = constraint.text("name");
    const Dimension dimension = dimension_of_limit(name);
    std::vector<Cell>& cells = table.rows.emplace_back();
    cells = {name, quantity(constraint.number("used"), dimension),
             quantity(constraint.number("limit"), dimension),
             plan.has("decision") ? price(constraint, objective) : number(std::nan("")),
             number(constraint.number("probability_kept"), 3)};
    add_limit_bar(constraint, cells, objective, bars);
    // neighbouring shapes alone say little
    if (constraint.has("switches_at") && constraint.at("switches_at").has("devices")) {
      section.lines.push_back(switch_text(name, constraint.at("switches_at")));
    }
  }
  const double joint = plan.number("joint_probability_kept");
  if (!std::isnan(joint) && constraints.size() > 1) {
    section.lines.push_back(fmt::format("All hold together with probability {}.", format_number(joint, 3)));
  }
  if (plan.has("decision") && !bars.array().empty()) {
    section.charts.push_back(limit_chart(bars));
  }
  section.tables.push_back(std::move(table));
  return section;
}

Section near_section(const Fields& plan) {
  Section section{"How flat the choice is"};
  Table table{{column(plan.text("objective") + " within", "within"),
               {"parameters", {"params_low", "params_high"}},
               {"tokens", {"tokens_low", "tokens_high"}}},
              {},
              {}};
  for (const Fields& near : plan.items("near_optimal")) {
    const double within = near.number("within");
    table.rows.push_back({Cell(level_text(within), {within}),
                          interval(near.interval("params"), Dimension::params),
                          interval(near.interval("tokens"), Dimension::tokens)});
  }
  section.tables.push_back(std::move(table));
  return section;
}

Section alternative_section(const Fields& plan) {
  Section section{"Other shapes about as good"};
  Table table{{column("layers", "layers"), column("width", "hidden"), column("parameters", "params"),
               column("tokens", "tokens"), column("loss", "loss"),
               column(plan.text("objective") + " changes by", "excess")},
              {},
              {}};
  const bool machines = plan.has("run");
  if (machines) {
    table.columns.push_back(text_column("machines", "machines"));
  }
  for (const Fields& other : plan.items("alternatives")) {
    const Fields shape = other.at("shape");
    const double excess = other.number("excess");
    std::vector<Cell> row{number(shape.number("layers")),
                          number(shape.number("hidden")),
                          quantity(other.number("params"), Dimension::params),
                          quantity(other.number("tokens"), Dimension::tokens),
                          quantity(other.number("loss"), Dimension::nats),
                          Cell(fmt::format("{:+.4f} %", 100 * excess), {excess})};
    if (machines) {
      row.emplace_back(fmt::format("{} × {} {}", whole(other.number("devices")), other.text("device"),
                                   other.text("precision")));
    }
    table.rows.push_back(std::move(row));
  }
  section.tables.push_back(std::move(table));
  return section;
}

std::string shown(const json::Value* value) {
  if (value == nullptr) {
    return "–";
  }
  if (value->is_string()) {
    return value->string();
  }
  return value->is_number() ? format_number(value->number()) : json::write(*value, false);
}

Section shape_section(const Fields& plan) {
  const Fields decision = plan.at("decision");
  const Fields shape = decision.at("shape");
  Section section{"The shape in full"};
  Table table{{text_column("part", "part"), column("value", "value")}, {}, {}};
  const auto add = [&](const char* name, double value) {
    table.rows.push_back({name, {whole(value), {value}}});
  };
  for (const char* key : {"layers", "hidden", "heads", "kv_heads", "head_size", "ffn", "vocabulary"}) {
    add(key, shape.number(key));
  }
  table.rows.push_back({"hidden / layers", number(shape.number("aspect"), 4)});
  const double total = decision.number("params");
  const double rest = decision.number("non_embedding_params");
  add("parameters, total", total);
  add("parameters, active", decision.number("active_params"));
  add("parameters, embedding", total - rest);
  add("parameters, non-embedding", rest);
  section.tables.push_back(std::move(table));
  return section;
}

Section assumed_section(const Fields& plan) {
  Section section{"Assumed, because the scenario does not say"};
  Table table{
      {text_column("key", "key"), text_column("value", "value"), text_column("source", "source")}, {}, {}};
  for (const Fields& assumed : plan.items("assumed")) {
    table.rows.push_back({assumed.text("key"), shown(assumed.find("value")), assumed.text("source")});
  }
  section.tables.push_back(std::move(table));
  return section;
}

std::string provenance_text(const Fields& from) {
  const std::string set = from.text("set");
  const std::string group = from.text("group");
  return fmt::format("Law {}{}{}, {}, seed {}; scaleplan {}, catalogue {}.", from.text("law"),
                     set.empty() ? "" : ":" + set, group.empty() ? "" : " group " + group,
                     counted(static_cast<std::size_t>(from.number("law_draws")), "draw"),
                     whole(from.number("seed")), from.text("version"), from.text("catalogue"));
}

Section explain_section(const Fields& plan) {
  Section section{"How it was computed"};
  const std::string objective = plan.text("objective");
  const Dimension dimension = dimension_of_limit(objective);
  if (plan.has("relaxation")) {
    const Fields relaxation = plan.at("relaxation");
    section.lines.push_back(
        fmt::format("With size and tokens continuous ({}, KKT residual {}): {} = {}, tokens = {}, {} = {}.",
                    relaxation.text("method"), format_number(relaxation.number("kkt_residual"), 2),
                    relaxation.at("size").text("input"),
                    format_quantity(relaxation.at("size").number("value"), Dimension::params),
                    format_quantity(relaxation.number("tokens"), Dimension::tokens), objective,
                    format_quantity(relaxation.number("value"), dimension)));
    const Fields prices = relaxation.at("per_log_limit");
    for (const auto& [name, slope] : prices.value().object()) {
      section.lines.push_back(
          fmt::format("There, d {} / d ln {} = {}.", objective, name, format_number(prices.number(name), 7)));
    }
    section.lines.push_back(
        fmt::format("Rounding to a shape costs {} of it.", level_text(relaxation.number("gap"))));
  }
  if (plan.has("certificate")) {
    const Fields certificate = plan.at("certificate");
    section.lines.push_back(fmt::format(
        "{} of the family were compared; none can be below {}, the decision has {} (gap {}).",
        counted(static_cast<std::size_t>(plan.number("shapes_evaluated")), "shape"),
        format_quantity(certificate.number("bound"), dimension),
        format_quantity(certificate.number("value"), dimension), level_text(certificate.number("gap"))));
  }
  for (std::string& line : plan.texts("derivation")) {
    section.lines.push_back(std::move(line));
  }
  section.lines.push_back(provenance_text(plan.at("provenance")));
  return section;
}

std::string title_of(const Fields& plan) {
  const std::string name = plan.has("name") ? "Plan " + plan.text("name") : "Plan";
  const std::string status = plan.text("status");
  if (!plan.has("decision")) {
    return name + ": " + status;
  }
  const Fields decision = plan.at("decision");
  return fmt::format("{}: train {} parameters on {} tokens ({})", name,
                     format_quantity(decision.number("params"), Dimension::params),
                     format_quantity(decision.number("tokens"), Dimension::tokens), status);
}

void add_answer(const Fields& plan, Report& report) {
  if (!plan.has("decision")) {
    const std::string names = joined(plan.texts("conflicts"));
    Section section{"No plan keeps every limit",
                    {names.empty() ? "The search ended without a feasible point."
                                   : "These cannot hold together: " + names + ". Relax one of them."}};
    section.urgent = true;
    report.sections.push_back(std::move(section));
    return;
  }
  report.headlines = plan_headlines(plan);
  report.sections.push_back(decision_section(plan));
  report.sections.push_back(outcome_section(plan));
}

}  // namespace

Report present_plan(const json::Value& document, const PlanView& view) {
  const Fields plan(document);
  Report report;
  report.title = title_of(plan);
  add_answer(plan, report);
  const auto add_when = [&](bool any, Section (*section)(const Fields&)) {
    if (any) {
      report.sections.push_back(section(plan));
    }
  };
  add_when(!plan.array("constraints").empty(), limit_section);
  add_when(!plan.array("reliefs").empty(), relief_section);
  add_when(plan.has("serving"), deployment_section);
  add_when(!plan.array("what_if").empty(), what_if_section);
  add_when(plan.has("launch"), launch_section);
  add_when(plan.has("views"), choice_section);
  add_when(!plan.array("near_optimal").empty(), near_section);
  add_when(plan.has("run") && plan.has("views"), part_section);
  add_when(!plan.array("alternatives").empty(), alternative_section);
  add_when(!plan.array("assumed").empty(), assumed_section);
  add_when((view.detail || plan.has("views")) && plan.has("decision"), shape_section);
  add_when(view.explain || plan.has("views"), explain_section);
  if (!plan.array("warnings").empty()) {
    report.sections.push_back({"Warnings", plan.texts("warnings"), {}, {}, {}, true});
  }
  report.document = document;
  return report;
}

Report present(const plan::Plan& plan, const PlanView& view) {
  return present_plan(plan::to_json(plan), view);
}

}  // namespace scaleplan::report
