#include "scaleplan/report/design.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "report/common.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::report {
namespace {

using fit::Criterion;
using plan::Design;

constexpr std::size_t ranking_rows = 20;

/// "× 1.42", the factor that holds N* at `level` on either side.
std::string factor_text(double sd, double level) {
  return fmt::format("× {}", format_number(std::exp(num::normal_quantile(0.5 + 0.5 * level) * sd), 4));
}

std::string percent_text(double sd, double level) {
  return fmt::format("± {} %", format_number(100 * num::normal_quantile(0.5 + 0.5 * level) * sd, 3));
}

const char* aim(Criterion criterion) {
  return criterion == Criterion::size ? "the compute-optimal size" : "the loss";
}

std::vector<Cell> run_cells(const Design& design, std::size_t index) {
  const fit::RunPoint& run = design.candidates[index];
  return {run.name.empty() ? "–" : run.name, quantity(run.size, Dimension::params),
          quantity(run.tokens, Dimension::tokens), quantity(run.compute, Dimension::flop),
          Cell(fmt::format("{:+.2f}", design.offsets[index]), {design.offsets[index]})};
}

std::vector<Column> run_columns(const Design& design) {
  return {text_column("run", "run"),
          column(design.size_column == "params" ? "parameters" : design.size_column, design.size_column),
          column("tokens", "tokens"), column("FLOP", "flops"), column("ln N / N*", "offset_ln_size")};
}

Section picks_section(const Design& design) {
  const double level = design.plan.level;
  Section section{"Runs to do, in this order", {}, {}};
  section.lines.push_back(fmt::format(
      "{} for {} of {} FLOP, chosen to make {} sure at the {} FLOP of the plan.",
      counted(design.chosen.picks.size(), "run"), format_quantity(design.chosen.spent, Dimension::flop),
      format_quantity(design.budget, Dimension::flop), aim(design.chosen.criterion),
      format_quantity(design.target, Dimension::flop)));
  Table table{run_columns(design), {}, {}};
  if (std::all_of(design.candidates.begin(), design.candidates.end(),
                  [](const fit::RunPoint& run) { return run.name.empty(); })) {
    table.columns.erase(table.columns.begin());
  }
  const std::size_t first = run_columns(design).size() - table.columns.size();
  table.columns.push_back(column("then N* within", "sd_ln_size"));
  table.columns.push_back(column("and the loss", "sd_ln_loss"));
  for (const fit::Pick& pick : design.chosen.picks) {
    std::vector<Cell> row = run_cells(design, pick.run);
    row.erase(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(first));
    row.emplace_back(factor_text(pick.after.ln_size, level), std::vector<double>{pick.after.ln_size});
    row.emplace_back(percent_text(pick.after.ln_loss, level), std::vector<double>{pick.after.ln_loss});
    table.rows.push_back(std::move(row));
  }
  section.tables.push_back(std::move(table));
  return section;
}

Section comparison_section(const Design& design) {
  const double level = design.plan.level;
  Section section{"What each aim buys for this budget", {}, {}};
  Table table{{text_column("runs chosen for", "criterion"), column("runs", "runs"), column("FLOP", "flops"),
               column("N* within", "sd_ln_size"), column("loss", "sd_ln_loss")},
              {},
              {}};
  const auto add = [&](const std::string& name, std::size_t runs, double spent, const fit::Doubt& doubt) {
    table.rows.push_back({name, number(static_cast<double>(runs)), quantity(spent, Dimension::flop),
                          Cell(factor_text(doubt.ln_size, level), {doubt.ln_size}),
                          Cell(percent_text(doubt.ln_loss, level), {doubt.ln_loss})});
  };
  add("nothing", 0, 0, design.before);
  for (const fit::ExperimentDesign* bought : {&design.chosen, &design.other}) {
    add(std::string(fit::criterion_name(bought->criterion)), bought->picks.size(), bought->spent,
        bought->picks.empty() ? design.before : bought->picks.back().after);
  }
  section.lines.push_back(
      fmt::format("The runs above aim at {}; runs chosen for {} differ: a run at the optimum says most about "
                  "the loss and "
                  "nothing about where the optimum is. Ranges hold with probability {} if the laws of the "
                  "fit are right up "
                  "to their parameters.",
                  aim(design.chosen.criterion), aim(design.other.criterion), level_text(level)));
  section.tables.push_back(std::move(table));
  return section;
}

Section explanation(const Design& design) {
  Section section{"How they were chosen", {}, {}};
  section.lines.push_back(
      design.chosen.criterion == Criterion::size
          ? "One by one, the run with the largest ln(1 + jᵀVj / s²) per FLOP that the rest of the budget "
            "pays (D-optimal design of the first law's parameters), V updated after each."
          : "Together, the runs that take most variance off ln L at the target for the budget, in linear "
            "regression over draws of every law of the fit; the most telling comes first.");
  section.lines.push_back(fmt::format(
      "One run scatters by {} in ln L at the optimum of its FLOP and by more the farther above it "
      "lies. Valid near the runs behind the fit; an error that all its laws share is not seen.",
      format_number(design.noise, 3)));
  Table table{run_columns(design), {}, "The best candidates on their own"};
  table.columns.push_back(column("gain per FLOP", "gain_per_flop"));
  std::vector<std::size_t> order(design.candidates.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return design.gains[a] > design.gains[b]; });
  order.resize(std::min(order.size(), ranking_rows));
  for (const std::size_t index : order) {
    std::vector<Cell> row = run_cells(design, index);
    row.push_back(number(design.gains[index], 4));
    table.rows.push_back(std::move(row));
  }
  section.tables.push_back(std::move(table));
  return section;
}

Section assumed_section(const Design& design) {
  Section section{"Assumed, because nobody says", {}, {}};
  for (const plan::Assumed& assumed : design.assumed) {
    const Dimension dimension = assumed.key == "budget" ? Dimension::flop : Dimension::number;
    section.lines.push_back(fmt::format("{} {}: {}.", assumed.key,
                                        format_quantity(assumed.value.number(), dimension), assumed.source));
  }
  return section;
}

}  // namespace

Report present(const Design& design, bool explain) {
  Report report;
  report.title = "Design" + (design.plan.name.empty() ? "" : " " + design.plan.name);
  if (!design.plan.decision) {
    report.title += ": the scenario has no plan";
    report.sections.push_back(
        {"No plan keeps every limit",
         {"These cannot hold together: " + joined(design.plan.conflicts) + ". Relax one."},
         {}});
  } else {
    report.title += ": " + std::string(aim(design.chosen.criterion));
    report.sections.push_back(picks_section(design));
    report.sections.push_back(comparison_section(design));
    if (explain) {
      report.sections.push_back(explanation(design));
    }
    if (!design.assumed.empty()) {
      report.sections.push_back(assumed_section(design));
    }
  }
  report.document = plan::to_json(design);
  return report;
}

}  // namespace scaleplan::report
