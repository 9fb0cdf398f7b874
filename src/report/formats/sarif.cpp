#include <cctype>
#include <map>

#include "report/formats/formats.hpp"
#include "report/formats/members.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::report {
namespace {

constexpr const char* schema =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

// RFC 3986 section 3.3: what a path segment may hold as it is. Bytes that are no UTF-8 survive as %XX.
std::string encoded(const std::string& path) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || std::string_view("-._~!$&'()*+,;=@/").find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4U];
      out += digits[byte & 15U];
    }
  }
  return out;
}

json::Value artifact(const std::string& file) {
  json::Value out;
  const std::string path = encoded(normal_path(file));
  if (path.starts_with('/')) {
    out.set("uri", "file://" + path);
  } else {
    out.set("uri", path);
    out.set("uriBaseId", "%SRCROOT%");
  }
  return out;
}

json::Value locations(const json::Value& finding) {
  json::Value out = json::Array{};
  const std::string file = text_of(finding, "file");
  if (file.empty() || file == "-") {
    return out;
  }
  json::Value region;
  const json::Value* line = finding.find("line");
  const json::Value* column = finding.find("column");
  const bool known = line != nullptr && line->is_number();
  region.set("startLine", known ? *line : json::Value(1));  // code scanning shows nothing without a line
  if (known && column != nullptr && column->is_number()) {
    region.set("startColumn", *column);
  }
  json::Value physical;
  physical.set("artifactLocation", artifact(file));
  physical.set("region", std::move(region));
  json::Value location;
  location.set("physicalLocation", std::move(physical));
  if (const std::string pointer = text_of(finding, "pointer"); !pointer.empty()) {
    location.set("logicalLocations", json::Array{json::Object{{"fullyQualifiedName", pointer}}});
  }
  out.push(std::move(location));
  return out;
}

json::Value message(const std::string& text) {
  return json::Object{{"text", text}};
}

json::Value rule_descriptions(const json::Value& document) {
  json::Value out = json::Array{};
  for (const json::Value& rule : document.find("rules")->array()) {
    json::Value item;
    item.set("id", text_of(rule, "id"));
    item.set("name", text_of(rule, "name"));
    item.set("shortDescription", message(text_of(rule, "summary")));
    item.set("fullDescription", message(text_of(rule, "fires")));
    item.set("help", message("To mend it, " + text_of(rule, "remedy") + "."));
    item.set("defaultConfiguration", json::Object{{"level", text_of(rule, "severity")}});
    out.push(std::move(item));
  }
  return out;
}

json::Value result(const json::Value& finding, const std::map<std::string, std::size_t>& index,
                   bool any_suppressed) {
  const std::string rule = text_of(finding, "rule");
  const std::string remedy = text_of(finding, "remedy");
  json::Value out;
  out.set("ruleId", rule);
  out.set("ruleIndex", index.at(rule));
  out.set("level", text_of(finding, "severity"));
  out.set("message", message(text_of(finding, "message") + (remedy.empty() ? "." : "; " + remedy + ".")));
  json::Value where = locations(finding);
  if (!where.array().empty()) {
    out.set("locations", std::move(where));
  }
  out.set("partialFingerprints", json::Object{{"scaleplanFinding/v1", text_of(finding, "fingerprint")}});
  if (any_suppressed) {  // all results of a run or none (SARIF section 3.27.23)
    json::Value suppressions = json::Array{};
    const json::Value* waiver = finding.find("suppressed");
    if (waiver != nullptr && waiver->is_object()) {
      suppressions.push(json::Object{
          {"kind", "external"},
          {"status", "accepted"},
          {"justification", text_of(*waiver, "reason") + " (until " + text_of(*waiver, "expires") + ")"}});
    }
    out.set("suppressions", std::move(suppressions));
  }
  return out;
}

}  // namespace

std::string render_sarif(const Report& report) {
  const json::Value& document = report.document;
  std::map<std::string, std::size_t> index;
  for (const json::Value& rule : document.find("rules")->array()) {
    index.emplace(text_of(rule, "id"), index.size());
  }
  bool any_suppressed = false;
  for (const json::Value& finding : document.find("findings")->array()) {
    any_suppressed = any_suppressed || finding.find("suppressed")->is_object();
  }
  json::Value results = json::Array{};
  for (const json::Value& finding : document.find("findings")->array()) {
    results.push(result(finding, index, any_suppressed));
  }
  json::Value driver;
  driver.set("name", "scaleplan");
  driver.set("version", text_of(*document.find("provenance"), "version"));
  driver.set("rules", rule_descriptions(document));
  json::Value run;
  run.set("tool", json::Object{{"driver", std::move(driver)}});
  run.set("originalUriBaseIds",
          json::Object{{"%SRCROOT%", json::Object{{"description", message("the folder of the check")}}}});
  run.set("columnKind", "unicodeCodePoints");
  run.set("results", std::move(results));
  json::Value out;
  out.set("$schema", schema);
  out.set("version", "2.1.0");
  out.set("runs", json::Array{std::move(run)});
  return json::write(out) + "\n";
}

}  // namespace scaleplan::report
