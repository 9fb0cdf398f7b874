#include <cmath>

#include "scaleplan/gate/findings.hpp"
#include "scaleplan/json/reader.hpp"
#include "scaleplan/plan/quantities.hpp"

namespace scaleplan::gate {

// Results that this program wrote, read tolerantly within their major version.

Result<Baseline> read_baseline(const json::Document& document) {
  Diagnostics diagnostics;
  Baseline out;
  json::ObjectReader root(document, document.root(), "", diagnostics);
  if (!document.root().is_object()) return diagnostics;
  root.tolerate_unknown();
  json::read_schema(root, "findings", 1);
  root.require("findings");
  root.objects("findings", [&](json::ObjectReader& finding, std::size_t) {
    finding.require("fingerprint");
    const std::string fingerprint = finding.string("fingerprint").value_or("");
    const json::Value* value = finding.raw("value");
    const bool number = value != nullptr && !value->is_null();
    out[fingerprint] = number ? finding.number("value").value_or(0) : std::nan("");
  });
  if (has_errors(diagnostics)) return diagnostics;
  return out;
}

std::string law_name(const std::string& law, const std::string& set) {
  return set.empty() ? law : law + ":" + set;
}

Result<Reference> read_reference(const json::Document& document) {
  Diagnostics diagnostics;
  Reference out;
  out.file = document.file();
  json::ObjectReader root(document, document.root(), "", diagnostics);
  if (!document.root().is_object()) return diagnostics;
  root.tolerate_unknown();
  json::read_schema(root, "plan", 1);
  root.require("outcome");
  root.object("outcome", [&](json::ObjectReader& outcomes) {
    for (const plan::PlanQuantity& quantity : plan::plan_quantities()) {
      const std::string key(quantity.key);
      const json::Value* outcome = outcomes.raw(key);
      if (outcome == nullptr || outcome->is_null()) continue;
      outcomes.object(key, [&](json::ObjectReader& object) {
        const json::Value* value = object.raw("value");
        if (value == nullptr || value->is_null()) return;
        if (const auto number = object.number("value")) out.outcomes[key] = *number;
      });
    }
  });
  if (const json::Value* provenance = document.root().find("provenance")) {
    const auto text = [&](std::string_view key) {
      const json::Value* value = provenance->find(key);
      return value != nullptr && value->is_string() ? value->string() : std::string();
    };
    out.catalogue = text("catalogue");
    out.law = law_name(text("law"), text("set"));
    out.loss_digest = text("loss_sha256");
  }
  if (out.outcomes.empty() && diagnostics.empty()) {
    root.fail("outcome", "the plan has no outcomes: it decided nothing", "compare with a plan that did");
  }
  if (has_errors(diagnostics)) return diagnostics;
  return out;
}

}  // namespace scaleplan::gate
