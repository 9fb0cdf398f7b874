#include "scaleplan/report/layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/common.hpp"
#include "report/layout_document.hpp"

namespace scaleplan::report {
namespace {

using training::Part;
using training::RankedLayout;

constexpr std::size_t shown_in_detail = 3;
constexpr std::size_t shown_of_front = 12;
constexpr double least_share = 5e-4;  // parts that no column has more of are not shown

Cell bytes(double value) {
  return quantity(value, Dimension::bytes);
}

Cell seconds(double value) {
  return {format_number(value, 4) + " s", {value}};
}

Cell share(double value) {
  return {format_number(100 * value, 3) + " %", {value}};
}

Section job_section(const LayoutResult& result) {
  const training::Job& job = result.job;
  const model::Parameters params = model::count_parameters(job.shape);
  Section section{"The job", {}, {}};
  section.lines.push_back(fmt::format(
      "{} with {} parameters ({} active), {} sequences of {} tokens a step ({} tokens), on {} x {} in nodes "
      "of {}, {} of memory each.",
      result.model, format_quantity(static_cast<double>(params.total), Dimension::params),
      format_quantity(static_cast<double>(params.active), Dimension::params), job.global_batch,
      job.sequence_length,
      format_quantity(static_cast<double>(job.global_batch * job.sequence_length), Dimension::tokens),
      job.machine.devices, job.machine.device.id, job.machine.node_devices,
      format_quantity(job.machine.memory.raw(), Dimension::bytes)));
  return section;
}

std::vector<Cell> ranked_row(Cell first, const RankedLayout& ranked, double devices) {
  return {std::move(first),
          model::to_text(ranked.layout),
          seconds(ranked.time.step_s),
          {fmt::format("{} – {}", format_number(ranked.time.interval_low_s, 3),
                       format_number(ranked.time.interval_high_s, 3)),
           {ranked.time.interval_low_s, ranked.time.interval_high_s}},
          number(ranked.time.tokens_per_s / devices, 4),
          share(ranked.time.mfu),
          bytes(ranked.memory.safe)};
}

Section best_section(const LayoutResult& result) {
  Section section{"Best layouts", {}, {}};
  Table table{
      {column("rank", "rank"), text_column("layout", "layout"), column("step", "step_time_s"),
       interval_column(result.level, "step_time_s"), column("tokens/s per device", "tokens_per_s_per_device"),
       column("MFU", "mfu"), column("memory to reserve", "memory_safe")},
      {},
      {}};
  const auto devices = static_cast<double>(result.job.machine.devices);
  double rank = 0;
  for (const RankedLayout& each : result.search.best) {
    ++rank;
    table.rows.push_back(ranked_row({format_number(rank), {rank}}, each, devices));
  }
  section.tables.push_back(std::move(table));
  return section;
}

// One row for each part, one column for each layout.
Table parts_table(const std::string& title, const std::vector<std::vector<Part>>& columns,
                  const std::vector<std::string>& headers, Cell (*shown)(double)) {
  Table table{{text_column(title, "part")}, {}, {}};
  double largest = 0;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    table.columns.push_back(column(headers[c], headers[c]));
    for (const Part& part : columns[c]) largest = std::max(largest, std::abs(part.value));
  }
  for (std::size_t row = 0; row < columns.front().size(); ++row) {
    const bool matters = std::any_of(columns.begin(), columns.end(), [&](const std::vector<Part>& parts) {
      return std::abs(parts[row].value) > least_share * largest;
    });
    if (!matters) continue;
    std::vector<Cell> cells = {columns.front()[row].what};
    for (const std::vector<Part>& parts : columns) cells.push_back(shown(parts[row].value));
    table.rows.push_back(std::move(cells));
  }
  return table;
}

Section parts_section(const LayoutResult& result) {
  Section section{"Where time and memory go", {}, {}};
  std::vector<std::vector<Part>> times;
  std::vector<std::vector<Part>> memories;
  std::vector<std::string> headers;
  for (const RankedLayout& each : result.search.best) {
    if (times.size() == shown_in_detail) break;
    times.push_back(training::time_parts(result.job, each));
    memories.push_back(training::memory_parts(each.memory));
    headers.push_back(fmt::format("rank {}", times.size()));
  }
  section.tables.push_back(parts_table("seconds of a step", times, headers, seconds));
  Table memory = parts_table("bytes of the fullest device", memories, headers, bytes);
  const auto add = [&](const char* name, double training::Memory::*reading) {
    std::vector<Cell> cells = {name};
    for (std::size_t k = 0; k < headers.size(); ++k) {
      cells.push_back(bytes(result.search.best[k].memory.*reading));
    }
    memory.rows.push_back(std::move(cells));
  };
  add("allocated", &training::Memory::allocated);
  add("reserved by the framework", &training::Memory::reserved);
  add("as the driver shows", &training::Memory::driver);
  add("to reserve", &training::Memory::safe);
  section.tables.push_back(std::move(memory));
  return section;
}

Section pareto_section(const LayoutResult& result) {
  Section section{"Less memory for more time", {}, {}};
  Table table{{text_column("layout", "layout"), column("step", "step_time_s"),
               column("memory to reserve", "memory_safe")},
              {},
              {}};
  for (const RankedLayout& each : result.search.pareto) {
    if (table.rows.size() == shown_of_front) {
      section.lines.push_back(
          fmt::format("The first {} of {}.", shown_of_front, result.search.pareto.size()));
      break;
    }
    table.rows.push_back({model::to_text(each.layout), seconds(each.time.step_s), bytes(each.memory.safe)});
  }
  section.tables.push_back(std::move(table));
  return section;
}

Section search_section(const LayoutResult& result) {
  const training::LayoutSearch& search = result.search;
  Section section{"How many were looked at", {}, {}};
  section.lines.push_back(fmt::format("{} legal layouts, of which {} were evaluated and the rest pruned.",
                                      search.legal, search.evaluated));
  Table table{{text_column("pruned because", "reason"), column("layouts", "count")}, {}, {}};
  for (const training::PrunedCount& each : search.pruned) {
    table.rows.push_back({each.reason, number(static_cast<double>(each.count), 12)});
  }
  if (!table.rows.empty()) section.tables.push_back(std::move(table));
  return section;
}

Section infeasible_section(const LayoutResult& result) {
  Section section{"Nothing fits", {}, {}};
  if (result.search.legal == 0) {
    section.lines.emplace_back("No layout of these devices is legal; the rules that refuse them:");
    Table table{{text_column("rule", "rule"), column("cuts of the devices", "count")}, {}, {}};
    for (const training::PrunedCount& each : result.search.refused) {
      table.rows.push_back({each.reason, number(static_cast<double>(each.count), 12)});
    }
    section.tables.push_back(std::move(table));
  } else if (result.least) {
    section.lines.push_back(
        fmt::format("The least memory of all {} legal layouts is {}, where a device offers {}: {}.",
                    result.search.legal, format_quantity(result.least->memory.safe, Dimension::bytes),
                    format_quantity(training::capacity_bytes(result.job, result.space), Dimension::bytes),
                    model::to_text(result.least->layout)));
  }
  section.lines.push_back(result.devices_needed ? fmt::format("{} such devices would do (found by doubling).",
                                                              *result.devices_needed)
                                                : "No number of such devices up to 1,048,576 would do.");
  return section;
}

Section named_section(const LayoutResult& result) {
  Section section{"The layouts that were named", {}, {}};
  for (const NamedLayout& named : result.named) {
    const std::string text = model::to_text(named.layout);
    if (!named.verdict.reason.empty()) {
      section.lines.push_back(fmt::format("{} is out: {}.", text, named.verdict.reason));
      continue;
    }
    const double step = named.verdict.evaluated->time.step_s;
    std::string line = fmt::format("{} fits and takes {} s a step", text, format_number(step, 4));
    if (!result.search.best.empty()) {
      line += fmt::format(", {} % more than the best",
                          format_number(100 * (step / result.search.best.front().time.step_s - 1), 3));
    }
    section.lines.push_back(line + ".");
  }
  return section;
}

Section assumed_section(const LayoutResult& result) {
  Section section{"Assumed, because it was not said", {}, {}};
  Table table{
      {text_column("input", "key"), text_column("value", "value"), text_column("why", "source")}, {}, {}};
  for (const AssumedInput& each : result.assumed) {
    table.rows.push_back({each.key,
                          each.value.is_string() ? each.value.string() : format_number(each.value.number()),
                          each.why});
  }
  section.tables.push_back(std::move(table));
  return section;
}

Section goodput_section(const LayoutResult& result) {
  const training::Goodput& g = result.goodput;
  Section section{"Failures and checkpoints", {}, {}};
  section.lines.push_back(fmt::format(
      "One failure in {} on {} devices; with a checkpoint of {} every {}, {} % of wall time makes progress "
      "({} % checkpoints, {} % repeated work, {} % restarts).",
      format_quantity(g.job_mtbf_s, Dimension::seconds), result.job.machine.devices,
      format_quantity(result.checkpoint_bytes, Dimension::bytes),
      format_quantity(g.checkpoint_interval_s, Dimension::seconds), format_number(100 * g.fraction, 3),
      format_number(100 * g.checkpointing, 2), format_number(100 * g.repeated, 2),
      format_number(100 * g.restarting, 2)));
  return section;
}

// "tp8 … takes 0.3 s more than the best: bubble +0.5 s, tensor-parallel traffic −0.2 s"
std::string difference_text(const LayoutResult& result, const RankedLayout& best, const RankedLayout& other) {
  const std::vector<Part> ours = training::time_parts(result.job, best);
  std::vector<Part> theirs = training::time_parts(result.job, other);
  for (std::size_t k = 0; k < ours.size(); ++k) theirs[k].value -= ours[k].value;
  std::stable_sort(theirs.begin(), theirs.end(),
                   [](const Part& a, const Part& b) { return std::abs(a.value) > std::abs(b.value); });
  std::string text =
      fmt::format("{} takes {} s more than {}:", model::to_text(other.layout),
                  format_number(other.time.step_s - best.time.step_s, 3), model::to_text(best.layout));
  constexpr std::size_t reasons = 4;
  for (std::size_t k = 0; k < reasons; ++k) {
    if (std::abs(theirs[k].value) <= 1e-9 * best.time.step_s) break;
    text += fmt::format("{} {} {}{} s", k == 0 ? "" : ",", theirs[k].what, theirs[k].value < 0 ? "−" : "+",
                        format_number(std::abs(theirs[k].value), 3));
  }
  return text + ".";
}

Section explain_section(const LayoutResult& result) {
  Section section{"Why the best is best", {}, {}};
  const std::vector<RankedLayout>& best = result.search.best;
  for (std::size_t k = 1; k < std::min(best.size(), shown_in_detail); ++k) {
    section.lines.push_back(difference_text(result, best.front(), best[k]));
  }
  for (const NamedLayout& named : result.named) {
    if (named.verdict.evaluated && !best.empty() && named.layout != best.front().layout) {
      section.lines.push_back(difference_text(result, best.front(), *named.verdict.evaluated));
    }
  }
  for (const char* line : layout_regime()) section.lines.emplace_back(line);
  return section;
}

}  // namespace

