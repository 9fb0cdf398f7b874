#include <fmt/format.h>

#include "report/formats/formats.hpp"
#include "report/formats/members.hpp"
#include "report/text.hpp"

namespace scaleplan::report {
namespace {

bool counts(const json::Value& finding, const std::string& fail_on) {
  if (finding.find("suppressed")->is_object() || finding.find("not_checked")->boolean()) {
    return false;
  }
  const auto weight = [](const std::string& level) {
    return level == "error" ? 3 : level == "warning" ? 2 : level == "note" ? 1 : 0;
  };
  return weight(text_of(finding, "severity")) >= weight(fail_on);
}

struct Case {
  std::string body;
  bool failed = false;
  bool skipped = false;
};

// What one rule said of one file.
Case case_of(const json::Value& document, const std::string& file, const json::Value& checked) {
  Case out;
  const std::string rule = text_of(checked, "rule");
  const std::string fail_on = text_of(document, "fail_on");
  std::string said;
  for (const json::Value& finding : document.find("findings")->array()) {
    if (text_of(finding, "rule") != rule || text_of(finding, "proposal") != file) {
      continue;
    }
    const std::string text = text_of(finding, "message");
    const std::string remedy = text_of(finding, "remedy");
    const std::string number = whole_of(finding, "line");
    const std::string line = number.empty() ? "" : ":" + number;
    if (counts(finding, fail_on)) {
      out.failed = true;
      out.body += fmt::format("      <failure message=\"{}\" type=\"{}\">{}{}: {}</failure>\n", markup(text),
                              markup(text_of(finding, "severity")), markup(text_of(finding, "file")), line,
                              markup(remedy));
    } else {
      said += fmt::format("{}: {}\n", text_of(finding, "severity"), text);
    }
  }
  const std::string state = text_of(checked, "state");
  if (!out.failed && state != "passed" && state != "fired") {
    out.skipped = true;
    out.body += fmt::format("      <skipped message=\"{}\"/>\n", markup(text_of(checked, "reason")));
  } else if (!said.empty()) {
    out.body += fmt::format("      <system-out>{}</system-out>\n", markup(said));
  }
  return out;
}

std::string suite_of(const json::Value& document, const json::Value& proposal, int& tests, int& failures) {
  const std::string file = text_of(proposal, "file");
  std::string cases;
  int failed = 0;
  int skipped = 0;
  int all = 0;
  for (const json::Value& checked : proposal.find("rules")->array()) {
    const Case one = case_of(document, file, checked);
    cases += fmt::format("    <testcase classname=\"{}\" name=\"{}\">\n{}    </testcase>\n", markup(file),
                         markup(text_of(checked, "rule")), one.body);
    failed += one.failed ? 1 : 0;
    skipped += one.skipped ? 1 : 0;
    ++all;
  }
  tests += all;
  failures += failed;
  return fmt::format(
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n{}  "
      "</testsuite>\n",
      markup(file), all, failed, skipped, cases);
}

}  // namespace

std::string render_junit(const Report& report) {
  const json::Value& document = report.document;
  int tests = 0;
  int failures = 0;
  std::string suites;
  for (const json::Value& proposal : document.find("proposals")->array()) {
    suites += suite_of(document, proposal, tests, failures);
  }
  if (document.find("proposals")->array().empty() && text_of(document, "status") != "pass") {
    tests = failures = 1;
    suites =
        "  <testsuite name=\"scaleplan\" tests=\"1\" failures=\"1\" errors=\"0\" skipped=\"0\">\n"
        "    <testcase classname=\"scaleplan\" name=\"SP602\">\n"
        "      <failure message=\"no proposal was given\" type=\"error\"/>\n"
        "    </testcase>\n  </testsuite>\n";
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"scaleplan check\" tests=\"{}\" "
      "failures=\"{}\" errors=\"0\">\n{}</testsuites>\n",
      tests, failures, suites);
}

}  // namespace scaleplan::report
