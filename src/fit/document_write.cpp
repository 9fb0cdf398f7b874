#include "scaleplan/fit/document.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "fit/document_parts.hpp"
#include "fit/seen_runs.hpp"
#include "scaleplan/base/version.hpp"

namespace scaleplan::fit {
namespace {

using json::Value;

Value interval(const Interval& i) {
  return json::interval_value(i.low, i.high, i.known && std::isfinite(i.low) && std::isfinite(i.high));
}

Value estimate(const Estimate& e) {
  Value out;
  out.set("value", number(e.value));
  out.set("interval", interval(e.interval));
  return out;
}

Value range(const laws::Range& r) {
  return Value(json::Array{number(r.low), number(r.high)});
}

Value points(const LawFit& fit) {
  Value out;
  out.set("read", fit.points.read);
  out.set("used", fit.points.used);
  Value dropped{json::Array{}};
  for (const runs::Dropped& d : fit.points.dropped) {
    Value item;
    item.set("reason", d.reason);
    item.set("count", d.count);
    dropped.push(item);
  }
  out.set("dropped", dropped);
  out.set("rows_sha256", fit.rows_sha256);
  return out;
}

Value members(const Predictor& predictor) {
  Value out{json::Array{}};
  for (const Member& member : predictor.members) {
    Value item;
    item.set("law", member.law.id);
    item.set("window", member.window);
    item.set("weight", member.weight);
    Value values;
    const std::vector<std::string> names = member.law.parameter_names();
    for (std::size_t p = 0; p < names.size(); ++p) {
      values.set(names[p], number(member.values[p]));
    }
    item.set("values", values);
    if (!member.draws.empty()) {
      Value draws;
      draws.set("columns", texts(names));
      Value rows{json::Array{}};
      for (const std::vector<double>& draw : member.draws) {
        Value row{json::Array{}};
        for (const double value : draw) {
          row.push(number(rounded(value)));
        }
        rows.push(row);
      }
      draws.set("rows", rows);
      item.set("draws", draws);
    }
    out.push(item);
  }
  return out;
}

Value starts(const Starts& s) {
  Value out;
  out.set("given", s.given);
  out.set("distinct", s.distinct);
  out.set("converged", s.converged);
  out.set("merged", s.merged);
  out.set("failed", s.failed);
  out.set("agree", s.agree);
  return out;
}

Value optimum(const LawFit& fit) {
  const laws::Law& law = fit.predictor.members.front().law;
  const std::string size = law.size() == nullptr ? "N" : law.size()->name;
  const std::string tokens = law.tokens() == nullptr ? "D" : law.tokens()->name;
  Value out{json::Array{}};
  for (const Optimum& o : fit.optimum) {
    Value item;
    item.set("compute", number(o.compute));
    if (!o.found) {
      item.set("reason", o.reason);
      out.push(item);
      continue;
    }
    item.set(size, estimate(o.size));
    item.set(tokens, estimate(o.tokens));
    item.set("tokens_per_parameter", estimate(o.tokens_per_parameter));
    item.set("loss", estimate(o.loss));
    item.set("within_0_1_percent", range(o.within_0_1_percent));
    item.set("within_0_5_percent", range(o.within_0_5_percent));
    item.set("draws_with_optimum", number(o.found_share));
    item.set("decades_outside", number(o.decades_outside));
    out.push(item);
  }
  return out;
}

Value diagnostics(const LawFit& fit) {
  const Diagnostics& d = fit.diagnostics;
  Value condition;
  condition.set("working", number(d.conditioning.full));
  condition.set("scaled", number(d.conditioning.scaled));
  condition.set("projected", number(d.conditioning.projected));
  condition.set("projected_onto", texts(d.conditioning.nonlinear));
  Value eigenvalues{json::Array{}};
  for (const double value : d.conditioning.eigenvalues) {
    eigenvalues.push(number(value));
  }
  condition.set("eigenvalues", eigenvalues);
  Value sloppy{json::Object{}};
  for (const auto& [name, component] : d.conditioning.sloppy) {
    sloppy.set(name, number(component));
  }
  condition.set("sloppy_direction", sloppy);
  Value out;
  out.set("condition", condition);
  Value residual;
  residual.set("rms", number(d.residual_rms));
  residual.set("scale", number(d.residual_scale));
  residual.set("inside_delta", d.inside_delta);
  Value largest{json::Array{}};
  for (const Influence& influence : d.largest) {
    Value item;
    item.set("run", influence.run);
    item.set("residual", number(influence.residual));
    largest.push(item);
  }
  residual.set("largest", largest);
  out.set("residual", residual);
  out.set("gradient_norm", number(d.gradient_norm));
  out.set("draws_gradient_norm", number(d.draws_gradient_norm));
  out.set("compute_decades", number(d.compute_decades));
  out.set("warnings", texts(d.warnings));
  return out;
}

Value law_fit(const LawFit& fit, const Options& options) {
  Value out;
  out.set("law", fit.predictor.members.front().law.id);
  out.set("group", fit.predictor.group.empty() ? Value() : Value(fit.predictor.group));
  out.set("points", points(fit));
  Value parameters;
  Value errors{json::Object{}};
  Value intervals;
  for (const std::string& name : fit.free) {
    parameters.set(name, number(fit.parameters.at(name).value));
    intervals.set(name, interval(fit.parameters.at(name).interval));
    const auto error = fit.standard_error.find(name);
    errors.set(name, error == fit.standard_error.end() ? Value() : number(error->second));
  }
  out.set("parameters", parameters);
  out.set("stderr", errors);
  out.set("intervals", intervals);
  out.set("objective", number(fit.objective));
  out.set("verdict", verdict_name(fit.verdict));
  out.set("verdict_reason", fit.verdict_reason);
  out.set("starts", starts(fit.starts));
  Value ranges{json::Object{}};
  for (const auto& [name, r] : fit.predictor.range) {
    ranges.set(name, range(r));
  }
  out.set("range", ranges);
  out.set("optimum", optimum(fit));
  out.set("methods", methods_to_json(fit.methods));
  out.set("diagnostics", diagnostics(fit));
  out.set("checklist", checklist_to_json(fit, options));
  out.set("uncertainty", fit.uncertainty);
  out.set("resampling", fit.resampling);
  out.set("draws", fit.predictor.draw_count());
  out.set("draws_failed", fit.draws_failed);
  out.set("runs", to_json(fit.predictor.runs));
  out.set("members", members(fit.predictor));
  if (fit.blend != nullptr) {
    out.set("blend", blend_to_json(*fit.blend, fit.predictor));
  }
  return out;
}

}  // namespace

json::Value texts(const std::vector<std::string>& items) {
  Value out{json::Array{}};
  for (const std::string& item : items) {
    out.push(item);
  }
  return out;
}

json::Value to_json(const Fit& fit) {
  Value out;
  out.set("schema", "scaleplan/fit/1");
  Value provenance;
  provenance.set("version", version());
  provenance.set("catalogue", catalogue_version());
  provenance.set("seed", static_cast<double>(fit.options.seed));
  provenance.set("level", fit.options.level);
  provenance.set("bootstrap", fit.options.bootstrap);
  out.set("provenance", provenance);
  Value fits{json::Array{}};
  Value laws{json::Object{}};
  std::set<std::string> seen;
  for (const LawFit& each : fit.fits) {
    fits.push(law_fit(each, fit.options));
    for (const Member& member : each.predictor.members) {
      if (seen.insert(member.law.id).second) {
        laws.set(member.law.id, laws::to_json(member.law, false));
      }
    }
  }
  out.set("fits", fits);
  out.set("laws", laws);
  return out;
}

}  // namespace scaleplan::fit
