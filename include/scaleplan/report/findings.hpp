#pragma once

#include "scaleplan/gate/findings.hpp"
#include "scaleplan/gate/rule.hpp"
#include "scaleplan/report/report.hpp"

namespace scaleplan::report {

/// `explain` adds what became of every rule. The formats sarif, junit and github render such reports.
Report present(const gate::Findings& findings, bool explain);

/// The page of one rule, and the list of all.
Report present_rule(const gate::Rule& rule);
Report present_rules();

}  // namespace scaleplan::report
