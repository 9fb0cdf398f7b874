#include "report/charts/charts.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "report/assets.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::report {
namespace {

json::Value parsed(std::string_view name) {
  Result<json::Document> document = json::parse(std::string(asset(name)), std::string(name));
  if (!document) {
    throw std::logic_error(to_text(document.errors().front()));
  }
  return document->root();
}

// JSON has no number that is not finite; a chart leaves out what is null
json::Value finite(json::Value value) {
  if (value.is_number() && !std::isfinite(value.number())) {
    return {};
  }
  if (value.is_array()) {
    for (json::Value& item : value.array()) {
      item = finite(std::move(item));
    }
  } else if (value.is_object()) {
    for (auto& [key, member] : value.object()) {
      member = finite(std::move(member));
    }
  }
  return value;
}

void fill(json::Value& value, const Datasets& data) {
  if (value.is_array()) {
    for (json::Value& item : value.array()) {
      fill(item, data);
    }
  }
  if (!value.is_object()) {
    return;
  }
  for (auto& [key, member] : value.object()) {
    const json::Value* name = key == "data" ? member.find("name") : nullptr;
    if (name == nullptr) {
      fill(member, data);
      continue;
    }
    const auto found = std::find_if(data.begin(), data.end(),
                                    [&](const auto& each) { return each.first == name->string(); });
    if (found == data.end()) {
      throw std::logic_error("a chart wants data named " + name->string());
    }
    member = json::Object{{"values", finite(found->second)}};
  }
}

// A layer without data would still stretch the axes.
bool is_empty_layer(const json::Value& layer) {
  const json::Value* data = layer.find("data");
  const json::Value* rows = data == nullptr ? nullptr : data->find("values");
  return rows != nullptr && rows->is_array() && rows->array().empty();
}

}  // namespace

json::Value filled(std::string_view id, const Datasets& data) {
  json::Value spec = parsed(std::string(id) + ".json");
  fill(spec, data);
  for (auto& [key, layers] : spec.object()) {
    if (key == "layer") {
      std::erase_if(layers.array(), is_empty_layer);
    }
  }
  return spec;
}

json::Value forecast(const Fields& runs, const std::vector<Expected>& expected) {
  json::Value seen = json::Array{};
  const std::vector<double> compute = runs.numbers("compute");
  const std::vector<double> loss = runs.numbers("loss");
  for (std::size_t i = 0; i < std::min(compute.size(), loss.size()); ++i) {
    seen.push(json::Object{{"compute", compute[i]}, {"loss", loss[i]}, {"what", "runs behind the law"}});
  }
  json::Value best = json::Array{};
  for (const Expected& each : expected) {
    best.push(json::Object{{"compute", each.compute},
                           {"loss", each.loss},
                           {"low", each.interval.known ? each.interval.low : each.loss},
                           {"high", each.interval.known ? each.interval.high : each.loss},
                           {"what", "what the law expects"}});
  }
  return filled("forecast", {{"runs", seen}, {"optimum", best}});
}

json::Value chart_config() {
  return parsed("config.json");
}

}  // namespace scaleplan::report
