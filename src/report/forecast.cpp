#include <fmt/format.h>

#include <cmath>

#include "report/common.hpp"
#include "scaleplan/base/version.hpp"
#include "scaleplan/report/present.hpp"

namespace scaleplan::report {
namespace {

json::Value finite(double value) {
  return std::isfinite(value) ? json::Value(value) : json::Value(nullptr);
}

json::Value interval_of(const Interval& interval) {
  return json::interval_value(interval.low, interval.high, interval.known);
}

json::Value members_value(const std::vector<fit::CurveMember>& members) {
  json::Value out{json::Array{}};
  for (const fit::CurveMember& member : members) {
    json::Value parameters{json::Array{}};
    for (const double value : member.parameters) {
      parameters.push(finite(value));
    }
    json::Value one;
    one.set("law", member.law);
    one.set("window", member.window);
    one.set("weight", finite(member.weight));
    one.set("value", finite(member.value));
    one.set("residual", finite(member.residual));
    one.set("parameters", std::move(parameters));
    out.push(std::move(one));
  }
  return out;
}

json::Value trials_value(const std::vector<fit::CurveTrial>& trials) {
  json::Value out{json::Array{}};
  for (const fit::CurveTrial& trial : trials) {
    json::Value one;
    one.set("from_step", trial.from);
    one.set("step", trial.at);
    one.set("value", finite(trial.predicted));
    one.set("observed", finite(trial.observed));
    one.set("relative_error", finite(trial.predicted / trial.observed - 1));
    out.push(std::move(one));
  }
  return out;
}

json::Value document_of(const Forecast& forecast) {
  const fit::CurveForecast& curve = forecast.curve;
  json::Value inputs;
  inputs.set("steps", forecast.plan.job.end);
  inputs.set("tokens", finite(forecast.plan.end_tokens));
  json::Value point;
  point.set("inputs", std::move(inputs));
  point.set("group", nullptr);
  point.set("value", finite(curve.value));
  point.set("interval", interval_of(curve.interval));
  json::Value points{json::Array{}};
  points.push(std::move(point));
  json::Value told;
  told.set("run", forecast.run);
  told.set("loss", forecast.plan.loss);
  told.set("last_step", curve.last_step);
  told.set("last_loss", finite(curve.last_loss));
  told.set("schedule", forecast.plan.schedule);
  told.set("warm_up_steps", curve.warm_up);
  told.set("points", curve.points);
  told.set("noise", finite(curve.noise));
  told.set("autocorrelation", finite(curve.correlation));
  told.set("spread", finite(curve.spread));
  told.set("trial_error", finite(curve.trial_error));
  told.set("members", members_value(curve.members));
  told.set("trials", trials_value(curve.trials));
  json::Value warnings{json::Array{}};
  for (const Diagnostics* list : {&forecast.plan.warnings, &curve.warnings}) {
    for (const Diagnostic& warning : *list) {
      warnings.push(warning.message);
    }
  }
  json::Value digests{json::Array{}};
  for (const std::string& digest : forecast.run_digests) {
    digests.push(digest);
  }
  json::Value provenance;
  provenance.set("version", version());
  provenance.set("catalogue", catalogue_version());
  provenance.set("runs_sha256", std::move(digests));
  json::Value document;
  document.set("schema", "scaleplan/prediction/1");
  document.set("level", forecast.level);
  document.set("points", std::move(points));
  document.set("curve", std::move(told));
  document.set("warnings", std::move(warnings));
  if (!forecast.mended.empty()) {
    document.set("mended", dropped_value(forecast.mended));
  }
  document.set("provenance", std::move(provenance));
  return document;
}

Table outcome_table(const Forecast& forecast) {
  const fit::CurveForecast& curve = forecast.curve;
  Table table;
  table.columns = {column("steps", "steps"), column("tokens", "tokens"), column("loss", "value"),
                   interval_column(forecast.level, "value")};
  const auto row = [&](double step, double tokens, double loss, const Interval& around) {
    table.rows.push_back({number(step, 8), quantity(tokens, Dimension::tokens),
                          quantity(loss, Dimension::nats), interval(around, Dimension::nats)});
  };
  row(curve.last_step, std::nan(""), curve.last_loss, {});
  row(forecast.plan.job.end, forecast.plan.end_tokens, curve.value, curve.interval);
  return table;
}

Table member_table(const fit::CurveForecast& curve) {
  Table table;
  table.title = "Members";
  table.columns = {text_column("law", "law"), column("from share", "window"), column("weight", "weight"),
                   column("loss", "value"), column("residual", "residual")};
  for (const fit::CurveMember& member : curve.members) {
    table.rows.push_back({member.law, number(member.window, 2), number(member.weight, 3),
                          quantity(member.value, Dimension::nats), number(member.residual, 3)});
  }
  return table;
}

Table trial_table(const fit::CurveForecast& curve) {
  Table table;
  table.title = "Forecasts within the log";
  table.columns = {column("from step", "from_step"), column("at step", "step"), column("loss", "value"),
                   column("observed", "observed"), column("error", "relative_error")};
  for (const fit::CurveTrial& trial : curve.trials) {
    const double error = trial.predicted / trial.observed - 1;
    table.rows.push_back(
        {number(trial.from, 6), number(trial.at, 6), quantity(trial.predicted, Dimension::nats),
         quantity(trial.observed, Dimension::nats), Cell(fmt::format("{:+.2f} %", 100 * error), {error})});
  }
  return table;
}

}  // namespace

Report present(const Forecast& forecast, bool explain) {
  const fit::CurveForecast& curve = forecast.curve;
  Report report;
  report.title =
      fmt::format("{}: {} at step {:.0f}", forecast.run, forecast.plan.loss, forecast.plan.job.end);
  Section outcome{"Forecast", {}, {outcome_table(forecast)}};
  outcome.lines.push_back(fmt::format(
      "Learning rate ahead: {}.", forecast.plan.schedule.empty() ? "in the log" : forecast.plan.schedule));
  for (const Diagnostics* list : {&forecast.plan.warnings, &curve.warnings}) {
    for (const Diagnostic& warning : *list) {
      outcome.lines.push_back("Warning: " + warning.message + "; " + warning.remedy + ".");
    }
  }
  for (const runs::Dropped& mended : forecast.mended) {
    outcome.lines.push_back(fmt::format("{}: {}.", counted(mended.count, "record"), mended.reason));
  }
  if (curve.trials.empty()) {
    outcome.lines.emplace_back("No interval: the log is too short to test forecasts on its own later part.");
  }
  report.sections.push_back(std::move(outcome));
  Section basis{"What it rests on", {}, {}};
  basis.lines.push_back(fmt::format(
      "{} of the curve after {:.0f} steps of warm-up; relative to the loss: noise of a point {:.2g} "
      "(correlation {:.2f}), spread of members {:.2g}, error by trials {:.2g}.",
      counted(curve.points, "point"), curve.warm_up, curve.noise, curve.correlation, curve.spread,
      curve.trial_error));
  if (explain) {
    basis.lines.emplace_back(
        "Schedule laws are fitted to two windows of the curve and weighed by how they forecast the log's own "
        "later "
        "part. The interval adds the noise of the level, the spread of the members and the error of those "
        "forecasts, "
        "scaled to the end asked, with Student's t. It holds for the mean loss at the end if data, batch and "
        "schedule "
        "go on as stated: neither a new epoch, a change of data nor an instability is foreseen.");
    basis.tables = {member_table(curve), trial_table(curve)};
  }
  report.sections.push_back(std::move(basis));
  report.document = document_of(forecast);
  return report;
}

}  // namespace scaleplan::report
