#include "gate/judgement.hpp"

namespace scaleplan::gate {

namespace {

void judge(const Subject& subject, Judgement& judgement) {
  judgement.pass();
  if (subject.evaluation.caveat.empty()) return;
  judgement.fire(
      "law", "", "the fit behind every number here is " + subject.evaluation.caveat,
      "fit on more runs that vary size and tokens independently (scaleplan design proposes which)");
}

}  // namespace

const Rule& identified_rule() {
  static const Rule rule = {
      "SP302",
      "identified",
      Level::warning,
      "the fit behind the law is not identified",
      "The document of the loss law says of itself that its parameters are not to be trusted.",
      "nothing beyond the loss law",
      "fit on more runs that vary size and tokens independently",
      {},
      judge};
  return rule;
}

}  // namespace scaleplan::gate
