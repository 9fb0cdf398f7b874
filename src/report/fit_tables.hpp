#pragma once

#include <string>
#include <vector>

#include "scaleplan/fit/fit.hpp"
#include "scaleplan/report/report.hpp"

namespace scaleplan::report {

/// The readable law: the only one, or the first of a blend.
const laws::Law& law_of(const fit::LawFit& fit);
/// Id of the law, "auto" for a blend.
std::string law_label(const fit::LawFit& fit);

/// What tells several fits apart: the law, the group, both, or nothing for a single fit.
struct FitLabels {
  bool law = false;
  bool group = false;

  void add_columns(Table& table) const;
  [[nodiscard]] std::vector<Cell> cells(const fit::LawFit& fit) const;
  /// "chinchilla, web: " before a sentence, or empty.
  [[nodiscard]] std::string prefix(const fit::LawFit& fit) const;
};
FitLabels labels_of(const fit::Fit& fit);

Table optimum_table(const fit::Fit& fit, const FitLabels& labels);
Table flat_table(const fit::Fit& fit, const FitLabels& labels);
Table parameter_table(const fit::Fit& fit, const FitLabels& labels);
Table residual_table(const fit::Fit& fit, const FitLabels& labels);

/// What a paper should say about the fit.
Section checklist_section(const fit::Fit& fit, const FitLabels& labels);

}  // namespace scaleplan::report
