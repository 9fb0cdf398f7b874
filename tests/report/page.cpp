#include <catch2/catch.hpp>
#include <fstream>
#include <set>
#include <sstream>

#include "report/assets.hpp"
#include "report/charts/charts.hpp"
#include "scaleplan/json/document.hpp"
#include "scaleplan/plan/document.hpp"
#include "scaleplan/plan/scenario.hpp"
#include "scaleplan/report/present.hpp"
#include "scaleplan/report/saved.hpp"

namespace report = scaleplan::report;
namespace plan = scaleplan::plan;
namespace json = scaleplan::json;

namespace {

const plan::Plan& solved() {
  static const plan::Plan answer = [] {
    const json::Catalogue catalogue;
    const auto document = json::parse(std::string(json::Catalogue::default_scenario()), "default");
    auto scenario = plan::read_scenario(*document, catalogue);
    scenario->views = true;
    scenario->search.draws = 40;
    const auto law = plan::find_predictor(*scenario, catalogue);
    return *plan::solve(*scenario, *law, catalogue, {});
  }();
  return answer;
}

json::Document saved(const json::Value& value) {
  return *json::parse(json::write(value), "plan.json");
}

std::string refused(const std::string& text) {
  const auto answer = report::present_saved(*json::parse(text, "result.json"), false);
  REQUIRE_FALSE(answer);
  return to_text(answer.errors().front());
}

void colours(const json::Value& value, std::set<std::string>& out) {
  if (value.is_string() && value.string().starts_with('#')) {
    out.insert(value.string());
  }
  if (value.is_array()) {
    for (const json::Value& item : value.array()) colours(item, out);
  }
  if (value.is_object()) {
    for (const auto& [key, member] : value.object()) colours(member, out);
  }
}

// no {"data": {"name": …}} is left, and every data set is a list
void check_data(const json::Value& value) {
  if (value.is_array()) {
    for (const json::Value& item : value.array()) check_data(item);
  }
  if (value.is_object()) {
    for (const auto& [key, member] : value.object()) {
      if (key == "data") {
        REQUIRE(member.find("values") != nullptr);
        REQUIRE(member.find("values")->is_array());
      } else {
        check_data(member);
      }
    }
  }
}

}  // namespace

TEST_CASE("a saved plan looks as it did when it was made, in every format of text") {
  const report::Report made = report::present(solved(), {.explain = true, .detail = true});
  const auto again = report::present_saved(saved(plan::to_json(solved())), true);
  REQUIRE(again);
  for (const report::Format format : {report::Format::table, report::Format::markdown, report::Format::csv,
                                      report::Format::json, report::Format::vega_lite}) {
    REQUIRE(report::render(*again, format) == report::render(made, format));
  }
}

TEST_CASE("charts hold their data, and the style sheet knows each of their colours for dark pages") {
  const report::Report made = report::present(solved(), {.explain = false, .detail = true});
  std::set<std::string> found;
  std::size_t charts = 0;
  for (const report::Section& section : made.sections) {
    for (const report::Chart& chart : section.charts) {
      check_data(chart.spec);
      colours(chart.spec, found);
      ++charts;
      REQUIRE_FALSE(chart.caption.empty());
      REQUIRE_FALSE(section.tables.empty());
    }
  }
  REQUIRE(charts == 3);
  colours(report::chart_config(), found);
  REQUIRE(found.size() >= 8);
  const std::string style(report::asset("page.css"));
  for (const std::string& colour : found) {
    INFO(colour);
    REQUIRE(style.find("--chart-" + colour.substr(1) + ":") != std::string::npos);
  }
}

TEST_CASE("every specification of the program is complete with its data sets") {
  for (const report::Asset& each : report::assets()) {
    if (each.name.ends_with(".json")) {
      INFO(each.name);
      const auto document = json::parse(std::string(each.text), std::string(each.name));
      REQUIRE(document);
    }
  }
  REQUIRE_THROWS_AS(report::filled("limits", {}), std::logic_error);
  REQUIRE_THROWS_AS(report::asset("nonesuch"), std::logic_error);
}

