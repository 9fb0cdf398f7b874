#pragma once

#include <span>
#include <string>
#include <vector>

#include "scaleplan/report/layout.hpp"

namespace scaleplan::report {

/// The document of kind scaleplan/layout/1.
json::Value layout_document(const LayoutResult& result);

/// What the reader should know of this answer, and where the models are valid.
std::vector<std::string> layout_warnings(const LayoutResult& result);
std::span<const char* const> layout_regime();

}  // namespace scaleplan::report