std::vector<std::string> layout_warnings(const LayoutResult& result) {
  std::vector<std::string> out;
  if (result.job.shape.experts.experts > 1) {
    out.emplace_back(
        "Mixtures of experts: software releases differ by 1.3 to 2.8 times on one configuration; take the "
        "interval, not the point.");
  }
  if (!result.family_known) {
    out.push_back(fmt::format("No measurement calibrates devices like {}; a pooled efficiency is used.",
                              result.job.machine.device.id));
  }
  if (!result.job.machine.device.verified) {
    out.push_back(fmt::format("Figures of device {} are not verified.", result.job.machine.device.id));
  }
  if (!result.search.best.empty() &&
      result.search.best.front().layout.tp > result.job.machine.scale_up_devices) {
    out.push_back(fmt::format("The best layout's tensor parallelism leaves the {} devices of a fast link.",
                              result.job.machine.scale_up_devices));
  }
  return out;
}

std::span<const char* const> layout_regime() {
  static constexpr std::array<const char*, 4> sentences = {
      "Step times hold for transformer decoders on equal devices, without stragglers beyond the scale loss, "
      "data loading, evaluation and checkpoints.",
      "The interval of step times is the calibration's spread between stacks and clusters; layouts of one "
      "stack differ less than it.",
      "Memory to reserve is at no measurement with a known micro-batch more than 5 % below; experts are "
      "taken as visited evenly.",
      "Goodput takes failures as independent, each stopping the whole job."};
  return sentences;
}

Report present(const LayoutResult& result, bool explain) {
  Report report;
  const bool feasible = !result.search.best.empty();
  report.title = fmt::format("Layouts of {} on {} devices of {}", result.model, result.job.machine.devices,
                             result.cluster);
  report.sections.push_back(job_section(result));
  if (feasible) {
    report.sections.push_back(best_section(result));
    report.sections.push_back(parts_section(result));
    report.sections.push_back(pareto_section(result));
  } else {
    report.sections.push_back(infeasible_section(result));
  }
  if (!result.named.empty()) report.sections.push_back(named_section(result));
  if (explain) report.sections.push_back(explain_section(result));
  report.sections.push_back(search_section(result));
  if (feasible) report.sections.push_back(goodput_section(result));
  report.sections.push_back(assumed_section(result));
  if (const std::vector<std::string> warnings = layout_warnings(result); !warnings.empty()) {
    report.sections.push_back({"Warnings", warnings, {}});
  }
  report.document = layout_document(result);
  return report;
}

}  // namespace scaleplan::report
