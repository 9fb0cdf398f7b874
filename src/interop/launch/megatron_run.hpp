#pragma once

#include "interop/launch/arguments.hpp"

/// Batch, length, schedule, optimiser and precision of a run, under the names of Megatron-LM's command line.
namespace scaleplan::interop::megatron_run {

/// After devices and layout. `reason` begins the reasons of what is assumed.
void read(Settings& settings, Draft& draft, std::string_view reason);
void write(Outgoing& out, const Steps& steps, Arguments& arguments);

}  // namespace scaleplan::interop::megatron_run
