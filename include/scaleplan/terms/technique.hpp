#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "scaleplan/base/result.hpp"
#include "scaleplan/expr/expression.hpp"
#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/json/document.hpp"

namespace scaleplan::terms {

enum class Op : std::uint8_t { set, multiply, add, replace_formula };

/// What a technique does to one term; savings of a cost are factors below 1. The size is a number or an
/// expression of the technique's inputs; a cost without a size is known by its direction only.
struct Effect {
  std::string term;
  Op op = Op::multiply;
  std::optional<double> value;
  expr::Expression formula;  ///< when the size is an expression
  std::string formula_text;
  std::optional<std::pair<double, double>> range;  ///< as published; `value` is its careful end
  std::string part;  ///< the share of the term that it acts on, in words; empty: all of it
  std::string note;

  [[nodiscard]] bool sized() const { return value.has_value() || !formula.empty(); }
};

/// A fact of a plan that `requires` may ask for.
using Fact = std::variant<bool, double, std::string>;
using Facts = std::map<std::string, Fact, std::less<>>;

enum class Relation : std::uint8_t { equal, at_least, at_most };

/// One member of `requires`: `key`, `key_min` or `key_max`.
struct Requirement {
  std::string field;
  Relation relation = Relation::equal;
  std::vector<Fact> values;  ///< any of them
};

/// A published number: with `in`, effects and the `derived` expressions must give `out`.
struct TechniqueCheck {
  std::map<std::string, double> in;
  std::vector<std::pair<std::string, expr::Expression>> derived;  ///< of inputs and terms
  std::vector<std::pair<std::string, expr::Expression>> out;      ///< of inputs
  double tolerance_rel = 0.005;
  std::string source;
};

enum class Use : std::uint8_t {
  plan,       ///< may be switched on
  best_case,  ///< the source says "up to": shown, never planned on
  reference   ///< a published result, or one that applies to nothing here; `why_not` says which
};

/// An effect that a paper reports: share/scaleplan/techniques, schema scaleplan/technique/1.
struct Technique {
  std::string id;
  std::string title;
  std::string source;
  std::string kind;  ///< technique | rule | case | workload
  Use use = Use::plan;
  std::string why_not;
  std::vector<Effect> effects;
  std::vector<std::string> inputs;  ///< names that formulas read: fields of the plan or of the user
  std::string conditions;
  std::vector<Requirement> requirements;
  std::vector<Effect> costs;
  std::string quality;
  std::vector<std::string> families;  ///< at most one technique of each, but for other terms of one source
  std::vector<std::string> excludes;
  std::string evidence;
  bool verified = false;  ///< read in the source itself: not remembered, not quoted by others
  std::vector<TechniqueCheck> checks;
  std::string notes;

  /// "arXiv:2502.16982": what two techniques of one paper share.
  [[nodiscard]] std::string paper() const;
};

/// Every diagnostic at once: unknown keys, terms and fields with the nearest known name; a size that is
/// missing; a technique for planning that acts on a term which is never planned on.
Result<Technique> read_technique(const json::Document& document);
Result<Technique> find_technique(const json::Catalogue& catalogue, std::string_view id);

/// Size of an effect; an error names the inputs that are missing or a result that is not finite.
Result<double> size_of(const Effect& effect, const std::string& technique,
                       const std::map<std::string, double>& inputs);

/// Largest relative error of a check (of a result that should be 0: absolute); NaN when it cannot be
/// computed.
double check_error(const Technique& technique, const TechniqueCheck& check);

/// What `requires` says of a plan.
struct Applicability {
  std::vector<std::string> unmet;    ///< in words, with what the plan has
  std::vector<std::string> unknown;  ///< fields that the plan does not state
};
Applicability applicability(const Technique& technique, const Facts& facts);

/// "devices at most 2048"
std::string to_text(const Requirement& requirement);

/// Fields that `requires` may name, sorted.
const std::vector<std::string>& requirement_fields();

std::string_view op_name(Op op);
std::string_view use_name(Use use);

}  // namespace scaleplan::terms
