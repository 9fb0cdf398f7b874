#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/blend.hpp"
#include "report/common.hpp"
#include "report/fit_tables.hpp"
#include "report/methods.hpp"
#include "report/result_charts.hpp"
#include "scaleplan/fit/document.hpp"
#include "scaleplan/report/present.hpp"

namespace scaleplan::report {
namespace {

using fit::LawFit;

Section optimum_section(const fit::Fit& fit, const FitLabels& labels) {
  Section section{"Compute-optimal training", {}, {}};
  for (const LawFit& each : fit.fits) {
    for (const fit::Optimum& at : each.optimum) {
      const std::string where =
          labels.prefix(each) + "at " + format_quantity(at.compute, Dimension::flop) + " FLOP";
      if (!at.found) {
        section.lines.push_back(where + " the law has no best size: " + at.reason + ".");
      } else if (at.found_share < 1) {
        section.lines.push_back(
            fmt::format("{} only {} of the draws have a best size; intervals are of these.", where,
                        level_text(at.found_share)));
      }
    }
  }
  section.tables = {optimum_table(fit, labels), flat_table(fit, labels)};
  return section;
}

Section parameter_section(const fit::Fit& fit, const FitLabels& labels) {
  Section section{"Parameters", {}, {parameter_table(fit, labels)}};
  for (const LawFit& each : fit.fits) {
    section.lines.push_back(labels.prefix(each) +
                            (each.blend ? law_of(each).id + ", the readable member: " : "") +
                            law_of(each).output.name + " = " + law_of(each).form_text);
  }
  return section;
}

std::string data_range(const LawFit& fit) {
  std::vector<std::pair<std::string, Dimension>> names;
  for (const laws::Input& input : law_of(fit).inputs) {
    names.emplace_back(input.name, dimension_of(input));
  }
  names.emplace_back("C", Dimension::flop);
  names.emplace_back(law_of(fit).output.name, Dimension::nats);
  std::string text;
  for (const auto& [name, dimension] : names) {
    const auto range = fit.predictor.range.find(name);
    if (range != fit.predictor.range.end()) {
      text += (text.empty() ? "" : ", ") + name + " " +
              range_text(range->second.low, range->second.high, dimension);
    }
  }
  return text;
}

Section data_section(const fit::Fit& fit, const FitLabels& labels, const FitNotes& notes) {
  Section section{"Data", {}, {}};
  for (const runs::Dropped& dropped : notes.skipped) {
    section.lines.push_back(dropped_text(dropped) + ".");
  }
  for (const LawFit& each : fit.fits) {
    section.lines.push_back(fmt::format("{}{} of {} used; {}.", labels.prefix(each), each.points.used,
                                        counted(each.points.read, "row"), data_range(each)));
    for (const runs::Dropped& dropped : each.points.dropped) {
      section.lines.push_back(labels.prefix(each) + dropped_text(dropped) + ".");
    }
  }
  return section;
}

std::string sloppy_text(const fit::Conditioning& conditioning) {
  std::vector<std::pair<std::string, double>> parts(conditioning.sloppy.begin(), conditioning.sloppy.end());
  std::stable_sort(parts.begin(), parts.end(),
                   [](const auto& a, const auto& b) { return std::abs(a.second) > std::abs(b.second); });
  std::string text;
  for (const auto& [name, weight] : parts) {
    text += fmt::format("{}{} {:+.2f}", text.empty() ? "" : ", ", name, weight);
  }
  return text;
}

void trust_lines(const fit::Fit& whole, const LawFit& fit, const std::string& prefix, Section& section) {
  const fit::Starts& starts = fit.starts;
  section.lines.push_back(fmt::format("{}verdict: {}{}.", prefix, verdict_name(fit.verdict),
                                      fit.verdict_reason.empty() ? "" : ": " + fit.verdict_reason));
  section.lines.push_back(
      fmt::format("{}{}: {} converged, {} merged, {} failed; {} agree with the best objective {}.", prefix,
                  counted(starts.given, "start"), starts.converged, starts.merged, starts.failed,
                  starts.agree, format_number(fit.objective, 7)));
  const fit::Conditioning& conditioning = fit.diagnostics.conditioning;
  section.lines.push_back(
      fmt::format("{}condition number {} ({} with linear parameters eliminated); least determined: {}.",
                  prefix, fmt::format("{:.3g}", conditioning.full),
                  fmt::format("{:.3g}", conditioning.projected), sloppy_text(conditioning)));
  section.lines.push_back(fmt::format(
      "{}residuals: root mean square {}, robust scale {}; {} of {} inside the Huber threshold.", prefix,
      format_number(fit.diagnostics.residual_rms, 3), format_number(fit.diagnostics.residual_scale, 3),
      fit.diagnostics.inside_delta, fit.points.used));
  if (fit.blend != nullptr) {
    section.lines.push_back(fmt::format(
        "{}intervals of the parameters at {}: bootstrap of {}, seed {}; of N*, D* and loss: the blend's.",
        prefix, level_text(whole.options.level), fit.resampling, whole.options.seed));
    return;
  }
  if (fit.uncertainty == "profile likelihood") {
    section.lines.push_back(fmt::format("{}intervals at {}: profile likelihood, no draws.", prefix,
                                        level_text(whole.options.level)));
    return;
  }
  const std::size_t draws = fit.predictor.draw_count();
  section.lines.push_back(
      draws == 0 ? prefix + "no intervals: no resampling was asked for (--bootstrap)."
                 : fmt::format("{}intervals at {}: {}, {} of {}, seed {}{}.", prefix,
                               level_text(whole.options.level), fit.uncertainty, counted(draws, "resample"),
                               fit.resampling, whole.options.seed,
                               fit.draws_failed > 0 ? fmt::format(", {} failed", fit.draws_failed) : ""));
}

Section trust_section(const fit::Fit& fit, const FitLabels& labels) {
  Section section{"How far to trust it", {}, {}};
  for (const LawFit& each : fit.fits) {
    trust_lines(fit, each, labels.prefix(each), section);
  }
  return section;
}

Section explain_section(const fit::Fit& fit, const FitLabels& labels) {
  Section section{"How it was computed", {}, {}};
  for (const LawFit& each : fit.fits) {
    const laws::Law& law = law_of(each);
    const std::string prefix = labels.prefix(each);
    section.lines.push_back(fmt::format("{}{} ({}).", prefix, law.title, law.source));
    std::string eigenvalues;
    for (const double value : each.diagnostics.conditioning.eigenvalues) {
      eigenvalues += (eigenvalues.empty() ? "" : ", ") + format_number(value, 3);
    }
    section.lines.push_back(fmt::format("{}relative gradient {} at the optimum; eigenvalues of JᵀJ: {}.",
                                        prefix, format_number(each.diagnostics.gradient_norm, 2),
                                        eigenvalues));
    section.lines.push_back(fmt::format("{}rows span {} decades of compute.", prefix,
                                        format_number(each.diagnostics.compute_decades, 3)));
  }
  return section;
}

json::Value document_of(const fit::Fit& fit, const FitNotes& notes) {
  json::Value document = fit::to_json(fit);
  if (!notes.group_by.empty()) {
    document.set("group_by", notes.group_by);
  }
  if (!notes.skipped.empty()) {
    document.set("skipped", dropped_value(notes.skipped));
  }
  return document;
}

std::string title_of(const fit::Fit& fit) {
  const LawFit& first = fit.fits.front();
  if (fit.fits.size() == 1) {
    return fmt::format("Fit of {} to {} of {}: {}",
                       first.blend == nullptr ? law_of(first).id : "a blend of laws", first.points.used,
                       counted(first.points.read, "row"), verdict_name(first.verdict));
  }
  return fmt::format("{} side by side", counted(fit.fits.size(), "fit"));
}

}  // namespace

Report present(const fit::Fit& fit, const FitNotes& notes, bool explain) {
  Report report;
  report.title = title_of(fit);
  const FitLabels labels = labels_of(fit);
  report.sections.push_back(optimum_section(fit, labels));
  Section blend{"Which law", {}, {}};
  for (const LawFit& each : fit.fits) {
    if (each.blend != nullptr) {
      add_blend(each, labels.prefix(each), fit.options.level, blend);
    }
  }
  if (!blend.lines.empty()) {
    report.sections.push_back(std::move(blend));
  }
  if (Section methods = methods_section(fit, labels); !methods.tables.empty()) {
    report.sections.push_back(std::move(methods));
  }
  report.sections.push_back(parameter_section(fit, labels));
  report.sections.push_back(data_section(fit, labels, notes));
  report.sections.push_back(trust_section(fit, labels));
  if (explain) {
    report.sections.push_back(Section{"Rows that fit worst", {}, {residual_table(fit, labels)}});
    report.sections.push_back(explain_section(fit, labels));
    report.sections.push_back(checklist_section(fit, labels));
  }
  Section warnings{"Warnings", {}, {}, {}, {}, true};
  for (const LawFit& each : fit.fits) {
    for (const std::string& warning : each.diagnostics.warnings) {
      warnings.lines.push_back(labels.prefix(each) + warning);
    }
  }
  if (!warnings.lines.empty()) {
    report.sections.push_back(std::move(warnings));
  }
  report.document = document_of(fit, notes);
  add_result_charts(report);
  return report;
}

}  // namespace scaleplan::report
