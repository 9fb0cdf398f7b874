#pragma once

#include "fit/model.hpp"
#include "fit/optimum.hpp"
#include "scaleplan/fit/methods.hpp"

namespace scaleplan::fit {

/// FLOP of each row of the model: the rows' own where all give it, the law's count otherwise.
std::vector<double> run_compute(const Model& model, const runs::Table& table);

/// The three methods on the rows of a model; empty for laws without a size, tokens and a loss. `law`: what
/// the fitted law says.
std::vector<MethodRecord> compare_methods(const Model& model, const runs::Table& table, MethodRecord law,
                                          const Options& options, const Control& control);

}  // namespace scaleplan::fit
