#pragma once

#include "interop/launch/arguments.hpp"

namespace scaleplan::interop {

/// What launchers of Megatron-Core have in common, under the names of Megatron-LM's command line
/// (megatron/core: TransformerConfig, ModelParallelConfig).
namespace megatron_core {

/// Shape of the transformer; `reason` begins the reasons of what is assumed ("the default").
void read_shape(Settings& settings, Draft& draft, std::string_view reason);
void write_shape(Outgoing& out, Arguments& arguments);

/// How it is cut: degrees, virtual stages, sharing of states, recomputation, expert parallelism.
void read_layout(Settings& settings, Draft& draft, std::string_view reason);
void write_layout(Outgoing& out, Arguments& arguments);

}  // namespace megatron_core

/// Which layers of a mixture are routed: a whole number N (every Nth) or a list such as "([0]*3+[1]*58)".
/// Sets the dense layers in front and the period of `experts`; false when it is neither or another pattern.
bool read_layer_pattern(const std::string& text, std::int64_t layers, model::Experts& experts);

}  // namespace scaleplan::interop
