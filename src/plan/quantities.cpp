#include "scaleplan/plan/quantities.hpp"

#include <algorithm>

namespace scaleplan::plan {

namespace {

constexpr bool yes = true;
constexpr bool no = false;

// key, dimension, sense, computed, uncertain, budget, target, objective, what
constexpr PlanQuantity table[] = {
    {"loss", Dimension::nats, Sense::lower, yes, yes, no, yes, yes, "the loss law at size and tokens"},
    {"train_flop", Dimension::flop, Sense::lower, yes, no, yes, no, yes,
     "training FLOP in the loss law's own convention"},
    {"train_flop_exact", Dimension::flop, Sense::lower, yes, no, yes, no, yes,
     "model FLOP of the shape: causal half of attention and logits in, recomputation out"},
    {"epochs", Dimension::number, Sense::neither, yes, no, no, no, no, "tokens over unique tokens"},
    {"step_time_s", Dimension::seconds, Sense::lower, yes, yes, no, no, no,
     "clean time of one optimiser step"},
    {"train_time_s", Dimension::seconds, Sense::lower, yes, yes, yes, no, yes,
     "wall time: steps over goodput, or exact FLOP at the assumed MFU"},
    {"mfu", Dimension::fraction, Sense::higher, yes, no, no, no, no, "exact FLOP over the dense peak"},
    {"memory_bytes", Dimension::bytes, Sense::lower, yes, no, yes, no, no, "worst device of the layout"},
    {"device_hours", Dimension::device_hours, Sense::lower, yes, yes, yes, no, yes,
     "devices times train time"},
    {"mean_power_w", Dimension::watts, Sense::lower, yes, no, no, no, no, "mean over the run"},
    {"site_peak_power_w", Dimension::watts, Sense::lower, yes, no, yes, no, no,
     "peak of the site under the cap"},
    {"rack_peak_power_w", Dimension::watts, Sense::lower, yes, no, yes, no, no, "peak of one rack"},
    {"checkpoint_bytes", Dimension::bytes, Sense::lower, yes, no, yes, no, no, "kept on storage at once"},
    {"energy_j", Dimension::joules, Sense::lower, yes, yes, yes, no, yes, "of the site over the run"},
    {"carbon_g", Dimension::grams, Sense::lower, yes, yes, yes, no, yes,
     "energy times grid intensity, and what making the devices takes where it is known"},
    {"cost_usd", Dimension::dollars, Sense::lower, yes, yes, yes, no, yes, "device-hours times their price"},
    {"lifetime_flop", Dimension::flop, Sense::lower, yes, yes, yes, no, yes,
     "training, and a third of it per token that is served, in the loss law's convention"},
    {"lifetime_cost_usd", Dimension::dollars, Sense::lower, yes, yes, yes, no, yes, "training and serving"},
    {"lifetime_energy_j", Dimension::joules, Sense::lower, yes, yes, yes, no, yes, "training and serving"},
    {"lifetime_carbon_g", Dimension::grams, Sense::lower, yes, yes, yes, no, yes, "training and serving"},
    {"score", Dimension::number, Sense::neither, yes, yes, no, yes, no, "the score law at the loss"},
};

}  // namespace

std::span<const PlanQuantity> plan_quantities() {
  return table;
}

const PlanQuantity* find_quantity(std::string_view key) {
  const auto* found =
      std::find_if(std::begin(table), std::end(table), [&](const auto& q) { return q.key == key; });
  return found == std::end(table) ? nullptr : found;
}

}  // namespace scaleplan::plan
