#pragma once

#include <vector>

#include "cli/command.hpp"
#include "cli/values.hpp"

namespace scaleplan::cli {

/// Options of `predict RUN --until`, beside those of run rows.
const std::vector<Option>& forecast_options();

/// `predict RUN --until END`: the loss that a running job will end with.
Result<Answer> forecast(const Arguments& arguments, Values& values, Session& session, Diagnostics& errors);

}  // namespace scaleplan::cli
