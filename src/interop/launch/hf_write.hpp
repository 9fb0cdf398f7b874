#pragma once

#include "interop/launch/outgoing.hpp"

namespace scaleplan::interop {

/// The config.json of a Hugging Face checkpoint with this shape and context: of the first architecture that
/// builds exactly it. An error when none does.
Result<json::Value> write_hf_config(const model::Shape& shape, std::int64_t context);

/// The proposal's shape as a file config.json, taken out of the proposal; errors go to `out`.
LaunchFile hf_config_file(Outgoing& out);

}  // namespace scaleplan::interop
