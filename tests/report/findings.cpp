#include "scaleplan/report/findings.hpp"

#include <catch2/catch.hpp>
#include <regex>

#include "scaleplan/json/document.hpp"

namespace scaleplan::report {

namespace {

gate::Finding finding(const std::string& rule, const Place& place, const std::string& message) {
  gate::Finding out;
  out.rule = rule;
  out.subject = "loss";
  out.message = message;
  out.remedy = "train on more tokens";
  out.place = place;
  out.proposal = place.file;
  out.value = 0.02;
  out.limit = 0.005;
  return out;
}

gate::Findings some() {
  gate::Findings out;
  out.status = gate::Status::fail;
  out.findings.push_back(
      finding("SP201", {"./configs/a b%,:é.toml", 12, 3, "/tokens"}, "100% <lost> & \"gone\",\nso"));
  out.findings.push_back(finding("SP101", {"/abs/x.sh", 0, 0, ""}, "too large"));
  out.findings.back().severity = gate::Level::warning;
  out.findings.push_back(finding("SP203", {"a/../b/\xff.json", 4, 0, ""}, "rate\x1b[31m off"));
  out.findings.back().severity = gate::Level::note;
  out.findings.push_back(finding("SP202", {"-", 1, 1, ""}, "approved"));
  out.findings.back().waiver = gate::Waiver{"ramp", "2026-03-31"};
  for (const gate::Finding& each : out.findings) {
    gate::CheckedProposal proposal;
    proposal.file = each.proposal;
    proposal.origin = "proposal";
    proposal.rules = {{each.rule, gate::State::fired, ""}, {"SP301", gate::State::not_checked, "no range"}};
    out.proposals.push_back(std::move(proposal));
  }
  return out;
}

json::Value parsed(const std::string& text) {
  Result<json::Document> document = json::parse(text, "out");
  REQUIRE(document);
  return document->root();
}

const json::Value& at(const json::Value& value, const std::string& key) {
  const json::Value* found = value.find(key);
  INFO(key);
  REQUIRE(found != nullptr);
  return *found;
}

// What SARIF 2.1.0 requires of a message (section 3.11) and a level (3.27.10).
void check_message(const json::Value& message) {
  CHECK_FALSE(at(message, "text").string().empty());
}

void check_location(const json::Value& location) {
  const json::Value& physical = at(location, "physicalLocation");
  const std::string& uri = at(at(physical, "artifactLocation"), "uri").string();
  // RFC 3986: only unreserved characters, sub-delimiters and escapes
  CHECK(std::regex_match(uri, std::regex("(file://)?([A-Za-z0-9._~!$&'()*+,;=@/-]|%[0-9A-F]{2})+")));
  CHECK(uri.find("./") == std::string::npos);
  const json::Value* base = at(physical, "artifactLocation").find("uriBaseId");
  CHECK((base != nullptr) == !uri.starts_with("file://"));
  CHECK(at(at(physical, "region"), "startLine").number() >= 1);
}

// A parser of the XML that is written here: elements, attributes and text, everything closed.
bool well_formed(const std::string& text) {
  std::vector<std::string> open;
  const std::regex token(
      R"(<\?[^>]*\?>|</([\w-]+)>|<([\w-]+)((?: [\w:-]+="[^"<]*")*)\s*(/?)>|[^<&]+|&(?:amp|lt|gt|quot);|&|<)");
  for (std::sregex_iterator i(text.begin(), text.end(), token), end; i != end; ++i) {
    const std::smatch& m = *i;
    if (m.str() == "&" || m.str() == "<") return false;
    if (m[1].matched) {
      if (open.empty() || open.back() != m[1]) return false;
      open.pop_back();
    } else if (m[2].matched && m[4].str().empty()) {
      open.push_back(m[2]);
    }
  }
  return open.empty();
}

}  // namespace

