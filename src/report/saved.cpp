#include "scaleplan/report/saved.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "report/result_charts.hpp"
#include "report/saved.hpp"
#include "scaleplan/base/suggest.hpp"

namespace scaleplan::report {
namespace {

const std::vector<std::string>& kinds() {
  static const std::vector<std::string> all = {"plan",     "fit",     "prediction",  "model-report",
                                               "layout",   "serving", "calibration", "frontier",
                                               "crossing", "design",  "findings"};
  return all;
}

Report present_kind(const std::string& kind, const json::Value& root, bool explain) {
  if (kind == "plan") {
    return present_plan(root, {.explain = explain, .detail = false});
  }
  if (kind == "fit") {
    return present_fit(root);
  }
  return present_any(root, kind);
}

// "scaleplan/plan/1" → plan; else an error
Result<std::string> kind_of(const json::Document& document) {
  const json::Value* schema = document.root().find("schema");
  if (schema == nullptr || !schema->is_string()) {
    return error("this is no saved result: it has no \"schema\"",
                 "save one with --format json, for example: scaleplan plan --format json -o plan.json",
                 document.place(document.root(), ""));
  }
  const std::string& text = schema->string();
  const Place place = document.place(*schema, "/schema");
  constexpr std::string_view prefix = "scaleplan/";
  const std::size_t slash = text.rfind('/');
  if (!text.starts_with(prefix) || slash < prefix.size()) {
    return error("expected the schema of a result, got \"" + text + "\"",
                 fmt::format("results are scaleplan/KIND/1, KIND one of {}", fmt::join(kinds(), ", ")),
                 place);
  }
  const std::string kind = text.substr(prefix.size(), slash - prefix.size());
  if (std::find(kinds().begin(), kinds().end(), kind) == kinds().end()) {
    const std::string guess = did_you_mean(kind, kinds());
    return error(fmt::format("a {} is no result that can be rendered", kind),
                 guess.empty() ? fmt::format("these can: {}", fmt::join(kinds(), ", ")) : guess, place);
  }
  if (text.substr(slash + 1) != "1") {
    return error("this program reads " + std::string(prefix) + kind + "/1, got \"" + text + "\"",
                 "make the result again with this version", place);
  }
  return kind;
}

}  // namespace

Result<Report> present_saved(const json::Document& document, bool explain) {
  const Result<std::string> kind = kind_of(document);
  if (!kind) {
    return kind.errors();
  }
  try {
    Report report = present_kind(*kind, document.root(), explain);
    add_result_charts(report);
    return report;
  } catch (const Misfit& misfit) {
    return error("expected " + misfit.expected + " here",
                 fmt::format("make the {} again with this version of scaleplan", *kind),
                 document.place(*misfit.value, misfit.pointer));
  }
}

}  // namespace scaleplan::report
