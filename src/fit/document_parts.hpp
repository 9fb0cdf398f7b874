#pragma once

#include <cmath>
#include <vector>

#include "scaleplan/fit/blend.hpp"
#include "scaleplan/json/reader.hpp"
#include "scaleplan/json/value.hpp"

/// Parts of the fit document that its writer and reader share.
namespace scaleplan::fit {

/// JSON has no NaN and no infinity: what is not a number is null.
inline json::Value number(double value) {
  return std::isfinite(value) ? json::Value(value) : json::Value();
}

/// Numbers that come by the thousand carry eight digits.
double rounded(double value);
json::Value rounded_list(const std::vector<double>& values);
json::Value texts(const std::vector<std::string>& items);

/// What a reader needs to reproduce a fit, and what may be fragile about it.
json::Value checklist_to_json(const LawFit& fit, const Options& options);

json::Value methods_to_json(const std::vector<MethodRecord>& methods);
json::Value rejected_to_json(const std::vector<RejectedBudget>& rejected);
json::Value blend_to_json(const BlendRecord& record, const Predictor& predictor);
/// Fills the blend's state and its allocation draws; the members must have been read.
void read_blend(json::ObjectReader& reader, Predictor& predictor);

}  // namespace scaleplan::fit
