#include "scaleplan/model/proposal.hpp"

namespace scaleplan::model {

Place Proposal::place_of(const std::string& path) const {
  for (std::string key = path; !key.empty();) {
    if (auto found = places.find(key); found != places.end()) return found->second;
    const std::size_t dot = key.rfind('.');
    key = dot == std::string::npos ? std::string() : key.substr(0, dot);
  }
  return Place{file, 0, 0, ""};
}

}  // namespace scaleplan::model
