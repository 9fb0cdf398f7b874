#include "gate/judgement.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <stdexcept>

namespace scaleplan::gate {

namespace {

constexpr double rounding = 1e-9;  // a limit that is missed by less is kept

// Why no number is known for a quantity that is limited.
std::string why_unknown(const Subject& subject, std::string_view quantity) {
  const plan::Evaluation& evaluation = subject.evaluation;
  if (!evaluation.loss_unknown.empty()) return evaluation.loss_unknown;
  if (quantity.starts_with("lifetime_") && evaluation.served == nullptr) {
    return evaluation.service_unknown.empty() ? "the deployment does not meet the demand"
                                              : evaluation.service_unknown;
  }
  if (!evaluation.machines_unknown.empty()) return evaluation.machines_unknown;
  return fmt::format(
      "what is known of the machines does not give {} (a price, a region or a node is missing)", quantity);
}

// Where the member is said, else the first of its own members, else the nearest that holds it.
Place place_of(const model::Proposal& proposal, const std::string& path) {
  if (proposal.places.contains(path)) return proposal.place_of(path);
  const Place* first = nullptr;
  for (const auto& [said, place] : proposal.places) {
    if (said.starts_with(path + ".") && (first == nullptr || place.line < first->line)) first = &place;
  }
  return first != nullptr && !path.empty() ? *first : proposal.place_of(path);
}

}  // namespace

const plan::Constraint* Subject::constraint(std::string_view name) const {
  const auto& all = evaluation.plan.constraints;
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& c) { return c.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::optional<double> Subject::outcome(std::string_view quantity) const {
  for (const plan::Outcome& outcome : evaluation.plan.outcomes) {
    if (outcome.quantity->key == quantity) return outcome.value;
  }
  return std::nullopt;
}

double Judgement::parameter(std::string_view name) const {
  if (setting_ != nullptr) {
    if (auto found = setting_->numbers.find(name); found != setting_->numbers.end()) return found->second;
  }
  for (const Parameter& parameter : rule_.parameters) {
    if (parameter.name == name) return parameter.fallback;
  }
  throw std::logic_error("rule without parameter " + std::string(name));
}

Finding& Judgement::fire(const std::string& subject, const std::string& path, std::string message,
                         std::string remedy) {
  Finding finding;
  finding.rule = rule_.id;
  finding.severity = rule_.level;
  finding.subject = subject;
  finding.message = std::move(message);
  finding.remedy = std::move(remedy);
  finding.proposal = proposal_.file;
  finding.place = place_of(proposal_, path);
  findings_.push_back(std::move(finding));
  return findings_.back();
}

void Judgement::unknown(std::string reason) {
  unknown_ = true;
  reason_ = std::move(reason);
}

void Judgement::not_applicable(std::string reason) {
  reason_ = std::move(reason);
}

State Judgement::state() const {
  if (!findings_.empty()) return State::fired;
  if (unknown_) return State::not_checked;
  return checked_ ? State::passed : State::not_applicable;
}

std::string percent(double share) {
  return format_number(100 * share, 3) + " %";
}

void judge_limits(const Subject& subject, Judgement& judgement,
                  std::initializer_list<std::string_view> quantities, const std::string& path,
                  const std::string& remedy) {
  const plan::Scenario& scenario = subject.setting.scenario;
  bool any = false;
  for (const auto* limits : {&scenario.budgets, &scenario.targets}) {
    for (const plan::Limit& limit : *limits) {
      if (std::find(quantities.begin(), quantities.end(), limit.quantity) == quantities.end()) continue;
      any = true;
      const plan::Constraint* kept = subject.constraint(limit.quantity);
      if (kept == nullptr) {
        judgement.unknown(why_unknown(subject, limit.quantity));
        continue;
      }
      judgement.pass();
      if (kept->used <= kept->limit + rounding * std::abs(kept->limit)) continue;
      const bool sure = subject.evaluation.plan.provenance.law_draws > 0 && scenario.confidence;
      Finding& finding = judgement.fire(
          limit.quantity, path,
          fmt::format("{} is {}{}, {} above the limit of {}", limit.quantity,
                      format_quantity(kept->used, kept->dimension),
                      sure ? fmt::format(" at confidence {}", format_number(*scenario.confidence, 3)) : "",
                      percent(kept->used / kept->limit - 1), format_quantity(kept->limit, kept->dimension)),
          remedy);
      finding.value = kept->used;
      finding.limit = kept->limit;
      finding.dimension = kept->dimension;
    }
  }
  if (!any) judgement.not_applicable("nothing limits it");
}

}  // namespace scaleplan::gate
