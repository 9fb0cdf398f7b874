#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace scaleplan::interop {

/// The value of whole numbers with + - * / % and parentheses, as shells count; nothing when it is no such sum
/// or leaves 64 bits.
std::optional<std::int64_t> whole_arithmetic(std::string_view text);

}  // namespace scaleplan::interop
