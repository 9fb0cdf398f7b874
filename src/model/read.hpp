#pragma once

#include <cstdint>

#include "scaleplan/json/reader.hpp"
#include "scaleplan/model/shape.hpp"

namespace scaleplan::model {

constexpr std::int64_t widest = std::int64_t{1} << 21;
constexpr std::int64_t most = std::int64_t{1} << 31;
constexpr std::int64_t most_layers = 100000;

/// The keys that a family and a shape have in common.
void read_common(json::ObjectReader& reader, Shape& shape);

}  // namespace scaleplan::model
