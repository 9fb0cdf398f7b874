#pragma once

#include <string>

#include "cli/command.hpp"
#include "cli/laws.hpp"

namespace scaleplan::cli {

/// Where the predictors of `prognosis` cross `against`: one of its own groups or laws, or another fit or law,
/// whose groups are matched by name. `source` names the prognosis.
Result<Answer> cross(const Prognosis& prognosis, const std::string& source, const std::string& against,
                     Session& session);

}  // namespace scaleplan::cli
