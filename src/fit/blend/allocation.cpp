#include "fit/blend/allocation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "scaleplan/num/parallel.hpp"
#include "scaleplan/num/random.hpp"
#include "scaleplan/num/statistics.hpp"

namespace scaleplan::fit {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t resample_count = 120;
constexpr double drift_per_nat = 0.10;
constexpr std::size_t least_minima = 3;
constexpr std::size_t knots = 17;
constexpr double one_sided_90 = 1.6448536269514722;

std::map<std::string, double> fixed_inputs(const laws::Law& law) {
  std::map<std::string, double> fixed;
  for (const laws::Input& input : law.inputs) {
    if (&input != law.size() && &input != law.tokens() && input.fallback) {
      fixed[input.name] = *input.fallback;
    }
  }
  return fixed;
}

AllocationRows rows_of(const BlendData& data) {
  return {data.compute, data.size, data.ln_loss};
}

/// Clusters that the caller or repeated run ids make; else rows of one size where there are enough sizes.
std::vector<std::vector<std::size_t>> clusters_of(const BlendFit& blend) {
  const Clusters& given = blend.participants.front().model.clusters;
  std::map<double, std::vector<std::size_t>> by_size;
  for (std::size_t row = 0; row < blend.data.rows(); ++row) {
    by_size[blend.data.size[row]].push_back(row);
  }
  std::vector<std::vector<std::size_t>> clusters;
  if (!given.single || by_size.size() < 8) {
    clusters.resize(given.count);
    for (std::size_t row = 0; row < blend.data.rows(); ++row) {
      clusters[given.of_row[row]].push_back(row);
    }
    return clusters;
  }
  for (auto& [size, members] : by_size) {
    clusters.push_back(std::move(members));
  }
  return clusters;
}

/// Refits of the plain member, weighted and penalised as in the blend, on resampled clusters.
std::vector<std::vector<double>> resample(const BlendFit& blend, std::uint64_t seed, const Control& control) {
  const Participant& plain = blend.participants.front();
  const auto clusters = clusters_of(blend);
  const std::vector<double> weights = row_weights(blend.data, blend.whole.rows);
  const MemberFit& whole = blend.whole.members.front();
  std::vector<std::vector<double>> values(resample_count);
  num::parallel_for(resample_count, control, [&](std::size_t k, std::size_t /*worker*/) {
    num::Random random(seed, k);
    std::vector<double> times(blend.data.rows(), 0.0);
    for (std::size_t c = 0; c < clusters.size(); ++c) {
      for (const std::size_t row : clusters[random.below(clusters.size())]) {
        times[row] += 1;
      }
    }
    for (std::size_t row = 0; row < times.size(); ++row) {
      times[row] *= weights[row];
    }
    Descender scratch(plain.model.program);
    const MemberFit fit = refit_member(plain, times, whole, scratch);
    if (!fit.theta.empty()) {
      values[k] = fit.natural;
    }
  });
  std::erase_if(values, [](const std::vector<double>& v) { return v.empty(); });
  return values;
}

}  // namespace

double prefix_size(const BlendFit& blend, const PrefixFit& prefix, double compute) {
  double sum = 0;
  std::size_t found = 0;
  for (std::size_t m = 0; m < blend.slots.size(); ++m) {
    const laws::Law& law = *blend.participants[blend.slots[m].participant].law;
    const laws::Allocation best =
        laws::Allocator(law, fixed_inputs(law)).solve(prefix.members[m].natural, compute);
    if (best.found) {
      sum += std::log(best.size);
      ++found;
    }
  }
  return found == 0 ? nan : std::exp(sum / static_cast<double>(found));
}

BlendAllocation::BlendAllocation(const BlendFit& blend, std::uint64_t seed, const Control& control)
    : blend_(blend) {
  for (const Slot& slot : blend.slots) {
    const laws::Law& law = *blend.participants[slot.participant].law;
    allocators_.emplace_back(law, fixed_inputs(law));
  }
  minima_ = isoflop_minima(rows_of(blend.data));
  if (minima_.minima.size() >= least_minima) {
    process_.emplace(minima_.minima);
  }
  if (blend.slots.front().participant == 0) {
    resamples_ = resample(blend, seed, control);
  }
}

