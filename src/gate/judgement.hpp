#pragma once

#include <string>
#include <vector>

#include "scaleplan/gate/check.hpp"
#include "scaleplan/gate/rule.hpp"

namespace scaleplan::gate {

/// What a rule may look at.
struct Subject {
  const model::Proposal& proposal;
  const plan::Evaluation& evaluation;
  const Setting& setting;
  const Reference* made_with = nullptr;  ///< of a proposal that is a plan

  [[nodiscard]] const plan::Constraint* constraint(std::string_view name) const;
  [[nodiscard]] std::optional<double> outcome(std::string_view quantity) const;
};

/// What a rule says of one proposal: it fires, passes, lacks its input, or has nothing to judge.
class Judgement {
 public:
  Judgement(const Rule& rule, const RuleSetting* setting, const model::Proposal& proposal)
      : rule_(rule), setting_(setting), proposal_(proposal) {}

  [[nodiscard]] double parameter(std::string_view name) const;

  /// `path`: the member of the proposal that it is about.
  Finding& fire(const std::string& subject, const std::string& path, std::string message,
                std::string remedy = {});
  void pass() { checked_ = true; }
  void unknown(std::string reason);
  void not_applicable(std::string reason);

  [[nodiscard]] State state() const;
  [[nodiscard]] const std::string& reason() const { return reason_; }
  [[nodiscard]] std::vector<Finding>& findings() { return findings_; }

 private:
  const Rule& rule_;
  const RuleSetting* setting_;
  const model::Proposal& proposal_;
  std::vector<Finding> findings_;
  bool checked_ = false;
  bool unknown_ = false;
  std::string reason_;
};

/// "12.3 %"
std::string percent(double share);

/// Fires for each of the scenario's limits on `quantities` that the proposal does not keep, at `path`.
void judge_limits(const Subject& subject, Judgement& judgement,
                  std::initializer_list<std::string_view> quantities, const std::string& path,
                  const std::string& remedy);

}  // namespace scaleplan::gate
