#pragma once

#include <string>

#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/model/proposal.hpp"

namespace scaleplan::interop {

/// A document of measured cases (scaleplan/cases/1) with one case: what a launch ran, and how long a step
/// took by the log of that run: the median of "elapsed time per iteration" of Megatron-LM, or of "tps"
/// (tokens per second and device) of torchtitan, without the first two readings where there are at least
/// five. Errors: no such line; a launch that does not say its shape, layout, devices, batch, sequence or
/// cluster.
Result<json::Value> measured_case(const std::string& log, const std::string& log_file,
                                  const model::Proposal& run, const json::Catalogue& catalogue);

}  // namespace scaleplan::interop
