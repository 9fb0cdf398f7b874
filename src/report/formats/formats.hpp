#pragma once

#include <string>

#include "scaleplan/report/report.hpp"

namespace scaleplan::report {

std::string render_table(const Report& report);
std::string render_json(const Report& report);
std::string render_csv(const Report& report);
std::string render_markdown(const Report& report);
std::string render_html(const Report& report);
std::string render_vega_lite(const Report& report);
std::string render_sarif(const Report& report);
std::string render_junit(const Report& report);
std::string render_github(const Report& report);

}  // namespace scaleplan::report
