#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "serving/search.hpp"

namespace scaleplan::serving {

namespace {

constexpr std::array<std::string_view, 4> read_terms{"decode_tokens_per_pass", "decode_weight_bytes",
                                                     "kv_bytes", "kv_usable_fraction"};

bool is_read(std::string_view term) {
  return std::find(read_terms.begin(), read_terms.end(), term) != read_terms.end();
}

terms::Facts facts_of(const Search& search, const Cut& cut, const Replica& replica) {
  // the precision as chosen: what techniques make of its bytes is their effect, not what they need
  const std::string& weights = cut.weights;
  terms::Facts facts;
  facts["weight_bits"] = weights.ends_with("4") ? 4.0 : weights.ends_with("8") ? 8.0 : 16.0;
  facts["compute"] = std::string(weights == "int4" || weights.ends_with("16") ? "fp16" : weights);
  facts["model"] = std::string(replica.body.routed() ? "moe" : "dense");
  facts["kv_cache"] = std::string("paged");
  facts["baseline"] = search.freedom.engine.name;
  facts["params"] = replica.body.dense_params + replica.body.expert_params;
  facts["tp"] = static_cast<double>(cut.tp);
  return facts;
}

}  // namespace

Diagnostics foreign_terms(const terms::Stack& techniques) {
  Diagnostics out;
  for (const terms::Technique& technique : techniques.techniques()) {
    for (const terms::Effect& effect : technique.effects) {
      if (is_read(effect.term)) continue;
      out.push_back(error(
          fmt::format("technique {} acts on {}, which serving does not read", technique.id, effect.term),
          fmt::format("serving reads {}", fmt::join(read_terms, ", "))));
    }
  }
  return out;
}

Result<Replica> with_techniques(Replica replica, const terms::Stack& techniques) {
  if (techniques.empty()) return replica;
  const std::pair<std::string_view, double*> acted_on[] = {
      {"decode_weight_bytes", &replica.numbers.dense.bytes},
      {"decode_weight_bytes", &replica.numbers.experts.bytes},
      {"kv_bytes", &replica.numbers.cache_bytes},
      {"kv_usable_fraction", &replica.cache_usable},
      {"decode_tokens_per_pass", &replica.tokens_per_pass},
  };
  for (const auto& [term, value] : acted_on) {
    const Result<terms::Stacked> stacked = techniques.apply(term, *value, {});
    if (!stacked) return stacked.errors();
    *value = stacked->value;
  }
  return replica;
}

std::string inapplicable(const Search& search, const Cut& cut, const Replica& replica) {
  const terms::Facts facts = facts_of(search, cut, replica);
  for (const terms::Technique& technique : search.freedom.techniques.techniques()) {
    const terms::Applicability applies = terms::applicability(technique, facts);
    if (!applies.unmet.empty()) {
      return fmt::format("technique {} does not apply: {}", technique.id, fmt::join(applies.unmet, ", "));
    }
  }
  return {};
}

std::vector<Assumed> unchecked(const Search& search) {
  std::vector<Assumed> out;
  const std::vector<Cut> all = cuts(search);
  if (all.empty()) return out;
  const Result<Replica> replica = replica_of(search, all.front());
  if (!replica) return out;
  for (const terms::Technique& technique : search.freedom.techniques.techniques()) {
    for (const std::string& field :
         terms::applicability(technique, facts_of(search, all.front(), *replica)).unknown) {
      out.push_back({"technique " + technique.id, "applies", "not checked: " + field});
    }
    for (const terms::Effect& cost : technique.costs) {
      if (is_read(cost.term)) continue;
      out.push_back({"technique " + technique.id, "its price in " + cost.term + " is not counted",
                     cost.note.empty() ? "serving does not read it" : cost.note});
    }
  }
  return out;
}

}  // namespace scaleplan::serving
