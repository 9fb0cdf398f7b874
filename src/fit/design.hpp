#pragma once

#include "fit/model.hpp"

namespace scaleplan::fit {

/// Sizes, budgets and dependence among the rows of a model.
Design design_of(const Model& model, const runs::Table& table);

/// What a reader should know before trusting a fit to these rows, as sentences.
std::vector<std::string> design_warnings(const Model& model, const Design& design, const Options& options);

}  // namespace scaleplan::fit
