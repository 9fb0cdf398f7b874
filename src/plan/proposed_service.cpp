#include "plan/proposed_service.hpp"

#include <fmt/core.h>

#include <cmath>

#include "plan/techniques.hpp"

namespace scaleplan::plan {

namespace {

// Sites, precisions and degrees as the deployment says; false when no site of the scenario has its device.
bool narrow(DemandChoice& demand, const model::Deployment& deployment) {
  std::erase_if(demand.sites, [&](const ServingSite& site) {
    return !deployment.device.empty() && site.id != deployment.device &&
           site.place.machine.device.id != deployment.device;
  });
  demand.demand.tp = {deployment.tp};
  demand.demand.weight_precision = {deployment.weight_precision};
  demand.demand.cache_precision = {deployment.kv_precision};
  return !demand.sites.empty();
}

// Weights alone that a replica cannot hold: the search would add stages that the deployment does not have.
std::optional<serving::Miss> too_large(const ServingSite& site, const model::Deployment& deployment,
                                       const model::Shape& shape) {
  const serving::Engine engine;
  const serving::Body body = serving::body_of(shape);
  const Result<serving::Numbers> numbers = serving::numbers_for(
      body, site.place.machine.device, engine, deployment.weight_precision, deployment.kv_precision);
  if (!numbers) return std::nullopt;  // the search says what is wrong with them
  const serving::Replica replica =
      serving::replica_on(site.place.machine, body, *numbers, engine, deployment.tp, deployment.pp);
  const double needed = std::ceil(replica.weight_bytes() / replica.memory);
  if (needed <= replica.devices()) return std::nullopt;
  return serving::Miss{"memory", replica.devices(), needed,
                       fmt::format("{} devices of this kind hold the weights; or narrower weights", needed)};
}

// The nearest miss over all sites.
Result<std::optional<serving::Miss>> why_not(const Scenario& scenario, const model::Shape& shape,
                                             const json::Catalogue& catalogue) {
  Result<serving::Efficiency> efficiency = serving::default_efficiency(catalogue);
  if (!efficiency) return efficiency.errors();
  Result<ServingEffects> effects = serving_effects(scenario);
  if (!effects) return effects.errors();
  serving::Freedom freedom;
  freedom.techniques = std::move(effects->stack);
  std::optional<serving::Miss> nearest;
  for (const ServingSite& site : scenario.demand->sites) {
    Result<serving::Service> service =
        serving::deploy(shape, scenario.data.sequence_length, site.place, scenario.demand->demand, freedom,
                        *efficiency, 0, scenario.level);
    if (!service) return service.errors();
    if (service->miss) nearest = service->miss;
  }
  return nearest;
}

}  // namespace

Result<ProposedService> serve_proposed(Proposed& said, const model::Proposal& proposal, model::Count count,
                                       const json::Catalogue& catalogue) {
  ProposedService out;
  Scenario& scenario = said.scenario;
  if (!scenario.demand || scenario.demand->sites.empty()) {
    out.unknown = "the scenario has no demand with a place to serve it";
    return out;
  }
  if (!proposal.deployment) {
    said.assume("deployment", "the cheapest that the scenario allows", "scenario");
  } else if (!narrow(*scenario.demand, *proposal.deployment)) {
    out.unknown = fmt::format("the scenario does not serve on {}", proposal.deployment->device);
    scenario.demand.reset();
    return out;
  }
  if (proposal.deployment) {
    out.miss = too_large(scenario.demand->sites.front(), *proposal.deployment, *proposal.shape);
    if (out.miss) return out;
  }
  Result<std::unique_ptr<Lifetime>> lifetime = Lifetime::build(scenario, count, catalogue);
  if (!lifetime) return lifetime.errors();
  const std::shared_ptr<const Served> served = (*lifetime)->serve(*proposal.shape);
  if (!served) {
    Result<std::optional<serving::Miss>> miss = why_not(scenario, *proposal.shape, catalogue);
    if (!miss) return miss.errors();
    out.miss = *miss;
    return out;
  }
  const std::int64_t stages = served->deployed.cut.pp;
  if (proposal.deployment && stages != proposal.deployment->pp) {
    out.miss =
        serving::Miss{"pipeline stages", static_cast<double>(proposal.deployment->pp),
                      static_cast<double>(stages), fmt::format("cut each replica in {} stages", stages)};
    return out;
  }
  out.cost = served->cost;
  out.served = served_model(*served);
  out.lifetime = std::move(*lifetime);
  return out;
}

}  // namespace scaleplan::plan
