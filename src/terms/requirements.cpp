#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <sstream>

#include "scaleplan/base/quantity.hpp"
#include "scaleplan/terms/technique.hpp"

namespace scaleplan::terms {

namespace {

// sorted
constexpr std::string_view field_names =
    "adapters architecture baseline baseline_fraction batch benchmark checkpointing compute "
    "concurrency corpus datastore decoding device devices epochs fabric features hardware "
    "kept_fraction kv_cache kv_format layers layout local_model local_steps loss method "
    "metric model nodes objective offload optimizer params part payload_bits phase pp "
    "precision proxy_params real_fraction reference_models replicas retrieval scheduler "
    "sequence sparsity staleness_steps start step target target_params tasks tokens "
    "tokens_per_pass topology tp training use weight_bits workload zero";

std::string text_of(const Fact& fact) {
  if (const auto* flag = std::get_if<bool>(&fact)) return *flag ? "yes" : "no";
  if (const auto* number = std::get_if<double>(&fact)) return format_number(*number, 10);
  return std::get<std::string>(fact);
}

bool same(const Fact& a, const Fact& b) {
  const auto* x = std::get_if<double>(&a);
  const auto* y = std::get_if<double>(&b);
  if (x != nullptr && y != nullptr) return std::abs(*x - *y) <= 1e-9 * std::abs(*y);
  return a == b;
}

bool meets(const Requirement& requirement, const Fact& fact) {
  if (requirement.relation == Relation::equal) {
    return std::ranges::any_of(requirement.values, [&](const Fact& value) { return same(fact, value); });
  }
  const auto* have = std::get_if<double>(&fact);
  const double limit = std::get<double>(requirement.values.front());
  if (have == nullptr) return false;
  return requirement.relation == Relation::at_least ? *have >= limit : *have <= limit;
}

}  // namespace

std::string to_text(const Requirement& requirement) {
  std::string text;
  for (const Fact& value : requirement.values) text += (text.empty() ? "" : " or ") + text_of(value);
  switch (requirement.relation) {
    case Relation::equal:
      return requirement.field + " " + text;
    case Relation::at_least:
      return requirement.field + " at least " + text;
    case Relation::at_most:
      return requirement.field + " at most " + text;
  }
  return text;
}

const std::vector<std::string>& requirement_fields() {
  static const std::vector<std::string> fields = [] {
    std::istringstream words{std::string(field_names)};
    return std::vector<std::string>(std::istream_iterator<std::string>(words), {});
  }();
  return fields;
}

Applicability applicability(const Technique& technique, const Facts& facts) {
  Applicability result;
  for (const Requirement& requirement : technique.requirements) {
    const auto fact = facts.find(requirement.field);
    if (fact == facts.end()) {
      result.unknown.push_back(requirement.field);
    } else if (!meets(requirement, fact->second)) {
      result.unmet.push_back(fmt::format("{} asks for {}, and the plan has {}", technique.id,
                                         to_text(requirement), text_of(fact->second)));
    }
  }
  return result;
}

}  // namespace scaleplan::terms
