#include <cmath>

#include "plan/views.hpp"

namespace scaleplan::plan {

namespace {

json::Value number(double value) {
  return std::isfinite(value) ? json::Value(value) : json::Value();
}

template <class Items, class Of>
json::Value column(const Items& items, Of of) {
  json::Value out = json::Array{};
  for (const auto& item : items) out.push(of(item));
  return out;
}

// params, tokens and loss of items that know where they stand
template <class Items, class At>
json::Value columns(const Items& items, At at) {
  json::Value out;
  out.set("params", column(items, [&](const auto& item) { return number(at(item).params); }));
  out.set("tokens", column(items, [&](const auto& item) { return number(at(item).tokens); }));
  out.set("loss", column(items, [&](const auto& item) { return number(at(item).loss); }));
  return out;
}

json::Value parts(const std::vector<Views::Part>& all) {
  json::Value out = json::Array{};
  for (const Views::Part& part : all) {
    out.push(json::Object{{"part", part.name}, {"value", part.amount}});
  }
  return out;
}

}  // namespace

json::Value views_value(const Views& views) {
  const auto itself = [](const auto& item) { return item; };
  json::Value map;
  map.set("params", column(views.params, number));
  map.set("tokens", column(views.tokens, number));
  map.set("loss", column(views.loss, [](const std::vector<double>& cells) { return column(cells, number); }));
  json::Value contours = json::Array{};
  for (const Views::Line& line : views.contours) {
    json::Value one;
    one.set("loss", line.loss);
    one.set("params", column(line.points, [](const Views::Point& p) { return number(p.params); }));
    one.set("tokens", column(line.points, [](const Views::Point& p) { return number(p.tokens); }));
    contours.push(std::move(one));
  }
  json::Value isoflop;
  isoflop.set("compute", views.compute);
  const json::Value priced = columns(views.isoflop, [](const Views::Priced& p) { return p.at; });
  for (const auto& [key, values] : priced.object()) isoflop.set(key, values);
  isoflop.set("interval", column(views.isoflop, [](const Views::Priced& p) {
                return json::interval_value(p.loss.low, p.loss.high, p.loss.known);
              }));
  json::Value limited = columns(views.limited, [](const Views::Limited& p) { return p.at; });
  limited.set("limit", column(views.limited, [](const Views::Limited& p) { return json::Value(p.limit); }));
  json::Value draws = columns(views.draws, itself);
  draws.set("unsolved", views.draws_unsolved);
  json::Value runs;
  runs.set("of", views.runs.of);
  runs.set("tokens", column(views.runs.tokens, number));
  runs.set("compute", column(views.runs.compute, number));
  runs.set("loss", column(views.runs.loss, number));
  json::Value out;
  out.set("runs", std::move(runs));
  out.set("loss_map", std::move(map));
  out.set("contours", std::move(contours));
  out.set("isoflop", std::move(isoflop));
  out.set("limited", std::move(limited));
  out.set("draws", std::move(draws));
  out.set("step_time_s", parts(views.step_s));
  out.set("memory_bytes", parts(views.memory_bytes));
  return out;
}

}  // namespace scaleplan::plan
