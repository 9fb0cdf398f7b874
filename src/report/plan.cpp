#include "scaleplan/plan/plan.hpp"

#include <fmt/format.h>

#include <cmath>

#include "report/common.hpp"
#include "scaleplan/json/document.hpp"
#include "scaleplan/plan/document.hpp"
#include "scaleplan/report/present.hpp"

namespace scaleplan::report {
namespace {

using plan::Plan;

constexpr double one_percent = 0.01;

std::string shape_text(const model::Shape& shape) {
  std::string text = fmt::format(
      "{} layers of width {}, {} heads of {} ({} for keys and values), feed-forward width {}, vocabulary {}",
      shape.layers, shape.hidden, shape.heads, shape.head_size, shape.kv_heads, shape.ffn, shape.vocabulary);
  if (shape.experts.experts > 1) {
    text += fmt::format(", {} experts of width {}, {} per token", shape.experts.experts,
                        shape.experts.expert_ffn, shape.experts.per_token);
  }
  return text;
}

Dimension dimension_of_objective(const Plan& plan) {
  const plan::PlanQuantity* quantity = plan::find_quantity(plan.objective);
  return quantity == nullptr ? Dimension::number : quantity->dimension;
}

Section decision_section(const Plan& plan) {
  Section section{"Decision", {}, {}};
  const plan::Decision& decision = *plan.decision;
  const plan::DecisionIntervals& intervals = plan.decision_intervals;
  section.lines.push_back(shape_text(decision.shape) + ".");
  Table table{
      {text_column("train", "decision"), column("value", "value"), interval_column(plan.level, "value")},
      {},
      {}};
  const auto add = [&](const char* name, Cell value, const Interval& spread, Dimension dimension) {
    table.rows.push_back({name, std::move(value), interval(spread, dimension)});
  };
  const auto params = static_cast<double>(decision.params.total);
  const auto active = static_cast<double>(decision.params.active);
  add("parameters", quantity(params, Dimension::params), intervals.params, Dimension::params);
  if (decision.params.active != decision.params.total) {
    add("active parameters", quantity(active, Dimension::params), intervals.active_params, Dimension::params);
  }
  add("tokens", quantity(static_cast<double>(decision.tokens), Dimension::tokens), intervals.tokens,
      Dimension::tokens);
  add("tokens per parameter", number(decision.tokens_per_parameter(), 4), intervals.tokens_per_parameter,
      Dimension::fraction);
  add("tokens per step", quantity(static_cast<double>(decision.batch_tokens), Dimension::tokens), {},
      Dimension::tokens);
  add("steps", number(static_cast<double>(decision.steps)), {}, Dimension::number);
  add("peak learning rate", number(decision.learning_rate, 3), {}, Dimension::number);
  add("sequence length", number(static_cast<double>(decision.sequence_length)), {}, Dimension::number);
  if (decision.devices) {
    add("devices", number(*decision.devices), {}, Dimension::number);
  }
  if (decision.run) {
    const plan::Run& run = *decision.run;
    section.lines.push_back(fmt::format(
        "On {} {} of {} in {} with {}{}, laid out {}.", run.devices, run.device, run.cluster, run.precision,
        run.optimizer, run.power_cap_w ? fmt::format(", capped at {:g} W", *run.power_cap_w) : "",
        model::to_text(run.layout.layout)));
    section.lines.push_back(fmt::format(
        "A failure every {} on average; checkpoints every {}; {} of the wall time makes progress.",
        format_quantity(run.goodput.job_mtbf_s, Dimension::seconds),
        format_quantity(run.goodput.checkpoint_interval_s, Dimension::seconds),
        format_quantity(run.goodput.fraction, Dimension::fraction)));
  }
  if (intervals.draws > 0) {
    section.lines.push_back(fmt::format(
        "The intervals say how sure the choice is: the problem solved anew for {} of the law{}.",
        counted(intervals.draws, "draw"),
        intervals.solved < intervals.draws ? fmt::format(", of which {} have a best size", intervals.solved)
                                           : ""));
  }
  section.tables.push_back(std::move(table));
  return section;
}

Section outcome_section(const Plan& plan) {
  Section section{"What to expect", {}, {}};
  Table table{{text_column("outcome", "outcome"), column("value", "value"),
               interval_column(plan.level, "value"), text_column("meaning", "meaning")},
              {},
              {}};
  for (const plan::Outcome& outcome : plan.outcomes) {
    if (outcome.value) {
      const Dimension dimension = outcome.quantity->dimension;
      table.rows.push_back({outcome.quantity->key, quantity(*outcome.value, dimension),
                            interval(outcome.interval, dimension), outcome.quantity->what});
    }
  }
  section.tables.push_back(std::move(table));
  return section;
}

// "1 % more: −0.00037 nats/token"
Cell price(const plan::Constraint& constraint, Dimension objective) {
  if (!constraint.binding) {
    return {"does not bind", {0}};
  }
  const double change = one_percent * constraint.per_log_limit;
  const std::string amount = objective == Dimension::nats ? format_number(std::abs(change), 3) + " nats"
                                                          : format_quantity(std::abs(change), objective);
  return {(change < 0 ? "−" : "+") + amount, {constraint.per_log_limit}};
}

Section limit_section(const Plan& plan) {
  Section section{"Limits", {}, {}};
  Table table{{text_column("limit", "limit"), column("used", "used"), column("of", "of"),
               column("1 % more of it changes " + plan.objective + " by", "per_log_limit"),
               column("kept with probability", "probability_kept")},
              {},
              {}};
  const Dimension objective = dimension_of_objective(plan);
  for (const plan::Constraint& constraint : plan.constraints) {
    table.rows.push_back({constraint.name, quantity(constraint.used, constraint.dimension),
                          quantity(constraint.limit, constraint.dimension),
                          plan.decision ? price(constraint, objective) : number(std::nan("")),
                          number(constraint.probability_kept, 3)});
  }
  if (plan.joint_probability_kept && plan.constraints.size() > 1) {
    section.lines.push_back(fmt::format("All hold together with probability {}.",
                                        format_number(*plan.joint_probability_kept, 3)));
  }
  section.tables.push_back(std::move(table));
  return section;
}

Section near_section(const Plan& plan) {
  Section section{"How flat the choice is", {}, {}};
  Table table{{column(plan.objective + " within", "within"),
               {"parameters", {"params_low", "params_high"}},
               {"tokens", {"tokens_low", "tokens_high"}}},
              {},
              {}};
  for (const plan::NearOptimal& near : plan.near_optimal) {
    table.rows.push_back({Cell(level_text(near.within), {near.within}),
                          interval({near.params_low, near.params_high, true}, Dimension::params),
                          interval({near.tokens_low, near.tokens_high, true}, Dimension::tokens)});
  }
  section.tables.push_back(std::move(table));
  return section;
}

Section alternative_section(const Plan& plan) {
  Section section{"Other shapes about as good", {}, {}};
  Table table{
      {column("layers", "layers"), column("width", "hidden"), column("parameters", "params"),
       column("tokens", "tokens"), column("loss", "loss"), column(plan.objective + " changes by", "excess")},
      {},
      {}};
  const bool machines = plan.decision->run != nullptr;
  if (machines) {
    table.columns.push_back(text_column("machines", "machines"));
  }
  for (const plan::Alternative& other : plan.alternatives) {
    std::vector<Cell> row{number(static_cast<double>(other.shape.layers)),
                          number(static_cast<double>(other.shape.hidden)),
                          quantity(static_cast<double>(other.params.total), Dimension::params),
                          quantity(static_cast<double>(other.tokens), Dimension::tokens),
                          quantity(other.loss, Dimension::nats),
                          Cell(fmt::format("{:+.4f} %", 100 * other.excess), {other.excess})};
    if (machines) {
      row.emplace_back(
          fmt::format("{} × {} {}", other.run->devices, other.run->device, other.run->precision));
    }
    table.rows.push_back(std::move(row));
  }
  section.tables.push_back(std::move(table));
  return section;
}

std::string shown(const json::Value& value) {
  if (value.is_string()) {
    return value.string();
  }
  return value.is_number() ? format_number(value.number()) : json::write(value, false);
}

Section shape_section(const Plan& plan) {
  const model::Shape& shape = plan.decision->shape;
  const model::Parameters& params = plan.decision->params;
  Section section{"The shape in full", {}, {}};
  Table table{{text_column("part", "part"), column("value", "value")}, {}, {}};
  const auto add = [&](const char* name, std::int64_t value) {
    table.rows.push_back({name, {fmt::format("{}", value), {static_cast<double>(value)}}});
  };
  add("layers", shape.layers);
  add("hidden", shape.hidden);
  add("heads", shape.heads);
  add("kv_heads", shape.kv_heads);
  add("head_size", shape.head_size);
  add("ffn", shape.ffn);
  add("vocabulary", shape.vocabulary);
  table.rows.push_back({"hidden / layers", number(shape.aspect(), 4)});
  add("parameters, total", params.total);
  add("parameters, active", params.active);
  add("parameters, embedding", params.embedding);
  add("parameters, non-embedding", params.non_embedding);
  section.tables.push_back(std::move(table));
  return section;
}

Section assumed_section(const Plan& plan) {
  Section section{"Assumed, because the scenario does not say", {}, {}};
  Table table{
      {text_column("key", "key"), text_column("value", "value"), text_column("source", "source")}, {}, {}};
  for (const plan::Assumed& assumed : plan.assumed) {
    table.rows.push_back({assumed.key, shown(assumed.value), assumed.source});
  }
  section.tables.push_back(std::move(table));
  return section;
}

Section explain_section(const Plan& plan) {
  Section section{"How it was computed", {}, {}};
  const Dimension objective = dimension_of_objective(plan);
  const plan::Relaxation& relaxation = plan.relaxation;
  if (relaxation.found) {
    section.lines.push_back(
        fmt::format("With size and tokens continuous ({}, KKT residual {}): {} = {}, tokens = {}, {} = {}.",
                    relaxation.method, format_number(relaxation.kkt_residual, 2), relaxation.size_input,
                    format_quantity(relaxation.size, Dimension::params),
                    format_quantity(relaxation.tokens, Dimension::tokens), plan.objective,
                    format_quantity(relaxation.value, objective)));
    for (const auto& [name, slope] : relaxation.per_log_limit) {
      section.lines.push_back(
          fmt::format("There, d {} / d ln {} = {}.", plan.objective, name, format_number(slope, 7)));
    }
    section.lines.push_back(fmt::format("Rounding to a shape costs {} of it.", level_text(relaxation.gap)));
  }
  if (plan.certificate) {
    section.lines.push_back(fmt::format(
        "{} of the family were compared; none can be below {}, the decision has {} (gap {}).",
        counted(plan.shapes_evaluated, "shape"), format_quantity(plan.certificate->bound, objective),
        format_quantity(plan.certificate->value, objective), level_text(plan.certificate->gap)));
  }
  const plan::Provenance& from = plan.provenance;
  section.lines.push_back(
      fmt::format("Law {}{}{}, {}, seed {}; scaleplan {}, catalogue {}.", from.law,
                  from.set.empty() ? "" : ":" + from.set, from.group.empty() ? "" : " group " + from.group,
                  counted(from.law_draws, "draw"), from.seed, from.version, from.catalogue));
  return section;
}

std::string title_of(const Plan& plan) {
  const std::string name = plan.name.empty() ? "Plan" : "Plan " + plan.name;
  if (!plan.decision) {
    return name + ": " + std::string(status_name(plan.status));
  }
  return fmt::format("{}: train {} parameters on {} tokens ({})", name,
                     format_quantity(static_cast<double>(plan.decision->params.total), Dimension::params),
                     format_quantity(static_cast<double>(plan.decision->tokens), Dimension::tokens),
                     status_name(plan.status));
}

void add_answer(const Plan& plan, Report& report) {
  if (!plan.decision) {
    Section section{"No plan keeps every limit", {}, {}};
    std::string names;
    for (const std::string& conflict : plan.conflicts) {
      names += (names.empty() ? "" : ", ") + conflict;
    }
    section.lines.push_back(names.empty() ? "The search ended without a feasible point."
                                          : "These cannot hold together: " + names + ". Relax one of them.");
    report.sections.push_back(std::move(section));
    return;
  }
  report.sections.push_back(decision_section(plan));
  report.sections.push_back(outcome_section(plan));
}

}  // namespace

Report present(const Plan& plan, const PlanView& view) {
  Report report;
  report.title = title_of(plan);
  add_answer(plan, report);
  const auto add_when = [&](bool any, Section (*section)(const Plan&)) {
    if (any) {
      report.sections.push_back(section(plan));
    }
  };
  add_when(!plan.constraints.empty(), limit_section);
  add_when(!plan.near_optimal.empty(), near_section);
  add_when(!plan.alternatives.empty(), alternative_section);
  add_when(!plan.assumed.empty(), assumed_section);
  add_when(view.detail && plan.decision.has_value(), shape_section);
  add_when(view.explain, explain_section);
  if (!plan.warnings.empty()) {
    report.sections.push_back({"Warnings", plan.warnings, {}});
  }
  report.document = plan::to_json(plan);
  return report;
}

}  // namespace scaleplan::report
