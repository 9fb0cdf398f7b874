#pragma once

#include "interop/launch/arguments.hpp"

namespace scaleplan::interop {

/// The shape of one of torchtitan's own flavors (torchtitan/models of v0.2.2), as far as it is a published
/// model of the catalogue.
std::optional<model::Shape> find_flavor(const std::string& name, const std::string& flavor,
                                        const json::Catalogue* catalogue);

/// The keys that say the proposal's shape (taken): a flavor of torchtitan, or one that an added Python module
/// registers, whose shape an added config.json tells.
void write_flavor(Outgoing& out, Arguments& arguments, std::vector<LaunchFile>& files);

/// Keys of versions that are not read; keys (or beginnings of keys, see `is_among`) that change no cost;
/// switches that change it in ways that are not modelled, unless they are off.
std::span<const std::string_view> torchtitan_refused();
std::span<const std::string_view> torchtitan_harmless();
std::span<const std::string_view> torchtitan_switches();

}  // namespace scaleplan::interop
