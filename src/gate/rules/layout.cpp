#include "gate/judgement.hpp"

namespace scaleplan::gate {

namespace {

void judge(const Subject& subject, Judgement& judgement) {
  const plan::Evaluation& evaluation = subject.evaluation;
  if (!evaluation.illegal.empty()) {
    judgement.fire("layout", evaluation.illegal_path, "the layout is illegal: " + evaluation.illegal,
                   "scaleplan layout lists the layouts that are legal");
  } else if (!evaluation.machines_unknown.empty()) {
    judgement.unknown(evaluation.machines_unknown);
  } else {
    judgement.pass();
  }
}

}  // namespace

const Rule& layout_rule() {
  static const Rule rule = {
      "SP102",
      "layout",
      Level::error,
      "illegal layout",
      "The framework refuses the layout or the machines cannot hold it: degrees that do not multiply to the "
      "devices, heads or layers that a degree does not divide, a batch of no whole number of micro-batches, "
      "part-filled nodes, a type that the device lacks.",
      "a shape, a cluster, a number of devices, a layout and a batch",
      "choose degrees that the rule named in the message allows",
      {},
      judge};
  return rule;
}

}  // namespace scaleplan::gate
