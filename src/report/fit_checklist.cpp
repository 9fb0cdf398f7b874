#include <fmt/format.h>

#include <cmath>

#include "report/common.hpp"
#include "report/fit_tables.hpp"

namespace scaleplan::report {
namespace {

using fit::LawFit;

std::string counted_as(const laws::Law& law) {
  std::string text;
  for (const laws::Input& input : law.inputs) {
    text +=
        fmt::format("{}{} ({}) from \"{}\"", text.empty() ? "" : ", ", input.name, input.unit, input.column);
  }
  return law.compute_text.empty() ? text : text + "; C = " + law.compute_text;
}

std::string objective(const laws::FitSettings& settings, const fit::Options& options) {
  std::string text = settings.residual == laws::Residual::log ? "logarithmic residuals" : "plain residuals";
  if (settings.loss == laws::Loss::squares) {
    text = "squared loss of " + text;
  } else {
    text = fmt::format("Huber loss of {}, δ = {}", text, format_number(settings.delta, 3));
  }
  if (settings.loss == laws::Loss::asymmetric) {
    text += fmt::format(", {} times as heavy where the law lies above the row",
                        format_number(settings.asymmetry, 3));
  }
  text += options.weight.empty() ? "; rows weigh the same" : "; rows weighed by a column";
  return options.equal_clusters ? text + ", clusters as one observation" : text;
}

std::string design(const LawFit& fit) {
  return fmt::format("{}, {}, {} sizes per budget, {} decades of compute", counted(fit.design.sizes, "size"),
                     counted(fit.design.budgets, "budget"), format_number(fit.design.sizes_per_budget, 2),
                     format_number(fit.diagnostics.compute_decades, 3));
}

std::string uncertainty(const LawFit& fit, const fit::Options& options) {
  if (fit.uncertainty == "none") {
    return "none asked for";
  }
  std::string text = fit.uncertainty + " at " + level_text(options.level);
  if (options.bootstrap > 0) {
    text += fmt::format(", {} resamples of {} ({}), seed {}", options.bootstrap, fit.resampling, fit.clusters,
                        options.seed);
  }
  return text;
}

}  // namespace

Section checklist_section(const fit::Fit& whole, const FitLabels& labels) {
  Section section{"Checklist", {}, {}};
  for (const LawFit& fit : whole.fits) {
    const std::string prefix = labels.prefix(fit);
    const laws::Law& law = law_of(fit);
    const auto add = [&](const char* what, const std::string& text) {
      section.lines.push_back(fmt::format("{}{}: {}.", prefix, what, text));
    };
    add("form", law.output.name + " = " + law.form_text);
    add("counted", counted_as(law));
    add("objective", objective(law.fit, whole.options));
    add("search",
        fmt::format("{}, {} after linear parameters are eliminated; Levenberg–Marquardt to a relative "
                    "gradient of {}",
                    counted(fit.starts.given, "start"), fit.starts.distinct,
                    format_number(fit.diagnostics.gradient_norm, 2)));
    add("rows", fmt::format("{} of {}, outliers {}, SHA-256 {}", fit.points.used, fit.points.read,
                            whole.options.include_outliers ? "included" : "left out", fit.rows_sha256));
    add("design", design(fit));
    add("uncertainty", uncertainty(fit, whole.options));
    std::string missing;
    for (const std::string& fact : fit.design.missing) {
      missing += (missing.empty() ? "" : ", ") + fact;
    }
    add("not said by the rows", missing.empty() ? "nothing that is asked here" : missing);
  }
  return section;
}

}  // namespace scaleplan::report