SizeRecord BlendAllocation::at(double compute) const {
  SizeRecord record;
  record.compute = compute;
  std::vector<double> found;
  for (std::size_t m = 0; m < allocators_.size(); ++m) {
    const laws::Allocation best = allocators_[m].solve(blend_.whole.members[m].natural, compute);
    record.members.push_back(best.found ? best.size : nan);
    if (best.found) {
      found.push_back(std::log(best.size));
    }
  }
  if (found.empty()) {
    record.laws = nan;
    record.laws_sd = nan;
  } else {
    const double mean = num::mean(found);
    double spread = 0;
    for (const double ln_size : found) {
      spread += (ln_size - mean) * (ln_size - mean) / static_cast<double>(found.size());
    }
    std::vector<double> redrawn;
    for (const std::vector<double>& values : resamples_) {
      const laws::Allocation best = allocators_.front().solve(values, compute);
      if (best.found) {
        redrawn.push_back(std::log(best.size));
      }
    }
    const double resampled = num::standard_deviation(redrawn);
    const double drift = drift_per_nat * std::max(0.0, std::log(compute / blend_.whole.top_compute));
    record.laws = std::exp(mean);
    record.laws_sd = std::sqrt(spread + resampled * resampled + drift * drift);
  }
  record.minima = nan;
  record.minima_sd = nan;
  if (process_) {
    const SizeEstimate estimate = process_->at(compute);
    record.minima = std::exp(estimate.ln_size);
    record.minima_sd = estimate.sd;
  }
  return record;
}

SizeEstimate BlendAllocation::best(const SizeRecord& record) const {
  return process_ ? SizeEstimate{std::log(record.minima), record.minima_sd}
                  : SizeEstimate{std::log(record.laws), record.laws_sd};
}

double BlendAllocation::tokens_for(double size, double compute) const {
  return allocators_.front().tokens_for(size, compute);
}

double BlendAllocation::member_ln_loss(std::size_t member, double size, double tokens) const {
  return std::log(allocators_[member].loss(blend_.whole.members[member].natural, size, tokens));
}

double BlendAllocation::ln_loss(double size, double tokens) const {
  double sum = 0;
  for (std::size_t m = 0; m < allocators_.size(); ++m) {
    sum += blend_.weights[m] * member_ln_loss(m, size, tokens);
  }
  return sum;
}

Best BlendAllocation::own_best(double compute) const {
  std::vector<std::vector<double>> values;
  values.reserve(allocators_.size());
  for (const MemberFit& member : blend_.whole.members) {
    values.push_back(member.natural);
  }
  return weighted_best(allocators_, values, blend_.weights, compute);
}

AllocationDraws BlendAllocation::draws(int count, std::uint64_t seed, const BlendState& state, double from,
                                       double to) const {
  AllocationDraws out;
  std::vector<SizeRecord> records;
  std::vector<SizeEstimate> estimates;
  std::vector<BlendValue> values;
  for (std::size_t k = 0; k < knots; ++k) {
    out.ln_compute.push_back(std::log(from) + std::log(to / from) * static_cast<double>(k) / (knots - 1));
    const double compute = std::exp(out.ln_compute.back());
    records.push_back(at(compute));
    estimates.push_back(best(records.back()));
    const double size = std::exp(estimates.back().ln_size);
    const double tokens = tokens_for(size, compute);
    std::vector<double> members;
    for (std::size_t m = 0; m < allocators_.size(); ++m) {
      members.push_back(member_ln_loss(m, size, tokens));
    }
    values.push_back(blend_value(state, blend_.weights, members,
                                 feature(compute, size, tokens, 1, state.epochs_vary), compute));
    const Best own = own_best(compute);
    const bool known = std::isfinite(own.ln_size);
    out.point.shift.push_back(known ? estimates.back().ln_size - own.ln_size : 0.0);
    out.point.level.push_back(known ? values.back().ln_loss - own.ln_loss : 0.0);
  }
  for (std::size_t k = 0; k < static_cast<std::size_t>(std::max(count, 0)); ++k) {
    num::Random random(seed, k);
    double pick = random.uniform();
    std::size_t member = 0;
    while (member + 1 < blend_.weights.size() && pick >= blend_.weights[member]) {
      pick -= blend_.weights[member++];
    }
    const double size_normal = random.normal();
    const double loss_normal = random.normal();
    Move move;
    for (std::size_t knot = 0; knot < knots; ++knot) {
      const double compute = std::exp(out.ln_compute[knot]);
      const double target = estimates[knot].ln_size + size_normal * estimates[knot].sd;
      const double own = records[knot].members[member];
      const laws::Allocation best = allocators_[member].solve(blend_.whole.members[member].natural, compute);
      move.shift.push_back(std::isnan(own) ? 0.0 : target - std::log(own));
      const double wanted =
          values[knot].ln_loss + loss_normal * values[knot].scale * state.quantile / one_sided_90;
      move.level.push_back(best.found ? wanted - std::log(best.loss) : 0.0);
    }
    out.member.push_back(member);
    out.move.push_back(std::move(move));
  }
  return out;
}

}  // namespace scaleplan::fit
