#include <fmt/format.h>

#include "report/formats/formats.hpp"
#include "report/formats/members.hpp"
#include "report/text.hpp"

namespace scaleplan::report {
namespace {

// Workflow commands end at a line end; properties also at ':' and ','.
std::string escaped(const std::string& text, bool property) {
  std::string out;
  for (const char c : text) {
    if (c == '%') {
      out += "%25";
    } else if (c == '\r') {
      out += "%0D";
    } else if (c == '\n') {
      out += "%0A";
    } else if (property && c == ':') {
      out += "%3A";
    } else if (property && c == ',') {
      out += "%2C";
    } else {
      out += c;
    }
  }
  return printable(out);
}

}  // namespace

std::string render_github(const Report& report) {
  std::string out;
  for (const json::Value& finding : report.document.find("findings")->array()) {
    if (finding.find("suppressed")->is_object()) {
      continue;
    }
    const std::string severity = text_of(finding, "severity");
    std::string properties = "title=" + escaped("scaleplan " + text_of(finding, "rule"), true);
    const std::string file = text_of(finding, "file");
    if (!file.empty() && file != "-") {
      properties += ",file=" + escaped(normal_path(file), true);
      for (const auto& [key, name] : {std::pair("line", "line"), std::pair("column", "col")}) {
        const std::string number = whole_of(finding, key);
        properties += number.empty() ? "" : fmt::format(",{}={}", name, number);
      }
    }
    const std::string remedy = text_of(finding, "remedy");
    out += fmt::format("::{} {}::{}\n", severity == "note" ? "notice" : severity, properties,
                       escaped(text_of(finding, "message") + (remedy.empty() ? "" : "\n" + remedy), false));
  }
  return out + report.title + "\n";
}

}  // namespace scaleplan::report
