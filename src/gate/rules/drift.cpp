#include <fmt/core.h>

#include "gate/judgement.hpp"
#include "scaleplan/base/version.hpp"

namespace scaleplan::gate {

namespace {

// Compares what was wanted with what this check used.
class Comparison {
 public:
  Comparison(const Subject& subject, Judgement& judgement) : subject_(subject), judgement_(judgement) {}

  void pin(const char* key, const std::string& wanted, const std::string& used, const Place& place) {
    compare(key, "the policy pins", wanted, used, place,
            "use what is pinned, or renew the pin after a review");
  }
  void plan(const std::string& who, const Reference& plan) {
    const plan::Provenance& ours = subject_.evaluation.plan.provenance;
    const Place place{plan.file, 0, 0, "/provenance"};
    const std::string remedy = "check with the plan's own --law, or plan again";
    compare("law", who, plan.law, law_name(ours.law, ours.set), place, remedy);
    compare("fit", who, plan.loss_digest, subject_.setting.loss_digest, place, remedy);
    compare("catalogue", who, plan.catalogue, ours.catalogue, place, "plan again with this catalogue");
  }

 private:
  void compare(const std::string& what, const std::string& who, const std::string& wanted,
               const std::string& used, const Place& place, const std::string& remedy) {
    if (wanted.empty()) return;
    judgement_.pass();
    if (wanted == used) return;
    judgement_
        .fire(what, "",
              fmt::format("{} {} {}, this check used {}", who, what, wanted, used.empty() ? "none" : used),
              remedy)
        .place = place;
  }

  const Subject& subject_;
  Judgement& judgement_;
};

void judge(const Subject& subject, Judgement& judgement) {
  const Setting& setting = subject.setting;
  const Pins& pins = setting.policy.pins;
  judgement.not_applicable("nothing is pinned");
  Comparison comparison(subject, judgement);
  comparison.pin("fit_sha256", pins.fit_sha256, setting.loss_digest, pins.fit_place);
  comparison.pin("catalogue", pins.catalogue, std::string(catalogue_version()), pins.catalogue_place);
  if (setting.against) comparison.plan("the plan to compare with was made with", *setting.against);
  if (subject.made_with != nullptr) comparison.plan("this plan was made with", *subject.made_with);
}

}  // namespace

const Rule& drift_rule() {
  static const Rule rule = {
      "SP601",
      "drift",
      Level::error,
      "catalogue or fit drift",
      "The check was made with another fit, or another version of the catalogue, than the policy pins; or "
      "a plan that is checked, or compared with, was made with another law or catalogue.",
      "pins under requires in the policy, or --against",
      "use the pinned inputs, or renew the pins after a review",
      {},
      judge};
  return rule;
}

}  // namespace scaleplan::gate
