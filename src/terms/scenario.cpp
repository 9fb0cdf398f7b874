#include "scaleplan/terms/scenario.hpp"

#include <fmt/format.h>

#include <cmath>

namespace scaleplan::terms {

Stack read_stack(json::ObjectReader& reader, std::string_view key, const json::Catalogue& catalogue,
                 Diagnostics& diagnostics) {
  const auto ids = reader.strings(key);
  if (!ids) return {};
  const json::Array& items = reader.raw(key)->array();
  std::vector<Chosen> chosen;
  bool complete = true;
  for (std::size_t i = 0; i < ids->size(); ++i) {
    const Place place = reader.document().place(items[i], json::pointer_join(reader.pointer_to(key), i));
    Result<Technique> technique = find_technique(catalogue, (*ids)[i]);
    if (technique) {
      chosen.push_back({std::move(*technique), place});
      continue;
    }
    complete = false;
    for (Diagnostic diagnostic : technique.errors()) {
      if (diagnostic.place.file.empty()) diagnostic.place = place;
      diagnostics.push_back(std::move(diagnostic));
    }
  }
  Result<Stack> stack = Stack::combine(std::move(chosen));
  if (stack) return complete ? *stack : Stack();
  diagnostics.insert(diagnostics.end(), stack.errors().begin(), stack.errors().end());
  return {};
}

Result<LossEffects> loss_effects(const Stack& stack, double params, double tokens, double law_penalty,
                                 const std::map<std::string, double>& inputs) {
  LossEffects effects;
  Diagnostics diagnostics;
  const auto ratio = [&](const char* term, double base, bool positive) {
    const Result<Stacked> stacked = stack.apply(term, base, inputs);
    if (!stacked) {
      diagnostics.insert(diagnostics.end(), stacked.errors().begin(), stacked.errors().end());
      return 1.0;
    }
    if (positive && !(stacked->value > 0)) {
      diagnostics.push_back(error(fmt::format("{} becomes {}, which no law can read", term, stacked->value),
                                  fmt::format("leave out {}", stacked->steps.back().technique)));
    }
    effects.steps.insert(effects.steps.end(), stacked->steps.begin(), stacked->steps.end());
    return stacked->value / base;
  };
  const double worth = std::sqrt(ratio("train_flop", 1, true));
  effects.params_factor = ratio("effective_params", params, true) / worth;
  effects.tokens_factor = ratio("effective_tokens", tokens, true) / worth;
  const Result<Stacked> penalty = stack.apply("precision_loss_penalty", law_penalty, inputs);
  if (penalty) {
    effects.penalty = penalty->value;
    effects.steps.insert(effects.steps.end(), penalty->steps.begin(), penalty->steps.end());
  } else {
    diagnostics.insert(diagnostics.end(), penalty.errors().begin(), penalty.errors().end());
  }
  if (!diagnostics.empty()) return diagnostics;
  return effects;
}

}  // namespace scaleplan::terms