TEST_CASE("sarif has what version 2.1.0 requires", "[findings]") {
  const Report report = present(some(), false);
  REQUIRE(obstacle(report, Format::sarif).empty());
  const json::Value sarif = parsed(render(report, Format::sarif));
  CHECK(at(sarif, "version").string() == "2.1.0");
  CHECK(at(sarif, "$schema").string().find("sarif-schema-2.1.0.json") != std::string::npos);
  REQUIRE(at(sarif, "runs").array().size() == 1);
  const json::Value& run = at(sarif, "runs").array().front();
  const json::Value& driver = at(at(run, "tool"), "driver");
  CHECK(at(driver, "name").string() == "scaleplan");
  const json::Array& rules = at(driver, "rules").array();
  CHECK(rules.size() == gate::rules().size());
  for (const json::Value& rule : rules) {
    CHECK(at(rule, "id").string().starts_with("SP"));
    for (const char* text : {"shortDescription", "fullDescription", "help"}) check_message(at(rule, text));
  }
  CHECK(at(run, "originalUriBaseIds").find("%SRCROOT%") != nullptr);
  const json::Array& results = at(run, "results").array();
  REQUIRE(results.size() == 4);
  for (const json::Value& result : results) {
    check_message(at(result, "message"));
    const std::string& level = at(result, "level").string();
    CHECK((level == "error" || level == "warning" || level == "note"));
    const auto index = static_cast<std::size_t>(at(result, "ruleIndex").number());
    CHECK(at(rules.at(index), "id").string() == at(result, "ruleId").string());
    CHECK(at(at(result, "partialFingerprints"), "scaleplanFinding/v1").string().size() == 64);
    at(result, "suppressions");  // all results of a run have them, or none
    if (result.find("locations") != nullptr) {
      for (const json::Value& location : result.find("locations")->array()) check_location(location);
    }
  }
  const auto uri = [&](std::size_t i) {
    return at(at(at(at(results[i], "locations").array().front(), "physicalLocation"), "artifactLocation"),
              "uri")
        .string();
  };
  CHECK(uri(0) == "configs/a%20b%25,%3A%C3%A9.toml");
  CHECK(uri(1) == "file:///abs/x.sh");
  CHECK(uri(2) == "b/%FF.json");
  CHECK(results[3].find("locations") == nullptr);  // standard input has no place in a tree
  const json::Value& waived = at(results[3], "suppressions").array().front();
  CHECK(at(waived, "kind").string() == "external");
  CHECK(at(waived, "justification").string().find("ramp") != std::string::npos);
  CHECK(at(results[0], "suppressions").array().empty());
}

TEST_CASE("junit is well-formed whatever the texts hold, and counts add up", "[findings]") {
  const std::string xml = render(present(some(), false), Format::junit);
  INFO(xml);
  CHECK(well_formed(xml));
  CHECK(xml.find("&lt;lost&gt; &amp; &quot;gone&quot;") != std::string::npos);
  CHECK(xml.find('\x1b') == std::string::npos);
  CHECK(xml.find('\xff') == std::string::npos);
  CHECK(xml.find(R"(tests="8" failures="1")") != std::string::npos);  // two rules for each of four files
  std::size_t failures = 0;
  for (std::size_t p = xml.find("<failure"); p != std::string::npos; p = xml.find("<failure", p + 1))
    ++failures;
  CHECK(failures == 1);  // the warning, the note and what is suppressed do not fail
  CHECK(xml.find(R"(<skipped message="no range"/>)") != std::string::npos);
  gate::Findings nothing;
  nothing.status = gate::Status::nothing_checked;
  CHECK(render(present(nothing, false), Format::junit).find("SP602") != std::string::npos);
}

TEST_CASE("annotations of github stay on one line and name the place", "[findings]") {
  const std::string text = render(present(some(), false), Format::github);
  INFO(text);
  CHECK(text.find(
            "::error title=scaleplan SP201,file=configs/a b%25%2C%3Aé.toml,line=12,col=3::100%25 <lost> & "
            "\"gone\",%0Aso%0Atrain on more tokens\n") != std::string::npos);
  CHECK(text.find("::warning title=scaleplan SP101,file=/abs/x.sh::too large") != std::string::npos);
  CHECK(text.find("::notice ") != std::string::npos);
  CHECK(text.find("SP202") == std::string::npos);  // suppressed
  CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("formats of findings are for findings", "[findings]") {
  Report other;
  other.document.set("schema", "scaleplan/plan/1");
  for (Format format : {Format::sarif, Format::junit, Format::github}) {
    CHECK(obstacle(other, format) == "this result has no findings");
  }
}

TEST_CASE("every rule has a page", "[findings]") {
  for (const gate::Rule* rule : gate::rules()) {
    const Report page = present_rule(*rule);
    CHECK(page.title.find(rule->id) != std::string::npos);
    CHECK(page.document.find("parameters")->array().size() == rule->parameters.size());
  }
  CHECK(present_rules().document.find("entries")->array().size() == gate::rules().size());
}

}  // namespace scaleplan::report
