#pragma once

#include "interop/launch/arguments.hpp"
#include "interop/launch/torchrun.hpp"

namespace scaleplan::interop {

/// Arguments of run_clm.py and of TrainingArguments (transformers v4.50 to v4.57) in a script, after devices
/// and layout: model, batch, steps, learning rate, schedule, optimiser.
void read_hf_trainer(Settings& settings, Draft& draft, const ProposalSources& sources);

/// Shell lines that set TRAINER_ARGS.
std::string hf_trainer_arguments(Outgoing& out, const Steps& steps);

}  // namespace scaleplan::interop
