#include "report/plan_launch.hpp"

#include <fmt/format.h>

#include <cmath>

#include "report/common.hpp"
#include "scaleplan/plan/quantities.hpp"

namespace scaleplan::report {

Dimension dimension_of_limit(const std::string& name) {
  if (const plan::PlanQuantity* quantity = plan::find_quantity(name)) {
    return quantity->dimension;
  }
  return name.starts_with("params.") ? Dimension::params : Dimension::number;
}

Section launch_section(const Fields& plan) {
  const Fields launch = plan.at("launch");
  Section section{"For the launch"};
  Table sheet{{text_column("note", "note"), column("value", "value")}, {}, {}};
  const auto add = [&](const char* name, const char* key, Dimension dimension) {
    if (launch.has(key)) {
      sheet.rows.push_back({name, quantity(launch.number(key), dimension)});
    }
  };
  add("tokens per day", "tokens_per_day", Dimension::tokens);
  add("checkpoint every", "checkpoint_interval_s", Dimension::seconds);
  add("checkpoints over the run", "checkpoints", Dimension::number);
  add("failures to expect", "failures", Dimension::number);
  add("warm-up steps", "warmup_steps", Dimension::number);
  section.tables.push_back(std::move(sheet));
  Table wires{{column("of the run", "fraction"), column("tokens", "tokens"), column("loss", "loss"),
               interval_column(plan.number("level"), "loss")},
              {},
              "Loss to expect on the way"};
  for (const Fields& wire : launch.items("tripwires")) {
    const double fraction = wire.number("fraction");
    wires.rows.push_back(
        {Cell(level_text(fraction), {fraction}), quantity(wire.number("tokens"), Dimension::tokens),
         quantity(wire.number("loss"), Dimension::nats), interval(wire.interval("band"), Dimension::nats)});
  }
  if (!wires.rows.empty()) {
    section.tables.push_back(std::move(wires));
  }
  return section;
}

Section what_if_section(const Fields& plan) {
  const std::string objective = plan.text("objective");
  const Dimension dimension = dimension_of_limit(objective);
  Section section{"What if"};
  Table table{
      {text_column("change", "change"), column(objective + " would change by", "difference"),
       column("parameters", "params"), column("tokens", "tokens"), column("training time", "train_time_s")},
      {},
      {}};
  for (const Fields& line : plan.items("what_if")) {
    const double difference = line.number("difference");
    const std::string amount = quantity(std::abs(difference), dimension).text;
    table.rows.push_back({line.text("change"), Cell((difference < 0 ? "−" : "+") + amount, {difference}),
                          quantity(line.number("params"), Dimension::params),
                          quantity(line.number("tokens"), Dimension::tokens),
                          quantity(line.number("train_time_s"), Dimension::seconds)});
  }
  section.tables.push_back(std::move(table));
  return section;
}

Section conflict_section(const Fields& plan) {
  Section section{"No plan keeps every limit"};
  section.urgent = true;
  const std::string names = joined(plan.texts("conflicts"));
  section.lines.push_back(names.empty() ? "The search ended without a feasible point."
                                        : "These cannot hold together: " + names + ". Relax one of them.");
  for (const Fields& relief : plan.items("reliefs")) {
    const std::string name = relief.text("name");
    const Dimension dimension = dimension_of_limit(name);
    const std::string limit = quantity(relief.number("limit"), dimension).text;
    section.lines.push_back(
        relief.has("needed")
            ? fmt::format("With {} at {} instead of {} and all else as it is, there is a plan.", name,
                          quantity(relief.number("needed"), dimension).text, limit)
            : fmt::format("Relaxing {} ({}) alone does not do.", name, limit));
  }
  return section;
}

}  // namespace scaleplan::report
