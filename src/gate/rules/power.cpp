#include "gate/judgement.hpp"

namespace scaleplan::gate {

namespace {

void judge(const Subject& subject, Judgement& judgement) {
  judge_limits(subject, judgement, {"site_peak_power_w", "rack_peak_power_w"}, "devices",
               "use fewer devices or cap their power");
}

}  // namespace

const Rule& power_rule() {
  static const Rule rule = {"SP406",
                            "power",
                            Level::error,
                            "power limit exceeded",
                            "The peak of the site or of one rack exceeds the limit: a peak, never a mean.",
                            "a cluster and a number of devices, and the limit in the scenario",
                            "use fewer devices or cap their power",
                            {},
                            judge};
  return rule;
}

}  // namespace scaleplan::gate
