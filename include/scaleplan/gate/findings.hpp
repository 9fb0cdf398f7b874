#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scaleplan/base/quantity.hpp"
#include "scaleplan/gate/policy.hpp"
#include "scaleplan/json/document.hpp"
#include "scaleplan/plan/evaluate.hpp"

namespace scaleplan::gate {

/// Why a finding does not count.
struct Waiver {
  std::string reason;
  std::string expires;
};

/// One thing that a rule says of one proposal.
struct Finding {
  std::string rule;
  Level severity = Level::error;
  std::string subject;  ///< what it is about, stable from run to run: "cost_usd", "layout"
  std::string message;
  std::string proposal;  ///< file; empty: of none
  Place place;           ///< in the proposal, or in what it is held against
  double value = std::numeric_limits<double>::quiet_NaN();  ///< NaN: there is no number
  double limit = std::numeric_limits<double>::quiet_NaN();
  Dimension dimension = Dimension::number;
  std::string remedy;
  bool not_checked = false;  ///< the rule lacked its input
  std::optional<Waiver> waiver;

  /// Names the finding across runs: rule, proposal and subject, not the line or the numbers.
  [[nodiscard]] std::string fingerprint() const;
};

enum class State : std::uint8_t { passed, fired, not_checked, not_applicable, off };
std::string_view state_name(State state);

struct Checked {
  std::string rule;
  State state = State::passed;
  std::string reason;  ///< of what is not checked or does not apply
};

/// An outcome of the proposal beside that of a plan.
struct Difference {
  std::string quantity;
  Dimension dimension = Dimension::number;
  double proposed = 0;
  double planned = 0;
  [[nodiscard]] double relative() const { return (proposed - planned) / planned; }
};

enum class Status : std::uint8_t { pass, fail, nothing_checked };
std::string_view status_name(Status status);

struct CheckedProposal {
  std::string file;
  std::string name;
  std::string origin;
  Status status = Status::pass;
  std::vector<Checked> rules;
  std::vector<Difference> differences;  ///< every outcome that both have and that differs
  plan::Evaluation evaluation;
};

/// The answer of the gate. `fail` and `nothing_checked` hold when a finding weighs at least `fail_on`.
struct Findings {
  Status status = Status::pass;
  Level fail_on = Level::error;
  std::vector<Finding> findings;  ///< that count, then those waived; in the order of proposals and rules
  std::vector<CheckedProposal> proposals;
  std::size_t unchanged = 0;  ///< in the baseline and not worse: left out
  std::vector<std::string> unused_suppressions;
  std::string policy;  ///< file, or empty
  std::string against;
  std::string baseline;
  std::string scenario_digest;
  std::string policy_digest;
  std::string loss_digest;
};

/// An earlier scaleplan/findings/1: value of each finding by fingerprint (NaN: none).
using Baseline = std::map<std::string, double>;
Result<Baseline> read_baseline(const json::Document& document);

/// What a scaleplan/plan/1 expects, and what it was made with (empty: it does not say).
struct Reference {
  std::string file;
  std::map<std::string, double> outcomes;
  std::string catalogue;  ///< version
  std::string law;        ///< "chinchilla:epoch240"
  std::string loss_digest;
};
Result<Reference> read_reference(const json::Document& document);

/// "chinchilla:epoch240", "chinchilla" of a fit.
std::string law_name(const std::string& law, const std::string& set);

/// Findings as their document (schema scaleplan/findings/1).
json::Value to_json(const Findings& findings);

}  // namespace scaleplan::gate
