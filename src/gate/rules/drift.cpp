#include <fmt/core.h>

#include "gate/judgement.hpp"
#include "scaleplan/base/version.hpp"

namespace scaleplan::gate {

namespace {

void judge(const Subject& subject, Judgement& judgement) {
  const Setting& setting = subject.setting;
  const Pins& pins = setting.policy.pins;
  bool any = false;
  const auto compare = [&](const char* what, const std::string& wanted, const std::string& found,
                           const std::string& who, const Place& place) {
    if (wanted.empty()) return;
    any = true;
    judgement.pass();
    if (wanted == found) return;
    Finding& finding = judgement.fire(what, "",
                                      fmt::format("{} wants {} {}, this check used {}", who, what, wanted,
                                                  found.empty() ? "one without a document" : found),
                                      "use the pinned input, or renew the pin after a review");
    finding.place = place;
  };
  compare("fit_sha256", pins.fit_sha256, setting.loss_digest, "the policy", pins.fit_place);
  compare("catalogue", pins.catalogue, std::string(catalogue_version()), "the policy", pins.catalogue_place);
  if (setting.against) {
    const Place place{setting.against->file, 0, 0, "/provenance"};
    compare("the law of the plan", setting.against->loss_digest, setting.loss_digest, setting.against->file,
            place);
    compare("the catalogue of the plan", setting.against->catalogue, std::string(catalogue_version()),
            setting.against->file, place);
  }
  if (!any) judgement.not_applicable("nothing is pinned");
}

}  // namespace

const Rule& drift_rule() {
  static const Rule rule = {
      "SP601",
      "drift",
      Level::error,
      "catalogue or fit drift",
      "The check was made with another fit, or another version of the catalogue, than the policy pins; or "
      "the plan that it is held against was made with another law or catalogue.",
      "pins under requires in the policy, or --against",
      "use the pinned inputs, or renew the pins after a review",
      {},
      judge};
  return rule;
}

}  // namespace scaleplan::gate
