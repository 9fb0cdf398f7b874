#include "fit/seen_runs.hpp"

#include <algorithm>

namespace scaleplan::fit {

SeenRuns seen_runs(const Model& model) {
  const laws::Law& law = *model.law;
  const std::vector<double> compute = model.compute();
  SeenRuns out;
  if (law.kind != "loss" || law.size() == nullptr || law.tokens() == nullptr || compute.empty()) {
    return out;
  }
  const auto column = [&](const laws::Input* input) -> const std::vector<double>& {
    return model.inputs[static_cast<std::size_t>(input - law.inputs.data())];
  };
  out.of = model.size();
  const std::size_t shown = std::min(out.of, SeenRuns::most);
  for (std::size_t k = 0; k < shown; ++k) {
    const std::size_t row = k * out.of / shown;
    out.size.push_back(column(law.size())[row]);
    out.tokens.push_back(column(law.tokens())[row]);
    out.compute.push_back(compute[row]);
    out.loss.push_back(model.observed[row]);
  }
  return out;
}

json::Value to_json(const SeenRuns& runs) {
  const auto column = [](const std::vector<double>& values) {
    return json::Value(json::Array(values.begin(), values.end()));
  };
  json::Value out;
  out.set("of", runs.of);
  out.set("size", column(runs.size));
  out.set("tokens", column(runs.tokens));
  out.set("compute", column(runs.compute));
  out.set("loss", column(runs.loss));
  return out;
}

SeenRuns read_seen_runs(json::ObjectReader& reader) {
  SeenRuns out;
  const auto column = [&](const char* key) { return reader.numbers(key).value_or(std::vector<double>{}); };
  out.size = column("size");
  out.tokens = column("tokens");
  out.compute = column("compute");
  out.loss = column("loss");
  out.of = static_cast<std::size_t>(reader.number("of", {.minimum = 0, .maximum = 1e15}).value_or(0));
  for (const auto* other : {&out.tokens, &out.compute, &out.loss}) {
    if (other->size() != out.size.size()) {
      reader.fail("size", "the columns of the runs are not equally long", "write the fit again");
      return {};
    }
  }
  return out;
}

}  // namespace scaleplan::fit
