#include "scaleplan/model/proposal.hpp"

#include <fmt/format.h>

namespace scaleplan::model {

Place Proposal::place_of(const std::string& path) const {
  for (std::string key = path; !key.empty();) {
    if (auto found = places.find(key); found != places.end()) return found->second;
    const std::size_t dot = key.rfind('.');
    key = dot == std::string::npos ? std::string() : key.substr(0, dot);
  }
  return Place{file, 0, 0, ""};
}

Result<Proposal> on_devices(Proposal proposal, std::int64_t devices) {
  if (proposal.devices && *proposal.devices != devices) {
    return error(fmt::format("the proposal has {} devices, not {}", *proposal.devices, devices), {},
                 proposal.place_of("devices"));
  }
  if (proposal.layout && proposal.open_replicas) {
    const Layout& layout = *proposal.layout;
    const std::int64_t replica = layout.tp * layout.pp * layout.cp;
    if (devices % replica != 0) {
      return error(fmt::format("{} devices are not a multiple of tp {} x pp {} x cp {}", devices, layout.tp,
                               layout.pp, layout.cp),
                   {}, proposal.place_of("layout"));
    }
    proposal.layout->dp = devices / replica;
  }
  proposal.devices = devices;
  proposal.open_replicas = false;
  return proposal;
}

}  // namespace scaleplan::model
