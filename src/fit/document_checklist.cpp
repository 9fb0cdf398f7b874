#include <cmath>

#include "fit/document_parts.hpp"
#include "scaleplan/base/digest.hpp"
#include "scaleplan/base/version.hpp"

namespace scaleplan::fit {
namespace {

using json::Value;

/// A part of the law's own document.
Value part(const Value& law, const char* key) {
  const Value* found = law.find(key);
  return found == nullptr ? Value() : *found;
}

Value design(const LawFit& fit) {
  Value out;
  out.set("sizes", fit.design.sizes);
  out.set("budgets", fit.design.budgets);
  out.set("sizes_per_budget", number(fit.design.sizes_per_budget));
  out.set("compute_decades", number(fit.diagnostics.compute_decades));
  out.set("identical_rows", fit.design.identical);
  out.set("rows_sharing_size_and_schedule", fit.design.checkpoints);
  out.set("rows_without_embeddings", fit.design.bare);
  return out;
}

Value uncertainty(const LawFit& fit, const Options& options) {
  Value out;
  out.set("method", fit.uncertainty);
  out.set("resampled", fit.resampling);
  out.set("clusters", fit.clusters);
  out.set("draws", options.bootstrap);
  out.set("failed", fit.draws_failed);
  out.set("level", options.level);
  out.set("seed", static_cast<double>(options.seed));
  return out;
}

}  // namespace

Value checklist_to_json(const LawFit& fit, const Options& options) {
  const laws::Law& law = fit.predictor.members.front().law;
  const Value document = laws::to_json(law, false);
  Value objective = part(document, "fit");
  objective.set("weights", options.weight.empty() ? "equal" : "column");
  objective.set("cluster_weights", options.equal_clusters ? "equal" : "rows");
  Value out;
  out.set("form", law.output.name + " = " + law.form_text);
  out.set("source", law.source);
  out.set("law_sha256", sha256(json::write(document)));
  out.set("inputs", part(document, "inputs"));
  out.set("compute", part(document, "compute"));
  out.set("objective", objective);
  out.set("search", "Levenberg-Marquardt from every start, linear parameters eliminated first");
  out.set("outliers_included", options.include_outliers);
  out.set("design", design(fit));
  out.set("uncertainty", uncertainty(fit, options));
  out.set("software", std::string("scaleplan ") + std::string(version()));
  out.set("missing", texts(fit.design.missing));
  return out;
}

}  // namespace scaleplan::fit
