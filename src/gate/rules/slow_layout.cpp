#include <fmt/core.h>

#include "gate/judgement.hpp"

namespace scaleplan::gate {

namespace {

void judge(const Subject& subject, Judgement& judgement) {
  if (!subject.setting.against) return judgement.not_applicable("no plan to hold it against");
  const std::optional<double> mfu = subject.outcome("mfu");
  const auto& known = subject.setting.against->outcomes;
  const auto best = known.find("mfu");
  if (!mfu) return judgement.unknown(subject.evaluation.machines_unknown);
  if (best == known.end()) return judgement.unknown("the plan to hold it against has no utilisation");
  judgement.pass();
  const double limit = (1 - judgement.parameter("max_slower")) * best->second;
  if (*mfu >= limit) return;
  Finding& finding = judgement.fire(
      "mfu", "layout",
      fmt::format("the layout reaches {} of the peak, the plan {}", percent(*mfu), percent(best->second)),
      "take the plan's layout, or ask scaleplan layout for the fastest that fit");
  finding.value = *mfu;
  finding.limit = limit;
  finding.dimension = Dimension::fraction;
}

}  // namespace

const Rule& slow_layout_rule() {
  static const Rule rule = {"SP103",
                            "slow-layout",
                            Level::warning,
                            "layout far from the best known",
                            "The model FLOP utilisation that the layout reaches is lower than that of the "
                            "plan it is held against by more than max_slower.",
                            "a plan on machines (--against), and what SP101 needs",
                            "take the plan's layout, or ask scaleplan layout for the fastest that fit",
                            {{"max_slower", 0.1, 0, 1, "share of the plan's utilisation that may be lost"}},
                            judge};
  return rule;
}

}  // namespace scaleplan::gate
