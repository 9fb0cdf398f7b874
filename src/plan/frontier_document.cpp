#include <cmath>

#include "scaleplan/plan/document.hpp"
#include "scaleplan/plan/frontier.hpp"

namespace scaleplan::plan {

namespace {

json::Value axis(const PlanQuantity& quantity, const char* role) {
  return json::Object{{"quantity", std::string(quantity.key)}, {"role", role}};
}

json::Value member_of(const json::Value& object, std::string_view key) {
  const json::Value* found = object.find(key);
  return found == nullptr ? json::Value() : *found;
}

json::Value point_value(const FrontierPoint& point, const Frontier& frontier) {
  const json::Value plan = to_json(point.plan);
  json::Value y;
  const Outcome* outcome = outcome_at(point, *frontier.y);
  y.set("value", outcome == nullptr ? json::Value() : json::Value(*outcome->value));
  y.set("interval", outcome == nullptr ? json::Value()
                                       : json::interval_value(outcome->interval.low, outcome->interval.high,
                                                              outcome->interval.known));
  json::Value binding = json::Array{};
  for (const Constraint& constraint : point.plan.constraints) {
    if (constraint.binding) binding.push(constraint.name);
  }
  json::Value out;
  out.set("x", point.x);
  out.set("y", std::move(y));
  out.set("status", status_name(point.plan.status));
  out.set("decided_at", point.decided_at);
  out.set("difference", point.difference.empty() ? json::Value() : json::Value(point.difference));
  out.set("binding", std::move(binding));
  for (const char* part : {"conflicts", "decision", "outcome", "decades_outside"}) {
    out.set(part, member_of(plan, part));
  }
  return out;
}

}  // namespace

json::Value to_json(const Frontier& frontier) {
  json::Value points = json::Array{};
  for (const FrontierPoint& point : frontier.points) points.push(point_value(point, frontier));
  json::Value notes = json::Array{};
  for (const std::string& note : frontier.notes) notes.push(note);
  const json::Value first = to_json(frontier.points.front().plan);
  json::Value out;
  out.set("schema", "scaleplan/frontier/1");
  out.set("name", frontier.name.empty() ? json::Value() : json::Value(frontier.name));
  out.set("x", axis(*frontier.x, "limit"));
  out.set("y", axis(*frontier.y, "least"));
  out.set("level", frontier.level);
  out.set("points", std::move(points));
  out.set("notes", std::move(notes));
  out.set("assumed", member_of(first, "assumed"));
  out.set("provenance", member_of(first, "provenance"));
  return out;
}

}  // namespace scaleplan::plan
