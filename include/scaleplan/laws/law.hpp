#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scaleplan/base/result.hpp"
#include "scaleplan/expr/expression.hpp"
#include "scaleplan/json/catalogue.hpp"
#include "scaleplan/json/document.hpp"
#include "scaleplan/laws/blend.hpp"

namespace scaleplan::laws {

/// Which parameters a size input counts (DESIGN §3); `none` for inputs that are no sizes.
enum class Counts { none, total, non_embedding, active, active_non_embedding, head_no_embedding };

struct Range {
  double low = 0;
  double high = 0;
};

/// One input of a law. `scale`: the unit the coefficients were fitted in (the form sees input / scale).
struct Input {
  std::string name;
  std::string unit;  ///< "parameters", "tokens", "bits", "1", …
  std::string
      column;  ///< run column it reads: params, non_embedding_params, active_params, tokens, unique_tokens, …
  Counts counts = Counts::none;
  double scale = 1;
  bool vector = false;
  std::optional<double> fallback;  ///< value when nobody gives one; absent: required
};

/// One coefficient. The fit works in ln(value) when `log`, else in the value itself; `start` (never empty)
/// and bounds are in that working coordinate, `fixed` is in natural units. `fixed` and `tie` take it out of
/// the fit.
struct Parameter {
  std::string name;
  bool log = false;
  std::vector<double> start;
  double lower = -1e300;
  double upper = 1e300;
  std::optional<double> fixed;
  std::string tie;  ///< name of the parameter it equals, or empty
};

struct Output {
  std::string name = "L";
  std::string unit = "nats/token";
  bool lower_is_better = true;
};

enum class Residual { log, raw };
enum class Loss { huber, squares, asymmetric };

/// How the source fitted it: residual of the output (log or raw), loss on it, Huber δ. Terms are summed.
/// `asymmetric`: the Huber loss, `asymmetry` times as heavy where the law lies above the row, for laws that
/// mean the best that can be reached.
struct FitSettings {
  Residual residual = Residual::log;
  Loss loss = Loss::huber;
  double delta = 1e-3;
  double asymmetry = 10;
};

/// A published number that a set must reproduce. `in` holds inputs, or `C` (FLOP) for the optimum at that
/// compute; `out` holds the output, N, D, any other input, or the name of a `let`. Vector inputs have lists.
struct Check {
  std::map<std::string, double> in;
  std::map<std::string, std::vector<double>> lists;
  std::map<std::string, double> out;
  double tolerance_rel = 1e-3;
  std::string source;
  std::string evidence;
};

/// Coefficients of one source. `draws`: rows of values in the order of `Law::parameters` (ties and fixed
/// ones included), or empty: then no intervals.
struct Set {
  std::string id;
  std::vector<double> values;  ///< in the order of Law::parameters, natural units
  std::vector<std::vector<double>> draws;
  std::map<std::string, Range> range;  ///< of inputs, of `C` and of the output, where the source gives it
  bool verified = false;               ///< read in the source or recomputed, not quoted from memory
  std::string source;
  std::string evidence;
  std::string notes;
  std::vector<Check> checks;
};

/// A law as its file says it. Expressions are in the natural units of inputs (FLOP, tokens, parameters):
/// input scales are already applied, definitions inlined.
struct Law {
  std::string id;
  std::string title;
  std::string source;
  std::string notes;
  std::string kind;  ///< "loss", …: which decision it serves
  std::vector<Input> inputs;
  Output output;
  std::string form_text;  ///< the expressions as the file writes them, before scales are applied
  std::string compute_text;
  std::map<std::string, std::string> optimum_text;
  std::vector<expr::Definition> lets;
  expr::Expression form;
  expr::Expression compute;                             ///< FLOP of a run from its inputs
  std::map<std::string, expr::Expression> definitions;  ///< each `let` by name
  std::map<std::string, expr::Expression> optimum;      ///< closed-form N, D from parameters, `C` and inputs
  std::vector<Parameter> parameters;
  FitSettings fit;
  std::vector<Set> sets;
  std::string default_set;                 ///< empty when the law has no sets
  std::shared_ptr<const BlendRole> blend;  ///< null: takes no part in blends

  [[nodiscard]] const Set* find_set(std::string_view set) const;
  [[nodiscard]] const Input* find_input(std::string_view name) const;
  /// The input that is the size in parameters, and the one that is the training tokens; nullptr when none.
  [[nodiscard]] const Input* size() const;
  [[nodiscard]] const Input* tokens() const;
  [[nodiscard]] std::vector<std::string> input_names() const;
  [[nodiscard]] std::vector<std::string> parameter_names() const;
};

/// Read and check a law document (schema scaleplan/law/1). All diagnostics at once: unknown keys, unknown
/// names in expressions with the nearest known one, sets with missing or foreign values. Its keys:
///
/// - `id`, `title`, `source`, `kind`, `notes`;
/// - `inputs`: name → {unit, counts, column, scale, default, vector}. Without `column`, sizes read the column
/// of
///   what they count (params, non_embedding_params, active_params, …), tokens read `tokens`, FLOP read
///   `flops`, anything else the column of its own name;
/// - `compute`: FLOP of a run from the inputs (default 6·size·tokens); `output`: {name, unit, better};
/// - `let`: list of {name, expr}, each of which may use those before it; `form`: the output;
/// - `optimum`: {size: expr, tokens: expr}, the closed form from parameters, definitions, `C` and other
/// inputs;
/// - `parameters`: name → {transform: log|none, start, lower, upper, fixed, tie}; without `start` the default
///   set's value is the only start; `fit`: {residual, loss, delta, asymmetry};
/// - `default_set` (default: the first) and `sets`: list of {id, values, draws, range, verified, source,
/// evidence,
///   notes, checks}. Values of fixed and tied parameters may be left out. `draws`: {columns, rows}.
///   `checks`: list of {in, out, tolerance_rel, source, evidence}; `in` has a list for a vector input.
Result<Law> read_law(const json::Document& document);

/// The document that `read_law` reads back as the same law.
json::Value to_json(const Law& law, bool with_sets = true);

/// Law and set named "id" or "id:set" in the catalogue; without a set, the law's default. An unknown id or
/// set is an error with the nearest one.
struct Selection {
  Law law;
  std::string set;  ///< empty when the law has no sets
};
Result<Selection> select_law(const json::Catalogue& catalogue, std::string_view name);

}  // namespace scaleplan::laws
