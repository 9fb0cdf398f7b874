#include "scaleplan/fit/blend.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "fit/blend/allocation.hpp"
#include "fit/blend/engine.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::fit {
namespace {

constexpr int planning_draws = 200;
constexpr double planning_reach = 1e4;

std::string window_name(double decades) {
  return std::isfinite(decades) ? fmt::format("{:g} decade{}", decades, decades == 1 ? "" : "s") : "all";
}

BlendRecord record_of(const BlendFit& blend) {
  BlendRecord record;
  for (std::size_t m = 0; m < blend.slots.size(); ++m) {
    const Slot& slot = blend.slots[m];
    MemberRecord member;
    member.law = blend.participants[slot.participant].law->id;
    member.window = window_name(slot.decades);
    member.rows = blend.whole.window_sizes[m];
    member.weight = blend.weights[m];
    member.weight_lost = blend.whole.weight_lost[m];
    member.rolling_error = blend.rolling_error[m];
    member.noise_ratio = blend.whole.surfaces[m].noise_ratio();
    member.surface_scale = blend.whole.surfaces[m].scale();
    record.members.push_back(member);
  }
  record.cuts = blend.cuts;
  record.noise = blend.noise;
  record.quantile = blend.quantile;
  record.held_out = blend.held_out;
  return record;
}

std::shared_ptr<BlendState> state_of(const BlendFit& blend) {
  auto state = std::make_shared<BlendState>();
  state->surfaces = blend.whole.surfaces;
  state->rows = blend.whole.features;
  state->row_weights = blend.whole.feature_weights;
  state->epochs_vary = !blend.data.unique.empty();
  state->noise = blend.noise;
  state->quantile = blend.quantile;
  state->least_ln_loss = blend.whole.least_ln_loss;
  state->top_compute = blend.whole.top_compute;
  return state;
}

Predictor predictor_of(const BlendFit& blend, const std::map<std::string, laws::Range>& range) {
  Predictor predictor;
  predictor.range = range;
  for (std::size_t m = 0; m < blend.slots.size(); ++m) {
    Member member;
    member.law = *blend.participants[blend.slots[m].participant].law;
    member.values = blend.whole.members[m].natural;
    member.weight = blend.weights[m];
    member.window = window_name(blend.slots[m].decades);
    predictor.members.push_back(std::move(member));
  }
  return predictor;
}

/// The flat region around `ln_size` on the budget line of the blend's laws.
laws::Range flat_region(const BlendAllocation& allocation, double ln_size, double compute, double relative) {
  const auto excess = [&](double x) {
    return allocation.ln_loss(std::exp(x), allocation.tokens_for(std::exp(x), compute));
  };
  const double limit = excess(ln_size) + std::log1p(relative);
  const auto end = [&](double direction) {
    double inside = 0;
    double outside = 0.05;
    while (excess(ln_size + direction * outside) < limit && outside < 20) {
      inside = outside;
      outside *= 1.5;
    }
    for (int round = 0; round < 50; ++round) {
      const double middle = 0.5 * (inside + outside);
      (excess(ln_size + direction * middle) < limit ? inside : outside) = middle;
    }
    return std::exp(ln_size + direction * inside);
  };
  return {end(-1), end(1)};
}

Optimum optimum_at(const BlendAllocation& allocation, const Predictor& predictor, const SizeRecord& record,
                   double level) {
  Optimum optimum;
  optimum.compute = record.compute;
  optimum.decades_outside = decades_outside(predictor, record.compute);
  const SizeEstimate best = allocation.best(record);
  optimum.found = std::isfinite(best.ln_size);
  if (!optimum.found) {
    optimum.reason = "no member of the blend has a compute-optimal size there";
    return optimum;
  }
  const double z = num::normal_quantile(0.5 + 0.5 * level);
  const double size = std::exp(best.ln_size);
  const double low = std::exp(best.ln_size - z * best.sd);
  const double high = std::exp(best.ln_size + z * best.sd);
  const auto tokens = [&](double n) { return allocation.tokens_for(n, record.compute); };
  optimum.size = {size, {low, high, true}};
  optimum.tokens = {tokens(size), {tokens(high), tokens(low), true}};
  optimum.tokens_per_parameter = {tokens(size) / size, {tokens(high) / high, tokens(low) / low, true}};
  Query query;
  query.compute = record.compute;
  for (const Member& member : predictor.members) {
    for (const laws::Input& input : member.law.inputs) {
      query.inputs[input.name] = &input == member.law.size()     ? size
                                 : &input == member.law.tokens() ? tokens(size)
                                                                 : input.fallback.value_or(1);
    }
  }
  const auto loss = predict(predictor, {query}, level, {});
  if (loss) {
    optimum.loss = {loss->front().value, loss->front().interval};
  }
  optimum.within_0_1_percent = flat_region(allocation, best.ln_size, record.compute, 0.001);
  optimum.within_0_5_percent = flat_region(allocation, best.ln_size, record.compute, 0.005);
  return optimum;
}

}  // namespace

Result<LawFit> fit_blend(const laws::Law& plain, const std::vector<laws::Law>& laws, const runs::Table& table,
                         const Options& options, const Control& control) {
  Options readable_options = options;
  readable_options.starts_from_data = true;
  Result<LawFit> readable = fit_law(plain, table, readable_options, control);
  if (!readable) {
    return readable;
  }
  Result<BlendFit> blended = run_blend(laws, table, options, control);
  if (!blended) {
    return blended.errors();
  }
  const BlendFit& blend = *blended;
  LawFit fit = std::move(*readable);
  auto state = state_of(blend);
  Predictor predictor = predictor_of(blend, fit.predictor.range);
  predictor.blend = state;
  predictor.runs = fit.predictor.runs;
  BlendRecord record = record_of(blend);
  const BlendAllocation allocation(blend, options.seed, control);
  record.minima = allocation.minima();
  record.power_law = isoflop_power_law(record.minima.minima, options.level);
  for (Optimum& optimum : fit.optimum) {
    record.sizes.push_back(allocation.at(optimum.compute));
    if (fit.answerable) {
      optimum = optimum_at(allocation, predictor, record.sizes.back(), options.level);
    }
  }
  const double bottom = *std::min_element(blend.data.compute.begin(), blend.data.compute.end());
  predictor.allocation = allocation.draws(options.bootstrap > 0 ? planning_draws : 0, options.seed, *state,
                                          bottom, blend.whole.top_compute * planning_reach);
  fit.predictor = std::move(predictor);
  fit.blend = std::make_shared<BlendRecord>(std::move(record));
  return fit;
}

}  // namespace scaleplan::fit
