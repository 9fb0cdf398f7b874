#pragma once

#include <span>
#include <string>

#include "scaleplan/training/layouts.hpp"

namespace scaleplan::training {

/// One rule of legality: its name and the sentence that says how a layout breaks it, empty when it does not.
struct Rule {
  const char* name;
  std::string (*broken)(const Job& job, const model::Layout& layout);
};

/// Rules on how a replica is cut (tp, pp, cp, ep, dp alone), and those on the rest.
std::span<const Rule> mesh_rules();
std::span<const Rule> schedule_rules();

/// ZeRO stages and kinds of recomputation that the engine has.
std::span<const int> zero_stages(Engine engine);
std::span<const model::Recompute> recomputations(Engine engine);

}  // namespace scaleplan::training
