#pragma once

#include <string>

#include "interop/launch/outgoing.hpp"

namespace scaleplan::interop {

/// Devices of a launch: nodes × processes per node, of torchrun or of a batch system; nothing when the file
/// does not say them (its replicas are then left open).
void read_devices(Settings& settings, Draft& draft);

/// Shell lines that set DISTRIBUTED_ARGS for so many devices (taken), eight to a node unless the environment
/// says otherwise.
std::string torchrun_arguments(Outgoing& out);

/// A comment with the steps, and by how much they exceed the proposal's tokens.
std::string rounding_note(const Outgoing& out, const Steps& steps);

}  // namespace scaleplan::interop
