#include <fmt/core.h>
#include <algorithm>

#include "gate/judgement.hpp"

namespace scaleplan::gate {

namespace {

// What a user changes first when memory runs out.
const char* memory_path(const model::Proposal& proposal) {
  return proposal.places.contains("layout.micro_batch") ? "layout.micro_batch" : "layout";
}

void judge(const Subject& subject, Judgement& judgement) {
  const plan::Evaluation& evaluation = subject.evaluation;
  if (!evaluation.memory) return judgement.unknown(evaluation.machines_unknown);
  const auto& fleet = subject.setting.scenario.fleet;
  const double headroom = std::max(judgement.parameter("headroom"), fleet ? fleet->layouts.headroom : 0.0);
  const double limit = (1 - headroom) * evaluation.memory_offered;
  judgement.pass();
  if (*evaluation.memory <= limit) return;
  const std::string free = headroom > 0 ? fmt::format(" without the headroom of {}", percent(headroom)) : "";
  Finding& finding = judgement.fire(
      "memory_bytes", memory_path(subject.proposal),
      fmt::format("the worst device needs {} of the {} that it has{}",
                  format_quantity(*evaluation.memory, Dimension::bytes),
                  format_quantity(limit, Dimension::bytes), free),
      "raise tp, pp or the ZeRO stage, lower the micro-batch, or recompute more (scaleplan layout lists what "
      "fits)");
  finding.value = *evaluation.memory;
  finding.limit = limit;
  finding.dimension = Dimension::bytes;
}

}  // namespace

const Rule& memory_rule() {
  static const Rule rule = {"SP101",
                            "memory",
                            Level::error,
                            "out of memory",
                            "The bytes that the worst device must hold (states, activations, buffers, the "
                            "allocator's reserve) exceed what the device reports, without the headroom.",
                            "a shape, a cluster, a number of devices, a layout and a batch",
                            "raise tp, pp or the ZeRO stage, lower the micro-batch, recompute more, or use "
                            "devices with more memory",
                            {{"headroom", 0.0, 0, 0.9,
                              "share of the device's memory that stays free, beside that of the scenario"}},
                            judge};
  return rule;
}

}  // namespace scaleplan::gate
