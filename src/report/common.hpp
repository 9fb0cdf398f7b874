#pragma once

#include <string>
#include <vector>

#include "scaleplan/laws/law.hpp"
#include "scaleplan/report/report.hpp"
#include "scaleplan/runs/table.hpp"

namespace scaleplan::report {

/// "90 %"
std::string level_text(double level);
/// Column of an interval at `level` whose csv names are `key`_low and `key`_high.
Column interval_column(double level, const std::string& key);
Column column(const std::string& header, const std::string& key);
Column text_column(const std::string& header, const std::string& key);

/// "3 rows left out: outlier; the first is runs.jsonl:1"
std::string dropped_text(const runs::Dropped& dropped);
json::Value dropped_value(const std::vector<runs::Dropped>& dropped);

/// "57.3M – 16.2B"
std::string range_text(double low, double high, Dimension dimension);

/// "a, b, c"
std::string joined(const std::vector<std::string>& words);

/// The head of a document that lists entries of the catalogue.
json::Value listing(const std::string& kind);

/// "1 row", "2 rows"
std::string counted(std::size_t count, std::string_view noun);

}  // namespace scaleplan::report