TEST_CASE("the page escapes texts of inputs and begins with warnings") {
  report::Report out;
  out.title = "<b>&\"title\"</b>";
  report::Section last{"Warnings", {"<script>alert(1)</script>"}};
  last.urgent = true;
  report::Chart chart{"x", "chart </figure>", "caption", {}};
  chart.spec.set("text", "</script><script>");
  out.sections = {{"First", {"line"}, {{{{"a", {"a"}, false}}, {{"<td>"}}, ""}}}, last};
  out.sections.front().charts.push_back(chart);
  const std::string page = report::render(out, report::Format::html);
  REQUIRE(page.find("<script>alert") == std::string::npos);
  REQUIRE(page.find("&lt;script&gt;alert(1)&lt;/script&gt;") != std::string::npos);
  REQUIRE(page.find("<h1>&lt;b&gt;&amp;&quot;title&quot;&lt;/b&gt;</h1>") != std::string::npos);
  REQUIRE(page.find("&lt;td&gt;") != std::string::npos);
  REQUIRE(page.find("</script><script>\"") == std::string::npos);
  REQUIRE(page.find("\\u003c/script>\\u003cscript>") != std::string::npos);
  REQUIRE(page.find("<h2>Warnings</h2>") < page.find("<h2>First</h2>"));
  REQUIRE(page.find("<html lang=\"en\">") != std::string::npos);
}

TEST_CASE("what is no result is refused by name, with its place") {
  REQUIRE(refused("{}").find("no \"schema\"") != std::string::npos);
  REQUIRE(refused("[1]").find("no \"schema\"") != std::string::npos);
  REQUIRE(refused(R"({"schema": "scaleplan/scenario/1"})").find("a scenario is no result") !=
          std::string::npos);
  REQUIRE(refused(R"({"schema": "scaleplan/plna/1"})").find("did you mean") != std::string::npos);
  REQUIRE(refused(R"({"schema": "scaleplan/plan/2"})").find("reads scaleplan/plan/1") != std::string::npos);
  REQUIRE(refused(R"({"schema": "other"})").find("expected the schema of a result") != std::string::npos);
  json::Value wrong = plan::to_json(solved());
  wrong.set("constraints", "none");
  const std::string text = to_text(report::present_saved(saved(wrong), false).errors().front());
  REQUIRE(text.find("/constraints") != std::string::npos);
  REQUIRE(text.find("an array") != std::string::npos);
  REQUIRE(text.find("plan.json:") == 0);
}

TEST_CASE("a plan with any member missing, or of another type, is shown or refused, never more") {
  const json::Value whole = plan::to_json(solved());
  for (const auto& [key, value] : whole.object()) {
    for (const json::Value& other :
         {json::Value(), json::Value(7), json::Value("x"), json::Value(json::Array{1, "x"}),
          json::Value(json::Object{{"value", json::Array{json::Value()}}})}) {
      json::Value changed = whole;
      changed.set(key, other);
      const auto answer = report::present_saved(saved(changed), true);
      if (answer) {
        for (const report::Format format :
             {report::Format::table, report::Format::html, report::Format::csv, report::Format::json}) {
          REQUIRE_FALSE(report::render(*answer, format).empty());
        }
      } else {
        REQUIRE_FALSE(to_text(answer.errors().front()).empty());
      }
    }
  }
}

TEST_CASE("other results become tables with the units of their names") {
  const auto answer = report::present_saved(
      *json::parse(R"({"schema": "scaleplan/layout/1", "status": "feasible", "step_time_s": 7200,
        "layouts": [{"rank": 1, "layout": {"tp": 8}, "memory_bytes": 8e10}, {"rank": 2, "mfu": 0.4}],
        "job": {"cluster": {"devices": 64}}, "warnings": ["mind the gap"], "interval": [1, 2]})",
                   "layout.json"),
      false);
  REQUIRE(answer);
  const std::string text = report::render(*answer, report::Format::table);
  for (const char* expected :
       {"layout (feasible)", "2h", "layout.tp", "80GB", "mfu", "cluster.devices", "64", "mind the gap"}) {
    INFO(text << expected);
    REQUIRE(text.find(expected) != std::string::npos);
  }
}
