#pragma once

#include <memory>
#include <optional>
#include <string>

#include "plan/lifetime.hpp"
#include "plan/proposed.hpp"
#include "scaleplan/plan/plan.hpp"

namespace scaleplan::plan {

/// The demand of the scenario, met by the deployment that is proposed (else by the cheapest that the scenario
/// allows, which is then listed as assumed).
struct ProposedService {
  std::unique_ptr<Lifetime> lifetime;         ///< refers to the scenario of `said`; null: nothing is served
  std::optional<ServiceCost> cost;            ///< absent: it does not serve
  std::shared_ptr<const ServedModel> served;  ///< null: the same
  std::optional<serving::Miss> miss;          ///< why it does not
  std::string unknown;                        ///< why nothing can be told, or empty
};

/// Narrows the demand in `said` to the deployment. Errors: a demand that no model could serve.
Result<ProposedService> serve_proposed(Proposed& said, const model::Proposal& proposal, model::Count count,
                                       const json::Catalogue& catalogue);

}  // namespace scaleplan::plan
