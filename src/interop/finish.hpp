#pragma once

#include "interop/records.hpp"
#include "scaleplan/interop/run_logs.hpp"

namespace scaleplan::interop {

/// From the records of a file to rows and curves: the columns they mean, what cannot be used, the runs that
/// steps belong to. `places`: also those of the records of step logs.
Result<RunLog> finish(Records& records, const std::string& file, const RunLogOptions& options, bool places,
                      RunLog log);

}  // namespace scaleplan::interop
